"""The notes on the example workflows, in Markdown."""

WEIGHTS = """
**Red, or "missing models"?** That is only an offer. Press **Run**: Sapiens' model (1.70 GB) and its
detector (172 MB) are downloaded into `models/sapiens` the first time.
"""
OTHER_WEIGHTS = """
**Red, or "missing models"?** That is only an offer: *View details* downloads the missing files:
{files}. The first **Run** downloads Sapiens' model (1.70 GB) and its detector (172 MB).
"""
PHOTO = "Choose a photo in **Load Image**: people from head to foot, large and not hidden."
CLIP = "Choose a clip in **Load Video**: a few seconds that show people from head to foot."

SKELETON_NOTE = f"""\
## Photo to skeleton

1. {PHOTO}
2. Press **Run**. The skeletons appear on the node, and in `output`.

Connect *image* to *Apply ControlNet*. In graphs made for DWPose, put this node in its place.
{WEIGHTS}"""

CONTROLNET_NOTE = f"""\
## Photo to OpenPose to ControlNet

1. {PHOTO}
2. Press **Run**. The skeletons appear on **Sapiens Pose**, the image for the ControlNet on
   **Render Sapiens Pose**.
3. Change the prompt and run again. The pose is kept, so the network does not run again.

**Size.** Render draws at 768 x 512, the size of the empty latent. Change both together.

**Only one of several people?** Put *Select Sapiens People* before Render.

**Other models.** Any OpenPose ControlNet works. Choose it in *for_model* on Render.
{OTHER_WEIGHTS.format(files="Stable Diffusion 1.5, 2.13 GB; ControlNet, 0.72 GB")}"""

XINSIR_NOTE = f"""\
## Photo to SDXL, by xinsir's ControlNet

1. {PHOTO}
2. Press **Run**. The skeletons appear on **Pose Keypoints OpenPose**. The thick ones that this
   ControlNet was trained on appear on **Render Sapiens Pose**, with *for_model* *xinsir*.
3. Change the prompt and run again. The pose is kept.

**Size.** Render draws at 1024 x 1024, the size of the empty latent. Change both together.

**Check the file name.** This ControlNet's file is `diffusion_pytorch_model.safetensors`, as of
others. If you have another file of that name, rename this one, then choose it.
{OTHER_WEIGHTS.format(files="SDXL, 6.94 GB; ControlNet, 2.50 GB")}"""

Z_IMAGE_NOTE = f"""\
## Photo to Z-Image, by Fun

1. {PHOTO}
2. Press **Run**. The skeletons that Fun was trained on appear on **Render Sapiens Pose**, with
   *for_model* *fun*.
3. Change the prompt and run again. The pose is kept.

**Size.** Render draws at 1024 x 1024, the size of the empty latent. Change both together, in
steps of 16.

**Too stiff?** Lower *strength* on the Fun node, to 0.7 for example.
{
    OTHER_WEIGHTS.format(
        files="Z-Image-Turbo, 12.3 GB; text encoder, 8.04 GB; VAE, 0.34 GB; Fun, 3.1 GB"
    )
}"""

JSON_NOTE = f"""\
## All 308 keypoints as JSON

{PHOTO} Then press **Run**.

**Sapiens Pose to JSON** gives text for other nodes; **Save Sapiens Pose** saves the same to
`output/poses`.

| format | use it for |
|---|---|
| `sapiens` | all 308 keypoints with their scores |
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
own **SDPose** nodes use it: they take POSE_KEYPOINT as it is. You can connect boxes from any other
detector in the same way. *detector* on Sapiens Pose then has no effect.

* Somebody missing? Lower *threshold* on RT-DETR.
* Too many boxes? Raise it, and keep *class_name* at *person*.
* The face crops are at the bottom right: SDPose finds the faces in POSE_KEYPOINT.
{OTHER_WEIGHTS.format(files="RT-DETR, 0.12 GB")}"""

VIDEO_NOTE = f"""\
## Video to skeleton frames

1. {CLIP}
2. Press **Run**. The skeletons become a video with the clip's speed and sound, in `output/video`.
3. **Track** recognises each person from frame to frame, and **Smooth** removes jitter. Only one
   dancer? Put *Select Sapiens People* between them.

* Every frame gives a skeleton frame, even if nobody is visible, so the clip keeps its length.
* **flip_test** is off: this is twice as fast and slightly less accurate.
* For Wan, VACE and others, connect Render's *image* to the model's pose or control video.
{WEIGHTS}"""


CLIP_NOTE = f"""\
## One person of a video, and the face

1. {CLIP} Then press **Run**.
2. **Track Sapiens People** gives everybody an id, which stays until the next cut.
   *color_by_person* on Render shows the ids: the first colour is id 0.
3. **Smooth Sapiens Poses** removes jitter. *strength* sets how much.
4. **Select Sapiens People** keeps id 0. To keep everybody, empty *track_ids*.
5. **Sapiens Body Parts** cuts out one face per frame, for WanAnimate and face detailers.

For a ControlNet, turn *color_by_person* off and choose the style *openpose*.
{WEIGHTS}"""

RETARGET_NOTE = f"""\
## A video's motion on another character

1. Choose a driving clip in **Load Video**, people from head to foot, and a photo of the character
   in **Load Image**: upright, seen from the front, arms and legs visible.
2. Set the size of the new video in **Upscale Image**.
3. Press **Run**. **Retarget Sapiens Poses** shows driver, reference and result side by side; the
   skeleton video is saved to `output/video`.
4. For **Wan Animate** connect Render's *image* to `pose_video`, and the image of **Upscale Image**
   to `reference_image`. SteadyDancer and One-to-All work in the same way.

* The skeleton starts where the character stands, in its size. To replace the driver in the driving
  clip itself, set *placement* to *as the driver*.
* Does the character get a mask instead of a face? Turn *face* off.
{WEIGHTS}"""

EDIT_NOTE = f"""\
## Edit a pose

1. {PHOTO}
   Press **Run**: **Edit Sapiens Pose** shows everybody.
2. Drag a joint. Elbows and knees turn, wrists and ankles pull their limb. Hold **Alt** to move
   only one joint. *Hide* removes a person, *As detected* removes their edits.
3. Press **Run** again. The network does not run again. The drawing is for any OpenPose ControlNet.

Edits are saved with the workflow.
{WEIGHTS}"""

WAN_ANIMATE_NOTE = f"""## Your character moves like the person in a clip

1. {CLIP}
   Choose the character in **Load Image**.
2. **Render Sapiens Pose** draws what Wan2.2 Animate was trained on; its **width** and **height**
   are connected to the model's node. Type the size of the character's image, in multiples of 16.
3. **Wan Animate Inputs** cuts out the face of the person with the id 0. For another person, change
   the id.
4. To give the figure the character's proportions, put **Retarget Sapiens Poses** before
   *Render*.

*length* is 4n + 1 frames; the model was trained at 30 frames per second. The three networks and the
text encoder are offered for download; the bf16 file has 35 GB.
{WEIGHTS}"""

VACE_NOTE = f"""## The people of your prompt move like the people in a clip

1. {CLIP}
   Write the prompt.
2. **Render Sapiens Pose** draws what VACE was trained on: red and blue exchanged, faces, no hands,
   from a short side of 1024 pixels. Several people are fine.
3. Its **width** and **height** are connected to the model's node. 832 x 480 suits the 1.3B model.

*length* is 4n + 1 frames, usually 81; after the end of the clip, the model is free. To show a
certain person, connect an image to *reference_image*.
{WEIGHTS}"""

LTX_NOTE = f"""## The people of your prompt move like the people in a clip, with LTX-2.3

1. {CLIP}
   Write the prompt.
2. **Render Sapiens Pose** draws what LTX-2's IC-LoRA for poses was trained on; its **width** and
   **height** are connected to the empty latent. The union LoRA needs sides in multiples of 64.
3. **Get IC-LoRA Parameters** tells **LTXVAddGuide** that this LoRA takes its drawings at half size.

*length* is 8n + 1 frames; type the same into *frames_number* of the audio, and the clip's rate into
*frame_rate*. The video keeps the clip's sound. For LTX-2's own sound, decode the audio latent with
**LTXV Audio VAE Decode**. LTX-2 (19B) has a LoRA for poses only, in
`Lightricks/LTX-2-19b-IC-LoRA-Pose-Control`.
{OTHER_WEIGHTS.format(files="checkpoint, text encoder, and two LoRAs of 7.6 and 0.65 GB")}"""

IDENTITIES_NOTE = f"""## Who is who: SAM 3 and Sapiens

1. {CLIP}
   It needs a ComfyUI that has *Run SAM3 Video Track*.
2. SAM 3 follows every *person* of the prompt; **Sapiens Pose** finds the pose of each, and keeps
   SAM's number as the id. To follow fewer people, describe them in the prompt: *dancer in red*.
3. **Sapiens Identity Masks** gives SCAIL-2 one colour per person: connect it to *pose_video_mask*
   of *WanSCAILToVideo*.

Does **Sapiens Pose** say that a track breaks? Put *Track Sapiens People* after it.
{OTHER_WEIGHTS.format(files="SAM 3.1, which has its own licence")}"""
