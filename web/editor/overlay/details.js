// On the right: what is chosen, in numbers that can be typed.

import * as acts from "../acts.js";
import { SHOWN_SCORE, turnOf } from "../data/parts.js";
import { poseOf } from "../data/people.js";
import { make, say } from "../elements.js";
import { jointName } from "../say.js";

export class Details {
  /** @param {import("../session.js").Session} session @param {import("./overlay.js").Overlay} overlay */
  constructor(session, overlay) {
    Object.assign(this, { session, overlay, numbers: {}, texts: {} });
    const { word } = session;
    this.element = make("aside", "details", null);
    this.heading = make("h2", "heading", this.element);
    this.name = make("div", "chosenName", this.element);
    const table = make("div", "table", this.element);
    const shift = (axis) => (value) => {
      const { row, joint } = session;
      const by = [0, 0];
      by[axis] = value - row.posed.points[2 * joint + axis];
      acts.nudge(session, by);
    };
    this.#number(table, "x", "x", "0.1", shift(0));
    this.#number(table, "y", "y", "0.1", shift(1));
    this.#text(table, "moved");
    this.#text(table, "score");
    this.#number(table, "turn", word("turn"), "1", (value) => {
      acts.turnPart(session, { degrees: value - this.turn.degrees });
    });
    this.#number(table, "size", word("size"), "1", (value) => {
      if (value > 0) acts.turnPart(session, { factor: value / 100 / this.turn.factor });
    });
    const buttons = make("div", "row", this.element);
    const add = (name, act) =>
      overlay.addButton(buttons, { text: word(name), title: word(`${name}ChosenTitle`) }, act);
    this.hide = add("hide", () => acts.toggleShown(session));
    this.reset = add("reset", () => acts.reset(session));
    this.hint = make("p", "hint", this.element);
    this.#addSaving();
    make("h2", "heading", this.element, { textContent: word("keysHeading") });
    make("p", "hint", this.element, { textContent: word("keysHint") });
  }

  /** How far the chosen part is turned and scaled. */
  get turn() {
    const { row, frame, part } = this.session;
    return turnOf(row, frame, part ?? "body");
  }

  #number(table, name, label, step, set) {
    const row = make("label", "field", table);
    make("span", "text", row, { textContent: label });
    const input = make("input", "number", row, { type: "number", step });
    input.addEventListener("change", () => {
      const value = Number(input.value);
      if (input.value !== "" && Number.isFinite(value)) set(value);
    });
    this.numbers[name] = { row, input };
  }

  #text(table, name) {
    const row = make("div", "field", table);
    make("span", "text", row, { textContent: this.session.word(name) });
    this.texts[name] = { row, value: make("span", "value", row) };
  }

  #addSaving() {
    const { word } = this.session;
    this.saving = make("form", "row", this.element);
    const label = word("poseName");
    this.poseName = make("input", "textInput", this.saving, { type: "text", placeholder: label });
    this.poseName.maxLength = 60;
    this.poseName.setAttribute("aria-label", label);
    const button = make("button", "button", this.saving, { type: "submit" });
    button.title = word("savePoseTitle");
    make("span", "text", button, { textContent: word("savePose") });
    this.saving.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
  }

  #save() {
    const { session, poseName, overlay } = this;
    const name = poseName.value.trim();
    if (!session.row || !name) return poseName.focus();
    const [width, height] = session.canvas;
    overlay.savePose(name, { width, height, people: [poseOf(session.row.posed)] });
    poseName.value = "";
    overlay.stage.focus();
  }

  show() {
    const { session } = this;
    const { row, joint, part, word, chosen } = session;
    if (!row) {
      this.element.classList.add("sapiens-empty");
      return;
    }
    this.element.classList.remove("sapiens-empty");
    const isJoint = joint !== null;
    say(this.heading, word(isJoint ? "joint" : part ? "partHeading" : "personHeading"));
    const name = isJoint
      ? jointName(row.detected.set, joint)
      : part
        ? word(part)
        : word("personName", { number: chosen + 1 });
    say(this.name, name);
    for (const key of ["x", "y"]) this.numbers[key].row.hidden = !isJoint;
    for (const key of ["turn", "size"]) this.numbers[key].row.hidden = isJoint || !part;
    for (const key of ["moved", "score"]) this.texts[key].row.hidden = !isJoint;
    if (isJoint) this.#showJoint(row, joint);
    else if (part) this.#showPart();
    const isShown = isJoint ? row.posed.scores[joint] >= SHOWN_SCORE : !row.edits?.hidden;
    say(this.hide.firstChild, word(isShown ? "hide" : "show"));
    this.reset.disabled = !row.edits;
    const hint = isJoint ? "jointHint" : part ? "partHint" : "personHint";
    say(this.hint, word(hint));
  }

  #showJoint(row, joint) {
    const at = [0, 1].map((i) => row.posed.points[2 * joint + i]);
    this.#set("x", at[0].toFixed(1));
    this.#set("y", at[1].toFixed(1));
    const by = at.map((value, i) => value - row.detected.points[2 * joint + i]);
    const signed = by.map((value) => `${value >= 0.05 ? "+" : ""}${(value || 0).toFixed(1)}`);
    say(this.texts.moved.value, signed.join("  "));
    say(this.texts.score.value, row.posed.scores[joint].toFixed(2));
  }

  #showPart() {
    const { degrees, factor } = this.turn;
    this.#set("turn", degrees.toFixed(1));
    this.#set("size", (100 * factor).toFixed(0));
  }

  #set(name, value) {
    const { input } = this.numbers[name];
    if (input.value !== value && document.activeElement !== input) input.value = value;
  }
}
