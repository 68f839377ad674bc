"""The notes on the example workflows, in Markdown."""

WEIGHTS = """
**Red, or "missing models"?** That is only an offer. Press **Run**: Sapiens' model (1.70 GB) and its
detector (172 MB) are downloaded into `models/sapiens` the first time.
"""
OTHER_WEIGHTS = """
**Red, or "missing models"?** That is only an offer: *View details* fetches what you lack: {files}.
Sapiens' model (1.70 GB) and its detector (172 MB) come by themselves with the first **Run**.
"""
PHOTO = "Choose a photo in **Load Image**: people from head to foot, not hidden, not tiny."
CLIP = "Choose a clip in **Load Video**: people from head to foot; a few seconds to begin with."

SKELETON_NOTE = f"""\
## Photo to skeleton

1. {PHOTO}
2. Press **Run**. The skeletons appear on the node, and in `output`.

Connect *image* to *Apply ControlNet*. Graphs made for DWPose: put this node where DWPose stood.
{WEIGHTS}"""

CONTROLNET_NOTE = f"""\
## Photo to OpenPose to ControlNet

1. {PHOTO}
2. Press **Run**. The skeletons appear on **Sapiens Pose**, the ControlNet picture on
   **Render Sapiens Pose**.
3. Change the prompt and run again: the pose is kept, the network does not run a second time.

**Size.** Render draws at 768 x 512, the size of the empty latent. Change both together.

**Only one of several people?** Put *Select Sapiens People* before Render.

**Other models.** Any OpenPose ControlNet works: *for_model* on Render draws what it was trained on.
{OTHER_WEIGHTS.format(files="Stable Diffusion 1.5, 2.13 GB; ControlNet, 0.72 GB")}"""

XINSIR_NOTE = f"""\
## Photo to SDXL, by xinsir's ControlNet

1. {PHOTO}
2. Press **Run**. The skeletons appear on **Pose Keypoints OpenPose**, the thick ones that this
   ControlNet knows on **Render Sapiens Pose**: *for_model* is *xinsir*.
3. Change the prompt and run again: the pose is kept.

**Size.** Render draws at 1024 x 1024, the size of the empty latent. Change both together.

**A name to look at.** The file of this ControlNet is `diffusion_pytorch_model.safetensors`, as of
some others: if you have another one of that name, give this one a new name and choose it.
{OTHER_WEIGHTS.format(files="SDXL, 6.94 GB; ControlNet, 2.50 GB")}"""

Z_IMAGE_NOTE = f"""\
## Photo to Z-Image, by Fun

1. {PHOTO}
2. Press **Run**. The skeletons that Fun knows appear on **Render Sapiens Pose**: *for_model* is
   *fun*.
3. Change the prompt and run again: the pose is kept.

**Size.** Render draws at 1024 x 1024, the size of the empty latent. Change both together, by 16.

**Too stiff?** Lower *strength* on the Fun node, to 0.7 for example.
{
    OTHER_WEIGHTS.format(
        files="Z-Image-Turbo, 12.3 GB; text encoder, 8.04 GB; VAE, 0.34 GB; Fun, 3.1 GB"
    )
}"""

JSON_NOTE = f"""\
## All 308 points as JSON

{PHOTO} Then press **Run**.

**Sapiens Pose to JSON** gives text for other nodes; **Save Sapiens Pose** writes the same into
`output/poses`.

| format | take it for |
|---|---|
| `sapiens` | all 308 points with their scores |
| `comfy` | pose editors and nodes with a POSE_KEYPOINT input |
| `openpose` | programs that read OpenPose's files |
| `openpose-editor` | A1111, Forge and their pose editors |
| `coco`, `coco-wholebody` | benchmarks |

The style *dense* shows what is in the file.
{WEIGHTS}"""

PEOPLE_NOTE = f"""\
## Boxes from RT-DETR, drawing by SDPose

{PHOTO} Then press **Run**.

ComfyUI's own **RT-DETR** finds the people, **Sapiens Pose** finds each one's pose, and ComfyUI's
own **SDPose** nodes use it: POSE_KEYPOINT fits them as it is. Boxes from any other detector can be
connected in the same way; then *detector* on Sapiens Pose does nothing.

* Somebody missing? Lower *threshold* on RT-DETR.
* Too many boxes? Raise it, and keep *class_name* at *person*.
* The faces are cut out at the bottom right: SDPose finds them in POSE_KEYPOINT.
{OTHER_WEIGHTS.format(files="RT-DETR, 0.12 GB")}"""

VIDEO_NOTE = f"""\
## Video to skeleton frames

1. {CLIP}
2. Press **Run**. The skeletons become a video with the clip's speed and sound, in `output/video`.
3. **Track** knows each person again from frame to frame, **Smooth** takes out the jitter. One
   dancer only? Put *Select Sapiens People* between them.

* Every frame gives a skeleton frame, also where nobody is seen: the clip keeps its length.
* **flip_test** is off: twice as fast, and slightly less exact.
* For Wan, VACE and the like connect Render's *image* to the model's pose or control video.
{WEIGHTS}"""


CLIP_NOTE = f"""\
## One person of a video, and the face

1. {CLIP} Then press **Run**.
2. **Track Sapiens People** gives everybody a number that stays; at a cut all get new ones.
   *color_by_person* on Render shows them: the first colour is number 0.
3. **Smooth Sapiens Poses** takes out the jitter. *strength* is the one knob.
4. **Select Sapiens People** keeps number 0. Empty *track_ids* to keep all.
5. **Sapiens Body Parts** cuts out one face a frame, as WanAnimate and face detailers want it.

For a ControlNet turn *color_by_person* off, and take the style *openpose*.
{WEIGHTS}"""

RETARGET_NOTE = f"""\
## A video's motion on another character

1. Choose a driving clip in **Load Video**, people from head to foot, and a photo of the character
   in **Load Image**: upright, seen from the front, arms and legs visible.
2. Set the size of the video that you want to make in **Upscale Image**.
3. Press **Run**. **Retarget Sapiens Poses** shows driver, reference and result side by side; the
   skeleton video goes into `output/video`.
4. For **Wan Animate** connect Render's *image* to `pose_video`, and the image of **Upscale Image**
   to `reference_image`. SteadyDancer and One-to-All take them in the same way.

* The skeleton starts where the character stands, in its size. To replace the driver in the driving
  clip itself, set *placement* to *as the driver*.
* Does the character's head become a mask? Turn *face* off.
{WEIGHTS}"""

EDIT_NOTE = f"""\
## Edit a pose

1. {PHOTO}
   Press **Run**: **Edit Sapiens Pose** shows everybody.
2. Drag a joint. Elbows and knees turn, wrists and ankles pull their limb; **Alt** moves one joint
   alone. *Hide* leaves a person out, *As detected* takes their edits back.
3. Press **Run** again: the network does not run a second time. The drawing is for any ControlNet.

Edits are saved with the workflow.
{WEIGHTS}"""

WAN_ANIMATE_NOTE = f"""## Your character moves as the person in a clip does

1. {CLIP}
   Choose the character in **Load Image**.
2. **Render Sapiens Pose** draws what Wan2.2 Animate was trained on; its **width** and **height** go
   into the model's node. Type the size of the character's image, in multiples of 16.
3. **Wan Animate Inputs** cuts the face of the person with the id 0. Another id: another person.
4. To give the clip's motion the character's proportions, put **Retarget Sapiens Poses** before
   *Render*.

*length* is 4n + 1 frames; the model was trained at 30 frames per second. The three networks and the
text encoder are offered for download; the bf16 file has 35 GB.
{WEIGHTS}"""

VACE_NOTE = f"""## People of your prompt move as the people in a clip do

1. {CLIP}
   Write the prompt.
2. **Render Sapiens Pose** draws what VACE was trained on: red and blue exchanged, faces, no hands,
   from a short side of 1024 pixels. Several people are fine.
3. Its **width** and **height** go into the model's node. 832 x 480 suits the 1.3B model.

*length* is 4n + 1 frames, usually 81; frames beyond the clip are free. For somebody who is known,
connect an image to *reference_image*.
{WEIGHTS}"""

LTX_NOTE = f"""## People of your prompt move as the people in a clip do, with LTX-2.3

1. {CLIP}
   Write the prompt.
2. **Render Sapiens Pose** draws what LTX-2's IC-LoRA for poses was trained on; its **width** and
   **height** go into the empty latent. The union LoRA wants sides in multiples of 64.
3. **Get IC-LoRA Parameters** tells **LTXVAddGuide** that this LoRA takes its drawings at half size.

*length* is 8n + 1 frames; type the same into *frames_number* of the audio, and the clip's rate into
*frame_rate*. The video keeps the clip's sound: for LTX-2's own, decode the audio latent with
**LTXV Audio VAE Decode**. LTX-2 (19B) has a LoRA for poses alone, in
`Lightricks/LTX-2-19b-IC-LoRA-Pose-Control`.
{OTHER_WEIGHTS.format(files="checkpoint, text encoder, and two LoRAs of 7.6 and 0.65 GB")}"""

IDENTITIES_NOTE = f"""## Who is who: SAM 3 and Sapiens

1. {CLIP}
   It needs a ComfyUI that has *Run SAM3 Video Track*.
2. SAM 3 follows every *person* of the prompt; **Sapiens Pose** finds the pose of each, and keeps
   SAM's number as the id. Say more in the prompt to follow fewer: *dancer in red*.
3. **Sapiens Identity Masks** gives SCAIL-2 one colour per person: connect it to *pose_video_mask*
   of *WanSCAILToVideo*.

Does **Sapiens Pose** tell that a track breaks? Put *Track Sapiens People* behind it.
{OTHER_WEIGHTS.format(files="SAM 3.1, for which its own licence holds")}"""
