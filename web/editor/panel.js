// The editor on the node: a row of buttons, the stage, and one line that says what is chosen.
//
// It knows nothing of ComfyUI.

import * as acts from "./acts.js";
import { addButton, keepFromPage, make, say } from "./elements.js";
import { listenToKeys } from "./keyboard.js";
import { sayChoice, sayNote } from "./say.js";
import { Session } from "./session.js";
import { Stage, ZOOM_STEP } from "./stage/stage.js";
import { STYLE } from "./style.js";

export class Panel {
  /**
   * @param {object} host
   * @param {(name: string, values?: object) => string} host.word
   * @param {(text: string) => void} host.commit keeps the text of the edits
   * @param {(name: string) => string} host.imageUrl of a file beside the poses
   * @param {() => void} host.open opens the editor that fills the page
   */
  constructor(host) {
    this.session = new Session(host);
    this.host = host;
    this.element = make("div", "editor", null);
    this.element.dataset.captureWheel = "true";
    make("style", "style", this.element, { textContent: STYLE });
    this.#addBar(host.word);
    this.stage = new Stage(this.session, host);
    this.element.append(this.stage.element);
    this.note = make("div", "note", this.stage.element);
    this.status = make("div", "status", this.element);
    this.status.setAttribute("aria-live", "polite");
    this.#listen();
    this.forget = this.session.listen(() => this.#show());
    this.#show();
  }

  /** Frees what the page would keep. */
  remove() {
    this.forget();
    this.stage.remove();
  }

  /** Draws nothing while the editor that fills the page is open. @param {boolean} isPaused */
  pause(isPaused) {
    this.stage.isPaused = isPaused;
    this.stage.draw();
    this.#show();
    if (!isPaused) this.stage.focus();
  }

  leave = () => this.stage.keys.blur();

  #addBar(word) {
    const { session } = this;
    const bar = make("div", "bar", this.element);
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", word("label"));
    const add = (name, act, look = { text: word(name) }) =>
      addButton(bar, { ...look, title: word(`${name}Title`) }, () => {
        act();
        this.stage.focus();
      });
    const sign = (name) => ({ sign: name });
    this.buttons = {
      open: add("open", this.host.open, { sign: "open", text: word("open"), kind: "main" }),
      undo: add("undo", () => session.step("undo"), sign("undo")),
      redo: add("redo", () => session.step("redo"), sign("redo")),
      lengths: add("lengths", () => {
        session.keepLengths = !session.keepLengths;
        session.changed();
      }),
      hide: add("hide", () => acts.togglePerson(session), sign("shown")),
      reset: add("reset", () => acts.resetPerson(session)),
      farther: add("farther", () => this.stage.zoomBy(1 / ZOOM_STEP), sign("farther")),
      closer: add("closer", () => this.stage.zoomBy(ZOOM_STEP), sign("closer")),
      fit: add("fit", () => this.stage.fit(), sign("fit")),
    };
    const label = make("label", "frames", bar, { hidden: true });
    label.append(word("frame"));
    this.slider = make("input", "slider", label, { type: "range", min: "0", max: "0", value: "0" });
    this.slider.addEventListener("input", () => session.goTo(Number(this.slider.value)));
  }

  #listen() {
    keepFromPage(this.element);
    this.stage.element.addEventListener("dblclick", () => this.host.open());
    listenToKeys(this);
  }

  #show() {
    const { session, buttons } = this;
    if (session.draft || this.stage.isPaused) return; // the page would lay the node out anew
    const { row } = session;
    say(this.note, sayNote(session));
    this.note.hidden = !this.note.textContent;
    buttons.open.disabled = !session.detection;
    buttons.lengths.setAttribute("aria-pressed", String(session.keepLengths));
    buttons.undo.disabled = !session.history.past.length;
    buttons.redo.disabled = !session.history.future.length;
    buttons.hide.disabled = !row;
    buttons.reset.disabled = !row?.edits && !session.isLocked;
    buttons.hide.setAttribute("aria-pressed", String(Boolean(row?.edits?.hidden)));
    this.slider.max = String(session.lastFrame);
    this.slider.value = String(session.frame);
    this.slider.parentElement.hidden = !session.lastFrame;
    say(this.status, sayChoice(session));
  }
}
