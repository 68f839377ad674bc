// The row of buttons above.

import * as acts from "../acts.js";
import { make, say } from "../elements.js";
import { writeClipboard } from "../keyboard.js";
import { ZOOM_STEP } from "../stage/stage.js";

export class Bar {
  /** @param {import("../session.js").Session} session @param {import("./overlay.js").Overlay} overlay */
  constructor(session, overlay) {
    Object.assign(this, { session, overlay });
    const { word } = session;
    this.element = make("header", "header", null);
    const titles = make("div", "titles", this.element);
    make("h1", "title", titles, { textContent: word("title") });
    this.subtitle = make("span", "subtitle", titles);
    this.#group("undo", [
      ["undo", () => session.step("undo"), { sign: "undo" }],
      ["redo", () => session.step("redo"), { sign: "redo" }],
    ]);
    this.#group("lengths", [
      [
        "lengths",
        () => {
          session.keepLengths = !session.keepLengths;
          session.changed();
        },
        { text: word("lengths") },
      ],
    ]);
    this.#group("pose", [
      ["mirror", () => acts.mirror(session), { sign: "mirror", text: word("mirror") }],
      ["copy", () => writeClipboard(acts.copy(session)), { sign: "copy", text: word("copy") }],
      ["paste", () => acts.paste(session), { sign: "paste", text: word("paste") }],
    ]);
    const { stage } = overlay;
    this.#group("view", [
      ["farther", () => stage.zoomBy(1 / ZOOM_STEP), { sign: "farther" }],
      ["closer", () => stage.zoomBy(ZOOM_STEP), { sign: "closer" }],
      ["fit", () => stage.fit(), { sign: "fit" }],
    ]);
    this.#addOpacity();
    make("div", "space", this.element);
    this.#group("end", [
      ["help", () => {}, { text: "?" }],
      ["run", () => overlay.run(), { text: word("run"), kind: "main" }],
      ["done", () => overlay.close(), { text: word("done") }],
    ]);
    this.help.addEventListener("click", () => overlay.toggleHelp());
  }

  #group(name, buttons) {
    const group = make("div", "group", this.element);
    for (const [key, act, look] of buttons)
      this[key] = this.overlay.addButton(group, { ...look, title: this.session.word(`${key}Title`) }, act);
  }

  #addOpacity() {
    const { stage } = this.overlay;
    const label = make("label", "opacity", this.element);
    make("span", "text", label, { textContent: this.session.word("image") });
    this.opacity = make("input", "slider", label, { type: "range", min: "0", max: "100", value: "60" });
    this.opacity.addEventListener("input", () => {
      stage.opacity = Number(this.opacity.value) / 100;
      stage.draw();
    });
    this.opacity.addEventListener("change", () => stage.focus());
  }

  show() {
    const { session } = this;
    const { word, frame, lastFrame, row, history } = session;
    say(this.subtitle, lastFrame ? word("frameOf", { frame, last: lastFrame }) : "");
    this.undo.disabled = !history.past.length;
    this.redo.disabled = !history.future.length;
    this.lengths.setAttribute("aria-pressed", String(session.keepLengths));
    for (const button of [this.mirror, this.copy, this.paste]) button.disabled = !row;
  }
}
