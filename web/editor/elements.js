// The elements of the editor: a row of buttons, the stage with two canvases, a line of text.

import { STYLE } from "./style.js";

const BUTTONS = ["undo", "redo", "lengths", "hide", "reset", "farther", "closer", "fit"];
const SIGNS = { undo: "\u21b6", redo: "\u21b7", farther: "\u2212", closer: "+" };

/**
 * @param {(name: string) => string} word
 * @returns {Object<string, any>} the elements by name, and the buttons by theirs
 */
export function makeElements(word) {
  const element = make("div", "editor", null);
  element.dataset.captureWheel = "true";
  make("style", "style", element, { textContent: STYLE });
  const bar = make("div", "bar", element);
  bar.setAttribute("role", "toolbar");
  const buttons = {};
  for (const name of BUTTONS) {
    const button = make("button", "button", bar, { type: "button" });
    button.textContent = SIGNS[name] ?? word(name);
    button.title = word(`${name}Title`);
    if (SIGNS[name]) button.setAttribute("aria-label", word(name));
    buttons[name] = button;
  }
  const label = make("label", "frames", bar, { hidden: true });
  label.append(word("frame"));
  const slider = make("input", "slider", label, { type: "range", min: "0", max: "0", value: "0" });
  const stage = make("div", "stage", element);
  const back = make("canvas", "canvas", stage);
  const front = make("canvas", "canvas", stage);
  const keys = make("textarea", "keys", stage, { readOnly: true });
  keys.setAttribute("aria-label", word("label"));
  const note = make("div", "note", stage);
  const status = make("div", "status", element);
  status.setAttribute("aria-live", "polite");
  return { element, buttons, slider, stage, back, front, keys, note, status };
}

function make(tag, name, parent, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.className = `sapiens-${name}`;
  parent?.append(element);
  return element;
}
