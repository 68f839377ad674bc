// The keys of the editors. All of them stop here but a few, or the page would take them for the graph.

import * as acts from "./acts.js";
import { ZOOM_STEP } from "./stage/stage.js";

const TO_THE_PAGE = new Set(["F5", "F11", "F12", "Control", "Shift", "Alt", "Meta"]);
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PAN_PX = 40;
const TURN = 2;
const GROW = 1.03;

/**
 * @typedef {object} Editor of the node or of the whole page
 * @property {import("./session.js").Session} session
 * @property {import("./stage/stage.js").Stage} stage
 * @property {() => void} leave
 * @property {() => void} [run]
 * @property {() => void} [addFromLibrary]
 * @property {() => void} [toggleHelp]
 * @property {(step: number) => void} [goToRegion] lists, buttons, and the frames
 */

/**
 * @param {Editor} editor
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the editor took it
 */
export function pressKey(editor, event) {
  const { key, shiftKey } = event;
  const isControl = event.ctrlKey || event.metaKey;
  if (isControl && key === "Enter") {
    if (!editor.run) return false;
    editor.run();
  } else if (TO_THE_PAGE.has(key)) return false;
  else if (isControl && key.toLowerCase() === "v") {
    event.stopPropagation(); // the paste comes as an event of its own
    return true;
  } else if (isControl) pressWithControl(editor, event);
  else if (ARROWS[key]) nudge(editor, event);
  else (PLAIN[key.toLowerCase()] ?? (() => {}))(editor, shiftKey ? -1 : 1, shiftKey);
  event.stopPropagation();
  event.preventDefault();
  return true;
}

/** What plain keys do; with Shift the step is -1. */
const PLAIN = {
  escape: ({ stage, leave }) => stage.cancel() || leave(),
  tab: ({ session, stage }, step) => acts.chooseNextJoint(session, step, stage.view.zoom),
  f6: ({ goToRegion }, step) => goToRegion?.(step),
  p: ({ session }, step) => acts.chooseNextPerson(session, step),
  g: ({ session }, step) => acts.chooseNextPart(session, step),
  l: ({ session }) => toggle(session, "keepLengths", "lengths"),
  o: ({ session }) => toggle(session, "showsGhost", "ghost"),
  h: ({ session }, _, isShift) => (isShift ? acts.togglePerson : acts.toggleShown)(session),
  r: ({ session }, _, isShift) => (isShift ? acts.resetPerson : acts.reset)(session),
  m: ({ session }) => acts.mirror(session),
  d: ({ session }) => acts.duplicate(session),
  a: ({ addFromLibrary }) => addFromLibrary?.(),
  k: ({ session }, _, isShift) => acts.addKey(session, !isShift),
  delete: ({ session }, _, isShift) => {
    if (isShift) acts.removePerson(session);
    else if (session.lastFrame) acts.removeKey(session);
  },
  pageup: ({ session }) => acts.reorder(session, 1),
  pagedown: ({ session }) => acts.reorder(session, -1),
  "[": ({ session }) => acts.turnPart(session, { degrees: -TURN }, "["),
  "]": ({ session }) => acts.turnPart(session, { degrees: TURN }, "]"),
  "{": ({ session }) => acts.turnPart(session, { factor: 1 / GROW }, "{"),
  "}": ({ session }) => acts.turnPart(session, { factor: GROW }, "}"),
  "+": ({ stage }) => stage.zoomBy(ZOOM_STEP),
  "=": ({ stage }) => stage.zoomBy(ZOOM_STEP),
  "-": ({ stage }) => stage.zoomBy(1 / ZOOM_STEP),
  0: ({ stage }) => stage.fit(),
  ",": ({ session }) => session.goTo(session.frame - 1),
  ".": ({ session }) => session.goTo(session.frame + 1),
  "<": ({ session }) => acts.goToKey(session, -1),
  ">": ({ session }) => acts.goToKey(session, 1),
  home: ({ session }) => session.goTo(0),
  end: ({ session }) => session.goTo(session.lastFrame),
  "?": ({ toggleHelp }) => toggleHelp?.(),
  " ": ({ stage }) => (stage.spaceHeld = true),
};

function toggle(session, name, word) {
  session[name] = !session[name];
  session.tell(session[name] ? "isOn" : "isOff", { what: session.word(word) });
}

function pressWithControl({ session, stage }, { key, shiftKey }) {
  const letter = key.toLowerCase();
  if (letter === "z") session.step(shiftKey ? "redo" : "undo");
  if (letter === "y") session.step("redo");
  if (letter === "c") writeClipboard(acts.copy(session));
  if (letter === "+" || letter === "=") stage.zoomBy(ZOOM_STEP);
  if (letter === "-") stage.zoomBy(1 / ZOOM_STEP);
  if (letter === "0") stage.fit();
  if (ARROWS[key]) stage.panBy(...ARROWS[key].map((part) => -part * PAN_PX));
}

/** For other pages and programs; this page keeps the copy itself. */
export function writeClipboard(text) {
  if (text) navigator.clipboard?.writeText(text).catch(() => {}); // not allowed: only this page has it
}

function nudge({ session }, { key, shiftKey, altKey }) {
  const step = shiftKey ? 10 : altKey ? 0.1 : 1;
  acts.nudge(
    session,
    ARROWS[key].map((part) => part * step),
    key,
  );
}

/**
 * Lets an editor take the keys of its stage.
 * @param {Editor} editor
 */
export function listenToKeys(editor) {
  const { keys } = editor.stage;
  keys.addEventListener("keydown", (event) => pressKey(editor, event));
  keys.addEventListener("keyup", (event) => {
    if (event.key === " ") editor.stage.spaceHeld = false;
  });
  keys.addEventListener("blur", () => (editor.stage.spaceHeld = false));
  keys.addEventListener("paste", (event) => {
    event.stopPropagation();
    event.preventDefault();
    acts.paste(editor.session, event.clipboardData?.getData("text/plain") ?? "");
  });
}
