// The keys of the editor. All of them stop here but a few, or the page would take them for the graph.

export const ZOOM_STEP = 1.4;

const TO_THE_PAGE = new Set(["F5", "F11", "F12", "Control", "Shift", "Alt", "Meta"]);
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {import("./panel.js").Panel} panel
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the editor took it
 */
export function pressKey(panel, event) {
  const isRun = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (isRun || TO_THE_PAGE.has(event.key)) return false;
  event.stopPropagation();
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) pressWithControl(panel, event);
  else if (ARROWS[event.key]) nudge(panel, event);
  else (PLAIN[event.key.toLowerCase()] ?? (() => {}))(panel, event.shiftKey ? -1 : 1);
  return true;
}

/** What plain keys do; with Shift the step is -1. */
const PLAIN = {
  escape: (panel) => {
    panel.cancel();
    panel.keys.blur();
  },
  tab: (panel, step) => panel.nextJoint(step),
  p: (panel, step) => panel.nextPerson(step),
  l: (panel) => (panel.keepLengths = !panel.keepLengths),
  h: (panel) => panel.toggleHidden(),
  r: (panel) => panel.reset(),
  "+": (panel) => panel.view.zoomBy(ZOOM_STEP),
  "=": (panel) => panel.view.zoomBy(ZOOM_STEP),
  "-": (panel) => panel.view.zoomBy(1 / ZOOM_STEP),
  0: (panel) => panel.view.reset(),
  ",": (panel) => panel.goTo(panel.frame - 1),
  ".": (panel) => panel.goTo(panel.frame + 1),
};

function pressWithControl(panel, { key, shiftKey }) {
  const letter = key.toLowerCase();
  if (letter === "z") panel.undo(shiftKey ? "redo" : "undo");
  if (letter === "y") panel.undo("redo");
}

function nudge(panel, { key, shiftKey, altKey }) {
  const step = shiftKey ? 10 : altKey ? 0.1 : 1;
  panel.nudge(
    ARROWS[key].map((part) => part * step),
    key,
  );
}
