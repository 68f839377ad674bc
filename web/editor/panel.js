// The editor as an element: toolbar, two canvases, one line that says what is chosen.
//
// It knows nothing of ComfyUI. The focus is in a small textarea, because ComfyUI's page takes the
// keys of everything else: undo there would undo the graph, and this element with it.

import { drawGhost, drawImage, drawPerson, clear } from "./draw.js";
import { dragJoint } from "./drag.js";
import { makeElements } from "./elements.js";
import { ZOOM_STEP, pressKey } from "./keyboard.js";
import { findJoint, nextJoint } from "./hit.js";
import { History } from "./history.js";
import { movePerson, rowsOf, withPerson, withoutPerson } from "./model.js";
import { sayNote, sayRow } from "./say.js";
import { parseEdits, writeEdits } from "./state.js";
import { View } from "./view.js";

const IMAGE_OPACITY = 0.6;

export class Panel {
  /**
   * @param {object} host
   * @param {(name: string, values?: object) => string} host.word
   * @param {(text: string) => void} host.commit keeps the text of the edits
   * @param {(name: string) => string} host.imageUrl of a file beside the poses
   */
  constructor(host) {
    Object.assign(this, { host, word: host.word, detection: null, found: {}, unplaced: 0 });
    Object.assign(this, { frame: 0, chosen: 0, joint: null, keepLengths: true, message: "runOnce" });
    Object.assign(this, { draft: null, gesture: null, broken: "", isUnreadable: false });
    this.history = new History(null);
    this.images = new Map();
    this.view = new View();
    this.#build();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.stage);
  }

  /** Frees what the page would keep. */
  remove() {
    this.observer.disconnect();
    cancelAnimationFrame(this.request);
  }

  /** Takes the text of the edits as the graph has it. */
  setText(text) {
    if (text === this.text) return;
    this.text = text;
    Object.assign(this, { draft: null, broken: "", isUnreadable: false });
    try {
      this.history = new History(parseEdits(text));
    } catch (error) {
      this.broken = error.message;
      this.isUnreadable = true;
      this.history = new History(null);
    }
    this.draw();
  }

  /**
   * Takes the poses of a run.
   * @param {import("./detection.js").Detection | null} detection
   * @param {{found?: object, unplaced?: number, message?: string}} [about]
   */
  setDetection(detection, { found = {}, unplaced = 0, message = "runOnce" } = {}) {
    Object.assign(this, { detection, found, unplaced, message });
    const last = (detection?.frames.length ?? 1) - 1;
    this.frame = Math.min(this.frame, last);
    this.slider.max = String(last);
    this.slider.parentElement.hidden = last < 1;
    this.draw();
  }

  /** The edits that are shown: those of a drag, or those that are kept. */
  get edits() {
    return this.draft ?? this.history.state;
  }

  get rows() {
    if (!this.detection?.frames.length) return [];
    return rowsOf(this.detection, this.isOfOtherSet ? null : this.edits, this.found, this.frame);
  }

  /** Whether nothing may be changed, because edits would be lost that are not understood here. */
  get isLocked() {
    return this.isUnreadable || this.isOfOtherSet;
  }

  /** Where a joint is on the page, in its pixels; for tests. */
  where(person, joint) {
    const { points } = this.rows[person].shown;
    const [x, y] = this.view.toEditor(points[2 * joint], points[2 * joint + 1]);
    const rect = this.stage.getBoundingClientRect();
    const scale = rect.width / this.stage.clientWidth;
    return [rect.left + x * scale, rect.top + y * scale];
  }

  /** Whether the edits are of another keypoint set than the people. */
  get isOfOtherSet() {
    const { people = [] } = this.detection?.frames[this.frame] ?? {};
    return Boolean(this.edits) && people.some((each) => each.set !== this.edits.keypoint_set);
  }

  #build() {
    const acts = {
      undo: () => this.undo("undo"),
      redo: () => this.undo("redo"),
      lengths: () => (this.keepLengths = !this.keepLengths),
      hide: () => this.toggleHidden(),
      reset: () => this.reset(),
      farther: () => this.view.zoomBy(1 / ZOOM_STEP),
      closer: () => this.view.zoomBy(ZOOM_STEP),
      fit: () => this.view.reset(),
    };
    Object.assign(this, makeElements(this.word));
    for (const [name, button] of Object.entries(this.buttons))
      button.addEventListener("click", () => {
        acts[name]();
        this.focus();
        this.draw();
      });
    this.slider.addEventListener("input", () => this.goTo(Number(this.slider.value)));
    this.#listen();
  }

  focus() {
    this.keys.focus({ preventScroll: true });
  }

  #listen() {
    for (const kind of ["pointerdown", "mousedown", "dblclick", "contextmenu"])
      this.element.addEventListener(kind, (event) => event.stopPropagation());
    this.stage.addEventListener("pointerdown", (event) => this.#press(event));
    this.stage.addEventListener("pointermove", (event) => this.#move(event));
    this.stage.addEventListener("pointerup", () => this.#release());
    this.stage.addEventListener("pointercancel", () => this.cancel());
    this.stage.addEventListener("wheel", (event) => this.#turnWheel(event), { passive: false });
    this.keys.addEventListener("keydown", (event) => {
      if (pressKey(this, event)) this.draw();
    });
    for (const kind of ["keyup", "keypress", "copy", "cut", "paste"])
      this.element.addEventListener(kind, (event) => event.stopPropagation());
  }

  /** x and y in the editor; the page may have scaled the whole node. */
  #place(event) {
    const rect = this.stage.getBoundingClientRect();
    const scale = this.stage.clientWidth / rect.width;
    return [(event.clientX - rect.left) * scale, (event.clientY - rect.top) * scale];
  }

  #press(event) {
    if (event.button !== 0 || !this.detection) return;
    event.preventDefault();
    this.focus();
    this.stage.setPointerCapture(event.pointerId);
    const at = this.#place(event);
    const people = this.rows.map((row) => row.shown);
    const hit = findJoint(people, this.chosen, this.view, ...at);
    if (hit && !this.isLocked) {
      this.chosen = hit.person;
      this.joint = hit.joint;
      const row = this.rows[hit.person];
      const start = [0, 1].map((i) => row.shown.points[2 * hit.joint + i]);
      this.gesture = { row, start, from: this.view.toImage(...at), moved: false };
    } else this.gesture = { pan: at };
    this.draw();
  }

  #move(event) {
    if (!this.gesture) return;
    const at = this.#place(event);
    if (this.gesture.pan) {
      this.view.moveBy(at[0] - this.gesture.pan[0], at[1] - this.gesture.pan[1]);
      this.gesture.pan = at;
    } else this.#dragTo(this.view.toImage(...at), event);
    this.draw();
  }

  #dragTo(to, { altKey, shiftKey }) {
    const { row, start, from } = this.gesture;
    const shift = [0, 1].map((i) => to[i] - from[i]);
    if (shiftKey) shift[Math.abs(shift[0]) < Math.abs(shift[1]) ? 0 : 1] = 0;
    if (!shift[0] && !shift[1]) return;
    this.gesture.moved = true;
    const target = [0, 1].map((i) => start[i] + shift[i]);
    this.draft = this.#moved(row, target, this.keepLengths && !altKey);
  }

  #moved(row, target, keepLengths) {
    const move = dragJoint(row.shown, this.joint, target, keepLengths);
    return movePerson(this.detection, this.history.state, row, this.frame, move);
  }

  #release() {
    const { draft } = this;
    this.gesture = null;
    this.draft = null;
    if (draft) this.#take(draft);
    this.draw();
  }

  /** Ends a drag as if it had not been. */
  cancel() {
    this.gesture = null;
    this.draft = null;
    this.draw();
  }

  /** Keeps edits: one step to undo. */
  #take(edits, kind = "") {
    let text;
    try {
      text = writeEdits(edits);
    } catch (error) {
      this.broken = error.message;
      return;
    }
    this.broken = "";
    this.isUnreadable = false;
    this.history.add(edits, kind);
    this.#commit(text);
  }

  #commit(text) {
    this.text = text;
    this.host.commit(text);
  }

  undo(way) {
    if (this.history[way]()) this.#commit(writeEdits(this.history.state));
  }

  toggleHidden() {
    const row = this.rows[this.chosen];
    if (!row || this.isLocked) return;
    const { edits, person } = withPerson(this.detection, this.history.state, row);
    person.hidden = !person.hidden;
    if (!person.hidden) delete person.hidden;
    this.#take(edits);
  }

  /** Takes back the edits of the chosen person, or all of them if they are not understood. */
  reset() {
    const row = this.rows[this.chosen];
    if (this.isLocked) this.#take(null);
    else if (row?.edits) this.#take(withoutPerson(this.history.state, row));
  }

  goTo(frame) {
    this.frame = Math.max(0, Math.min(frame, (this.detection?.frames.length ?? 1) - 1));
    this.slider.value = String(this.frame);
    this.draw();
  }

  #turnWheel(event) {
    if (document.activeElement !== this.keys) return;
    event.preventDefault();
    event.stopPropagation();
    this.view.zoomBy(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, this.#place(event));
    this.draw();
  }

  /** Moves the chosen joint by some pixels of the image. */
  nudge(shift, kind) {
    const row = this.rows[this.chosen];
    if (this.joint === null || !row?.shown || this.isLocked) return;
    const target = shift.map((part, i) => row.shown.points[2 * this.joint + i] + part);
    this.#take(this.#moved(row, target, this.keepLengths), kind);
  }

  nextJoint(step) {
    const person = this.rows[this.chosen]?.shown;
    if (person) this.joint = nextJoint(person, this.joint, step, this.view.zoom);
  }

  nextPerson(step) {
    const count = this.rows.length;
    if (count) this.chosen = (this.chosen + step + count) % count;
    this.joint = null;
  }

  /** Draws at the next chance. */
  draw() {
    cancelAnimationFrame(this.request);
    this.request = requestAnimationFrame(() => this.#drawNow());
  }

  #drawNow() {
    const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
    if (!width || !height) return;
    const ratio = window.devicePixelRatio || 1;
    for (const canvas of [this.back, this.front]) {
      const size = [width, height].map((side) => Math.round(side * ratio));
      if (canvas.width !== size[0] || canvas.height !== size[1])
        [canvas.width, canvas.height] = size;
    }
    const rows = this.rows;
    if (this.chosen >= rows.length) this.chosen = Math.max(0, rows.length - 1);
    this.view.fitInto([width, height], this.detection?.frames[this.frame]?.canvas ?? [4, 3]);
    this.#drawBack(rows);
    const front = clear(this.front);
    const row = rows[this.chosen];
    if (row?.edits && row.shown) drawGhost(front, this.view, row.detected);
    if (row?.shown) drawPerson(front, this.view, row.shown, { chosen: true, joint: this.joint });
    this.#say(row);
  }

  /** The image and everybody else, unless that is what is there: a drag changes one person. */
  #drawBack(rows) {
    const { view, detection, found } = this;
    const image = detection && this.#image();
    const { width, height } = this.back;
    const seen = [width, height, view.zoom, ...view.middle, image, detection, found];
    seen.push(this.frame, this.chosen, this.history.state);
    if (this.seen?.every((value, index) => value === seen[index])) return;
    this.seen = seen;
    const back = clear(this.back);
    if (detection) drawImage(back, view, image, IMAGE_OPACITY);
    rows.forEach((row, index) => {
      if (row.shown && index !== this.chosen) drawPerson(back, view, row.shown);
    });
  }

  #image() {
    const { image: name } = this.detection.frames[this.frame] ?? {};
    if (!name) return null;
    if (!this.images.has(name)) {
      const image = new Image();
      image.onload = () => this.draw();
      image.src = this.host.imageUrl(name);
      this.images.set(name, image);
    }
    const image = this.images.get(name);
    return image.complete && image.naturalWidth ? image : null;
  }

  #say(row) {
    this.note.textContent = sayNote(this, this.word);
    this.note.hidden = !this.note.textContent;
    this.buttons.lengths.setAttribute("aria-pressed", String(this.keepLengths));
    this.buttons.undo.disabled = !this.history.past.length;
    this.buttons.redo.disabled = !this.history.future.length;
    this.buttons.hide.disabled = !row;
    this.buttons.reset.disabled = !row?.edits && !this.isLocked;
    this.buttons.hide.textContent = this.word(row?.edits?.hidden ? "show" : "hide");
    const text = row ? sayRow(row, this, this.word) : this.word("none");
    if (this.status.textContent !== text) this.status.textContent = text;
  }
}
