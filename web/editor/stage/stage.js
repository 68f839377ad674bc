// Two canvases on which people are dragged: below the image and everybody else, above who is chosen.
//
// The focus is in a small textarea, because ComfyUI's page takes the keys of everything else: undo
// there would undo the graph, and this element with it.

import { movedPart } from "../acts.js";
import { movePerson, drawingOrder } from "../data/model.js";
import { transformPart } from "../data/parts.js";
import { KEYPOINT_SETS } from "../tables.js";
import { make } from "../elements.js";
import { findHandle, partBox, turnBy, turnedBox } from "./box.js";
import { dragJoint } from "./drag.js";
import * as drawing from "./draw.js";
import { findJoint } from "./hit.js";
import { View } from "./view.js";

export const ZOOM_STEP = 1.4;

const AHEAD = 8; // images that are fetched before they are shown
const MAX_BACKING_PX = 1920; // wider canvases take more than 33 ms per frame without a GPU

export class Stage {
  /**
   * @param {import("../session.js").Session} session
   * @param {object} host
   * @param {(name: string) => string} host.imageUrl of a file beside the poses
   * @param {number} [host.margin] around the image
   * @param {boolean} [host.hasLabels] whether the chosen joint has its name beside it
   */
  constructor(session, { imageUrl, margin = 0, hasLabels = false }) {
    Object.assign(this, { session, imageUrl, hasLabels, opacity: 0.6, isPaused: false });
    Object.assign(this, { gesture: null, hover: null, spaceHeld: false, images: new Map() });
    this.view = new View(margin);
    this.element = make("div", "stage", null);
    this.back = make("canvas", "canvas", this.element);
    this.front = make("canvas", "canvas", this.element);
    this.keys = make("textarea", "keys", this.element, { readOnly: true });
    this.keys.setAttribute("aria-label", session.word("label"));
    this.#listen();
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.element);
    this.forget = session.listen(() => this.draw());
  }

  /** Frees what the page would keep. */
  remove() {
    this.observer.disconnect();
    this.forget();
    cancelAnimationFrame(this.request);
  }

  focus() {
    this.keys.focus({ preventScroll: true });
  }

  /** Where a joint is on the page, in its pixels; for tests. */
  where(person, joint) {
    const { points } = this.session.rows[person].posed;
    return this.#onPage(this.view.toEditor(points[2 * joint], points[2 * joint + 1]));
  }

  /** Where the handles of the chosen part are on the page; for tests. */
  get handles() {
    const box = this.#box();
    if (!box) return null;
    const { corners, knob } = box;
    const middle = [0, 1].map((i) => (corners[0][i] + corners[2][i]) / 2);
    return { knob: this.#onPage(knob), corner: this.#onPage(corners[2]), middle: this.#onPage(middle) };
  }

  #onPage([x, y]) {
    const rect = this.element.getBoundingClientRect();
    const scale = rect.width / this.element.clientWidth;
    return [rect.left + x * scale, rect.top + y * scale];
  }

  #listen() {
    const { element } = this;
    element.addEventListener("pointerdown", (event) => this.#press(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", () => this.#release());
    element.addEventListener("pointercancel", () => this.cancel());
    element.addEventListener("wheel", (event) => this.#turnWheel(event), { passive: false });
  }

  /** x and y in the editor; the page may have scaled the whole node. */
  #place(event) {
    const rect = this.element.getBoundingClientRect();
    const scale = this.element.clientWidth / rect.width;
    return [(event.clientX - rect.left) * scale, (event.clientY - rect.top) * scale];
  }

  #box() {
    const { row, part } = this.session;
    return row?.shown && part ? partBox(row.shown, part, this.view) : null;
  }

  #press(event) {
    const { session } = this;
    const isPan = event.button === 1 || this.spaceHeld;
    if ((event.button !== 0 && !isPan) || !session.detection) return;
    event.preventDefault();
    this.focus();
    this.element.setPointerCapture(event.pointerId);
    const at = this.#place(event);
    this.gesture = (!isPan && !session.isLocked && this.#take(at)) || { pan: at };
    this.draw();
  }

  /** What is dragged from a place: a handle, a joint, a part; null: nothing. */
  #take(at) {
    const { session, view } = this;
    const { row, part } = session;
    const box = this.#box();
    const handle = findHandle(box, ...at);
    const from = view.toImage(...at);
    const taken = (kind) => ({ handle: kind, row, part, box, from, pivot: view.toImage(...box.pivot) });
    if (handle && handle !== "move") return taken(handle);
    const hit = findJoint(session.rows, session, view, ...at);
    if (hit && !(handle === "move" && hit.person !== session.chosen)) {
      const isOwn = hit.person === session.chosen;
      session.choose({ chosen: hit.person, joint: hit.joint, part: isOwn ? part : null });
      const { points } = session.row.shown;
      const start = [0, 1].map((i) => points[2 * hit.joint + i]);
      return { row: session.row, joint: hit.joint, start, from };
    }
    if (!handle) return null;
    if (session.joint !== null) session.choose({ part });
    return taken(handle);
  }

  #move(event) {
    const at = this.#place(event);
    if (!this.gesture) return this.#showCursor(at);
    if (this.gesture.pan) {
      this.view.moveBy(at[0] - this.gesture.pan[0], at[1] - this.gesture.pan[1]);
      this.gesture.pan = at;
      this.draw();
    } else this.#dragTo(this.view.toImage(...at), event);
  }

  #showCursor(at) {
    const { session, view } = this;
    const handle = findHandle(this.#box(), ...at);
    const cursors = { turn: "grab", scale: "nwse-resize", move: "move" };
    const isJoint = findJoint(session.rows, session, view, ...at);
    const cursor = handle && handle !== "move" ? cursors[handle] : isJoint ? "pointer" : cursors[handle];
    this.element.style.cursor = this.spaceHeld ? "grab" : (cursor ?? "default");
  }

  #dragTo(to, { altKey, shiftKey }) {
    const { session, gesture } = this;
    const { row, from } = gesture;
    const { detection, history, frame } = session;
    const about = [detection, history.state, row, frame];
    const keepLengths = session.keepLengths && !altKey;
    if (gesture.handle === "turn" || gesture.handle === "scale") {
      gesture.turn = turnBy(gesture.handle, gesture.pivot, from, to, shiftKey);
      session.setDraft(transformPart(...about, gesture.part, { ...gesture.turn, about: gesture.pivot }));
      return;
    }
    const shift = [0, 1].map((i) => to[i] - from[i]);
    if (shiftKey) shift[Math.abs(shift[0]) < Math.abs(shift[1]) ? 0 : 1] = 0;
    if (!shift[0] && !shift[1]) return;
    if (gesture.handle) session.setDraft(movedPart(session, row, gesture.part, shift, keepLengths));
    else {
      const target = [0, 1].map((i) => gesture.start[i] + shift[i]);
      const move = dragJoint(row.shown, gesture.joint, target, keepLengths);
      session.setDraft(movePerson(...about, move));
    }
  }

  #release() {
    const wasPan = this.gesture?.pan;
    this.gesture = null;
    if (!wasPan) this.session.endDraft(true);
    this.draw();
  }

  /** Ends a drag as if it had not been. @returns {boolean} whether there was one */
  cancel() {
    if (!this.gesture) return false;
    this.gesture = null;
    this.session.endDraft(false);
    return true;
  }

  zoomBy(factor, about) {
    this.view.zoomBy(factor, about);
    this.draw();
  }

  fit() {
    this.view.reset();
    this.draw();
  }

  panBy(x, y) {
    this.view.moveBy(x, y);
    this.draw();
  }

  #turnWheel(event) {
    if (document.activeElement !== this.keys && !this.hasLabels) return;
    event.preventDefault();
    event.stopPropagation();
    this.zoomBy(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, this.#place(event));
  }

  /** Draws at the next chance. */
  draw() {
    cancelAnimationFrame(this.request);
    if (!this.isPaused) this.request = requestAnimationFrame(() => this.#drawNow());
  }

  #drawNow() {
    const [width, height] = [this.element.clientWidth, this.element.clientHeight];
    if (!width || !height) return;
    const ratio = Math.min(window.devicePixelRatio || 1, Math.max(1, MAX_BACKING_PX / width));
    const size = [width, height].map((side) => Math.round(side * ratio));
    for (const canvas of [this.back, this.front])
      if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
    this.view.fitInto([width, height], this.session.canvas);
    this.#drawBack(this.session.rows);
    this.#drawFront();
  }

  /** The image and everybody else, unless that is what is there: a drag changes one person. */
  #drawBack(rows) {
    const { view, session } = this;
    const image = session.detection && this.#image();
    const { width, height } = this.back;
    const seen = [width, height, view.zoom, ...view.middle, image, this.opacity, session.detection];
    seen.push(session.found, session.frame, session.chosen, session.history.state);
    if (this.seen?.every((value, index) => value === seen[index])) return;
    this.seen = seen;
    const back = drawing.clear(this.back);
    if (session.detection) drawing.drawImage(back, view, image, this.opacity);
    for (const index of drawingOrder(rows))
      if (rows[index].shown && index !== session.chosen)
        drawing.drawPerson(back, view, rows[index].shown);
  }

  #drawFront() {
    const { session, view, gesture } = this;
    const { row, joint, part } = session;
    const front = drawing.clear(this.front);
    if (!row?.shown) return;
    if (row.edits && session.showsGhost) drawing.drawGhost(front, view, row.detected);
    drawing.drawPerson(front, view, row.shown, { chosen: true, joint });
    if (row.edits) drawing.drawHidden(front, view, row, part);
    const box = gesture?.turn ? turnedBox(gesture.box, gesture.turn) : this.#box();
    if (box) drawing.drawBox(front, box);
    if (joint === null) return;
    const name = KEYPOINT_SETS[row.detected.set].names[joint].replaceAll("_", " ");
    drawing.drawChosenJoint(front, view, row, joint, this.hasLabels ? name : "");
  }

  /** The image of the frame, once it has come; the next ones are fetched meanwhile. */
  #image() {
    const { detection, frame } = this.session;
    const [now, ...ahead] = detection.frames.slice(frame, frame + 1 + AHEAD).map(({ image }) => image);
    if (!now) return null;
    const image = this.#fetch(now);
    if (!image.complete) return null;
    for (const name of ahead) if (name) this.#fetch(name);
    return image.naturalWidth ? image : null;
  }

  #fetch(name) {
    if (!this.images.has(name)) {
      const image = new Image();
      image.onload = () => this.draw();
      image.src = this.imageUrl(name);
      this.images.set(name, image);
    }
    return this.images.get(name);
  }
}
