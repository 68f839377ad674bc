// What is edited and what is chosen, shared by the editor on the node and the one that fills the page.
//
// It knows nothing of the page: it tells its listeners that something changed, and its host to keep
// the text of the edits.

import { History } from "./data/history.js";
import { rowsOf, unplacedIn } from "./data/model.js";
import { parseEdits, writeEdits } from "./data/state.js";

/** @typedef {import("./data/state.js").Edits} Edits */

export class Session {
  /**
   * @param {object} host
   * @param {(name: string, values?: object) => string} host.word
   * @param {(text: string) => void} host.commit keeps the text of the edits
   */
  constructor(host) {
    Object.assign(this, { host, word: host.word, listeners: new Set() });
    Object.assign(this, { detection: null, found: {}, message: "runOnce", told: "" });
    Object.assign(this, { frame: 0, chosen: 0, part: null, joint: null, keepLengths: true });
    Object.assign(this, { draft: null, broken: "", isUnreadable: false, showsGhost: true });
    this.history = new History(null);
  }

  /** Calls back after each change. @param {() => void} listener */
  listen(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  /** Takes the text of the edits as the graph has it. */
  setText(text) {
    if (text === this.text) return;
    this.text = text;
    Object.assign(this, { draft: null, broken: "", isUnreadable: false, told: "" });
    try {
      this.history = new History(parseEdits(text));
    } catch (error) {
      this.broken = error.message;
      this.isUnreadable = true;
      this.history = new History(null);
    }
    this.changed();
  }

  /**
   * Takes the poses of a run.
   * @param {import("./data/detection.js").Detection | null} detection
   * @param {{found?: object, message?: string}} [about]
   */
  setDetection(detection, { found = {}, message = "runOnce" } = {}) {
    Object.assign(this, { detection, found, message });
    this.frame = Math.min(this.frame, this.lastFrame);
    this.changed();
  }

  /** The edits that are shown: those of a drag, or those that are kept. */
  get edits() {
    return this.draft ?? this.history.state;
  }

  get lastFrame() {
    return Math.max(0, (this.detection?.frames.length ?? 1) - 1);
  }

  /** Width and height of the frame. */
  get canvas() {
    return this.detection?.frames[this.frame]?.canvas ?? [4, 3];
  }

  /** The people of the frame, each with their edits. */
  get rows() {
    if (!this.detection?.frames.length) return [];
    const edits = this.isOfOtherSet ? null : this.edits;
    const about = [this.detection, edits, this.found, this.frame];
    if (!this.about?.every((value, index) => value === about[index])) {
      this.about = about;
      this.known = rowsOf(...about);
      this.chosen = Math.max(0, Math.min(this.chosen, this.known.length - 1));
    }
    return this.known;
  }

  /** The chosen person. @returns {import("./data/model.js").Row | undefined} */
  get row() {
    return this.rows[this.chosen];
  }

  /** People whose edits fit nobody in the last run. */
  get unplaced() {
    return unplacedIn(this.detection, this.edits, this.found);
  }

  /** Whether nothing may be changed, because edits would be lost that are not understood here. */
  get isLocked() {
    return this.isUnreadable || this.isOfOtherSet;
  }

  /** Whether the edits are of another keypoint set than the people. */
  get isOfOtherSet() {
    const { people = [] } = this.detection?.frames[this.frame] ?? {};
    const { edits } = this;
    return Boolean(edits) && people.some((each) => each.set !== edits.keypoint_set);
  }

  /** What keys and buttons are about: the chosen part, or the body. */
  get partOrBody() {
    return this.part ?? "body";
  }

  /** Shows edits without keeping them, while something is dragged. @param {Edits | null} edits */
  setDraft(edits) {
    this.draft = edits;
    this.changed();
  }

  /** Keeps what is dragged, or forgets it. */
  endDraft(isKept) {
    const { draft } = this;
    this.draft = null;
    if (draft && isKept) this.take(draft);
    this.changed();
  }

  /**
   * Keeps edits: one step to undo.
   * @param {Edits | null} edits
   * @param {string} [kind] see History.add
   */
  take(edits, kind = "") {
    let text;
    try {
      text = writeEdits(edits);
    } catch (error) {
      this.broken = error.message;
      this.changed();
      return;
    }
    Object.assign(this, { broken: "", isUnreadable: false, told: "" });
    this.history.add(edits, kind);
    this.#commit(text);
  }

  /** @param {"undo" | "redo"} way */
  step(way) {
    if (!this.history[way]()) return this.tell("nothingMore");
    this.told = this.word(`${way}ne`);
    this.#commit(writeEdits(this.history.state));
  }

  #commit(text) {
    this.text = text;
    this.host.commit(text);
    this.changed();
  }

  /** Says something in the line for those who cannot see it, until the next change. */
  tell(name, values) {
    this.told = this.word(name, values);
    this.changed();
  }

  goTo(frame) {
    this.frame = Math.max(0, Math.min(Math.round(frame), this.lastFrame));
    this.told = "";
    this.changed();
  }

  /** @param {{chosen?: number, part?: string | null, joint?: number | null}} choice */
  choose({ chosen = this.chosen, part = null, joint = null }) {
    Object.assign(this, { chosen, part, joint, told: "" });
    this.changed();
  }
}
