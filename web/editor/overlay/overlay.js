// The editor that fills the page, as a dialog of the browser: people and parts, the image, what is
// chosen, and the frames of a clip. It knows nothing of ComfyUI.

import * as acts from "../acts.js";
import { addButton, keepFromPage, make, say } from "../elements.js";
import { listenToKeys, pressKey } from "../keyboard.js";
import { sayChoice, sayNote } from "../say.js";
import { Stage } from "../stage/stage.js";
import { Banner } from "./banner.js";
import { Bar } from "./bar.js";
import { Details } from "./details.js";
import { Frames } from "./frames.js";
import { addHelp } from "./help.js";
import { Lists } from "./lists.js";
import { OVERLAY_STYLE } from "./style.js";

const MARGIN_PX = 32;
const NUMBERS_MS = 120;

export class Overlay {
  /**
   * @param {import("../session.js").Session} session
   * @param {object} host
   * @param {(name: string) => string} host.imageUrl
   * @param {() => void} host.run
   * @param {(isOpen: boolean) => void} host.onToggle
   * @param {object} host.api ComfyUI's, for the pose library
   */
  constructor(session, host) {
    Object.assign(this, { session, host });
    const { word } = session;
    this.element = make("dialog", "overlay", null);
    this.element.setAttribute("aria-label", word("title"));
    make("style", "style", this.element, { textContent: OVERLAY_STYLE });
    this.stage = new Stage(session, { imageUrl: host.imageUrl, margin: MARGIN_PX, hasLabels: true });
    const about = [session, this];
    this.bar = new Bar(...about);
    this.lists = new Lists(...about);
    this.details = new Details(...about);
    this.frames = new Frames(...about);
    this.banner = new Banner(...about);
    const middle = make("div", "middle", this.element);
    middle.append(this.lists.element, this.stage.element, this.details.element);
    this.element.prepend(this.bar.element);
    this.element.append(this.frames.element);
    this.note = make("div", "note", this.stage.element);
    this.stage.element.append(this.banner.element);
    this.status = make("div", "status", this.element);
    this.status.setAttribute("aria-live", "polite");
    this.frames.element.after(this.status);
    this.help = addHelp(this.element, word);
    this.views = [this.bar, this.lists, this.details, this.frames, this.banner];
    this.#listen();
  }

  open() {
    if (this.element.open) return;
    document.body.append(this.element);
    this.session.told = "";
    this.element.showModal();
    this.host.onToggle(true);
    this.forget = this.session.listen(() => this.#showSoon());
    this.#show();
    this.stage.draw();
    this.stage.focus();
  }

  leave = () => {
    if (!this.help.hidden) return this.toggleHelp();
    this.close();
  };

  close() {
    if (!this.element.open) return;
    this.stage.cancel();
    this.forget();
    this.element.close();
    this.element.remove();
    this.host.onToggle(false);
  }

  /** Frees what the page would keep. */
  remove() {
    this.close();
    this.stage.remove();
  }

  run = () => this.host.run();

  toggleHelp = () => {
    this.help.hidden = !this.help.hidden;
    if (this.help.hidden) this.stage.focus();
    else this.help.focus();
  };

  /** Lets somebody choose poses of the library, and adds them. */
  addFromLibrary = async () => {
    const { session } = this;
    if (!session.detection) return;
    const library = await this.#library();
    if (!library) return;
    const sheet = make("div", "sheet", this.element);
    const about = { words: session.word, api: this.host.api };
    const poses = await library.choosePose(sheet, about);
    sheet.remove();
    const [width, height] = session.detection.frames[0].canvas;
    if (poses) acts.addPoses(session, library.placePeople(poses, width, height).people);
    this.stage.focus();
  };

  /** Keeps the pose of the chosen person in the library. @param {string} name */
  async savePose(name, pose) {
    const library = await this.#library();
    if (!library) return;
    const { api } = this.host;
    try {
      await library.saveOwnPose(name, pose, { api });
      this.session.tell("saved", { name });
    } catch (error) {
      this.session.tell("notSaved", { reason: error.message });
    }
  }

  async #library() {
    try {
      return await import("../library.js");
    } catch {
      this.session.tell("noLibrary");
      return null;
    }
  }

  /** To the next part of the page, for those who use no mouse. @param {number} step */
  goToRegion = (step) => {
    const regions = [this.bar, this.lists, this.stage, this.details, this.frames];
    const seen = regions.filter((region) => region.element.offsetParent);
    const at = seen.findIndex((region) => region.element.contains(document.activeElement));
    const next = seen[(at + step + seen.length) % seen.length];
    if (next === this.stage) this.stage.focus();
    else next.element.querySelector("button:not(:disabled), input")?.focus();
  };

  #listen() {
    listenToKeys(this);
    const { element } = this;
    element.addEventListener("cancel", (event) => event.preventDefault());
    element.addEventListener("keydown", (event) => this.#pressElsewhere(event));
    keepFromPage(element, "wheel");
  }

  /** Keys while a button, a number or a list has the focus. */
  #pressElsewhere(event) {
    if (event.target === this.stage.keys) return;
    event.stopPropagation();
    const isTyping = event.target.matches("input, textarea");
    if (event.key === "Escape" && isTyping) this.stage.focus();
    else if (event.key === "F6" || event.key === "Escape") pressKey(this, event);
    else if (!isTyping && !["Tab", "Enter", " "].includes(event.key)) pressKey(this, event);
  }

  /** Shows what changed at the next chance: a drag changes it more often than it is drawn. */
  #showSoon() {
    cancelAnimationFrame(this.request);
    this.request = requestAnimationFrame(() => this.#show());
  }

  #show() {
    const { session } = this;
    if (session.draft) return this.#showDrag();
    for (const view of this.views) view.show();
    const note = session.unplaced.length && !session.broken ? "" : sayNote(session);
    say(this.note, note);
    this.note.hidden = !note;
    say(this.status, sayChoice(session));
  }

  /** While something is dragged only its numbers change, and not with each frame. */
  #showDrag() {
    const now = performance.now();
    if (now - (this.numbersShown ?? 0) < NUMBERS_MS) return;
    this.numbersShown = now;
    this.details.show();
  }

  /** A button that gives the focus back to the image. */
  addButton(parent, look, act) {
    return addButton(parent, look, () => {
      act();
      this.stage.focus();
    });
  }
}
