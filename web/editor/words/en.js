// What the editors say, in English.

export const EN = {
  libraryLanguage: "en",
  library: "Pose library",
  librarySearch: "Search poses",
  libraryClose: "Close",
  libraryOwn: "My poses",
  libraryCount: "{count} poses. Arrow keys choose, Enter takes",
  libraryFailed: "The poses could not be loaded or changed ({detail}). Try again.",
  libraryUnreadable: "{name} cannot be read: it is not a pose file of this pack, or was cut off.",
  libraryDelete: "Delete {name} (Shift+Delete)",
  libraryDeleteTwice: "Delete {name}? Press the same again.",
  label: "Pose editor",
  runOnce: "Connect poses and press Run: then drag the joints here.",
  gone: "The poses of the last run are gone. Press Run once.",
  empty: "Nobody is in this frame.",
  large: "Too much is edited. ",
  otherSet: "These edits are of other keypoints ({set}). 'As detected' clears them.",
  broken: "These edits are kept as they are. 'As detected' clears them. ",
  unplaced: "Kept but not applied, because they fit nobody here: edits of {count} people.",
  undo: "Undo",
  undoTitle: "Undo (Ctrl+Z)",
  redo: "Redo",
  redoTitle: "Redo (Ctrl+Shift+Z)",
  lengths: "Lengths",
  lengthsTitle: "Limbs keep their lengths, and hands follow (L). Alt while dragging: one joint alone",
  hide: "Hide",
  hideTitle: "Leave this person out, or take them back (Shift+H)",
  show: "Show",
  reset: "As detected",
  resetTitle: "Take back all edits of this person (Shift+R)",
  closer: "Closer",
  closerTitle: "Closer (+): from three times on hands, feet and faces can be dragged",
  farther: "Farther",
  fartherTitle: "Farther (-)",
  fit: "Fit",
  fitTitle: "The whole image (0)",
  frame: "Frame",
  person: "person {number}",
  hidden: "hidden",
  edited: "edited",
  none: "nobody chosen",
  undone: "undone",
  redone: "done again",
  nothingMore: "nothing more in this direction",
  open: "Open editor",
  openTitle: "People, parts and key frames in an editor that fills the page (double click on the image)",
  title: "Edit poses",
  frameOf: "frame {frame} of {last}",
  added: "added",
  asDetected: "as detected",
  mirror: "Mirror",
  mirrorTitle: "Exchange left and right of the person or face; turn a hand or foot over (M)",
  copy: "Copy",
  copyTitle: "Copy the pose of the person or part (Ctrl+C)",
  paste: "Paste",
  pasteTitle: "Give the copied pose to the chosen person, in this frame (Ctrl+V)",
  image: "Image",
  run: "Run",
  runTitle: "Run the workflow (Ctrl+Enter)",
  done: "Done",
  doneTitle: "Back to the workflow (Escape). Edits are kept already",
  helpTitle: "What the keys do (?)",
  people: "People",
  parts: "Parts",
  personName: "Person {number}",
  add: "Add",
  addTitle: "Add people from the pose library (A)",
  duplicateTitle: "Add a copy of the chosen person (D)",
  forwardTitle: "Draw this person further in front (Page Up)",
  backwardTitle: "Draw this person further behind (Page Down)",
  removeTitle: "Delete this person, who was added (Shift+Delete)",
  hideThis: "Hide: {what}",
  showThis: "Show: {what}",
  body: "body",
  face: "face",
  left_hand: "left hand",
  right_hand: "right hand",
  left_foot: "left foot",
  right_foot: "right foot",
  wholePerson: "the whole person",
  joint: "Joint",
  partHeading: "Part",
  personHeading: "Person",
  moved: "moved by",
  score: "score",
  turn: "turned, degrees",
  size: "size, percent",
  hideChosenTitle: "Hide or show what is chosen (H)",
  resetChosenTitle: "As it was detected: what is chosen (R)",
  jointHint: "Drag it, or press arrows. With Alt it moves alone, with Shift along one axis.",
  partHint: "Drag inside the box to move, a corner to scale, the round knob to turn. Joints inside can be dragged.",
  personHint: "Drag a joint, or choose a part to move, turn and scale it as a whole.",
  poseName: "Name of the pose",
  savePose: "Save",
  savePoseTitle: "Save this person's pose in your library",
  saved: "saved in your library: {name}",
  notSaved: "not saved: {reason}",
  noLibrary: "The pose library is missing from this installation. Reinstall Sapiens Pose.",
  keysHeading: "Keys",
  keysHint: `Tab joint · arrows move
P person · G part
[ ] turn · { } scale
, . frame · K key frame
H hide · Ctrl+Z undo
? all keys`,
  keyLines: `Tab, Shift+Tab | next joint, joint before
Arrows | move by 1 pixel; with Shift 10, with Alt 0.1
P | next person
G | next part: body, face, hands, feet
[ ] | turn the part
{ } | scale the part
H, Shift+H | hide what is chosen, the person
R, Shift+R | as detected: what is chosen, the person
L | keep lengths
M | mirror
Ctrl+C, Ctrl+V | copy, paste the pose
A | add people from the library
D | add a copy of the person
Page Up, Page Down | draw further in front, behind
Shift+Delete | delete somebody who was added
, . | frame before, next frame
< > | key frame before, next key frame
Home, End | first frame, last frame
K, Shift+K | key frame as detected, as it is
Delete | take the key frame away
+ - 0 | zoom in, zoom out, whole image
Ctrl+arrows, Space+drag | move the image
O | detected pose as dashes
Ctrl+Z, Ctrl+Shift+Z | undo, redo
F6 | lists, buttons, frames
Ctrl+Enter | run
Escape | done`,
  helpHint: "? or Escape closes this sheet.",
  key: "key frame",
  detectedKey: "key frame as detected",
  clipHint: "Between two key frames the edit changes evenly. Before the first and after the last it stays. Drag keys along the row.",
  noKeys: "No key frame yet: drag a joint in any frame.",
  keyMoved: "key frame moved to {frame}",
  previousTitle: "Frame before (,)",
  nextTitle: "Next frame (.)",
  previousKey: "‹ Key",
  previousKeyTitle: "Key frame before (<)",
  nextKey: "Key ›",
  nextKeyTitle: "Next key frame (>)",
  addKey: "Add key",
  addKeyTitle: "Key frame of the chosen part as it is now (Shift+K)",
  addDetectedKey: "Key as detected",
  addDetectedKeyTitle: "Key frame at which the part is as detected, so that an edit can fade (K)",
  removeKey: "Delete key",
  removeKeyTitle: "Take the key frame of the chosen part away (Delete)",
  keySet: "key frame set",
  detectedKeySet: "key frame as detected set",
  noKey: "no key frame here",
  keyGone: "key frame taken away",
  changed: "The detection changed, and the edits of {who} fit nobody now. They are kept, not applied. ({count} in all)",
  look: "Look",
  lookTitle: "Go to the frame in which they were made",
  give: "Give to person {number}",
  giveTitle: "Apply these edits to the chosen person, who has none yet",
  drop: "Delete",
  dropTitle: "Delete these edits. Undo brings them back",
  giveToWhom: "choose a person without edits first",
  given: "person {number} has these edits now",
  chooseFirst: "choose a joint (Tab) or a part (G) first",
  choosePart: "choose a part (G) first",
  copied: "copied: {what}",
  nothingCopied: "nothing was copied yet",
  doesNotFit: "nothing of the copy fits this person",
  notAdded: "only people who were added can be deleted; H hides the others",
  moreInFront: "drawn further in front",
  moreBehind: "drawn further behind",
  isOn: "{what}: on",
  isOff: "{what}: off",
  ghost: "detected pose",
  notShown: "hidden",
  notFound: "not found",
};
