// The frames of a clip, below: a row for each part that has key frames, with a key at each of them.

import * as acts from "../acts.js";
import { keyedParts, keysOf, moveKey } from "../data/keys.js";
import { make, say } from "../elements.js";
import { addFrameButtons } from "./frame_buttons.js";

const TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
const MOST_TICKS = 14;

export class Frames {
  /** @param {import("../session.js").Session} session @param {import("./overlay.js").Overlay} overlay */
  constructor(session, overlay) {
    Object.assign(this, { session, overlay });
    const { word } = session;
    this.element = make("footer", "clip", null, { hidden: true });
    this.buttons = addFrameButtons(this.element, session, overlay);
    const lanes = make("div", "lanes", make("div", "laneScroll", this.element));
    const head = make("div", "lane", lanes);
    head.classList.add("sapiens-laneHead");
    make("div", "laneName", head, { textContent: word("frame") });
    this.ruler = make("div", "ruler", head);
    this.rows = make("div", "laneRows", lanes);
    this.line = make("div", "now", make("div", "nowTrack", lanes));
    this.hint = make("div", "hint", this.element, { textContent: word("clipHint") });
    this.#scrubOn(this.ruler);
  }

  /** How far right a frame is, in percent. */
  #left(frame) {
    return (100 * frame) / Math.max(1, this.session.lastFrame);
  }

  #frameAt(track, clientX) {
    const rect = track.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (clientX - rect.left) / rect.width));
    return Math.round(share * this.session.lastFrame);
  }

  /** Goes to the frame under the pointer, also while it is dragged. */
  #scrubOn(track) {
    const go = (event) => this.session.goTo(this.#frameAt(track, event.clientX));
    track.addEventListener("pointerdown", (event) => {
      if (event.button !== 0 || event.target.closest("button")) return;
      track.setPointerCapture(event.pointerId);
      go(event);
      this.overlay.stage.focus();
      event.preventDefault();
    });
    track.addEventListener("pointermove", (event) => {
      if (track.hasPointerCapture(event.pointerId)) go(event);
    });
  }

  show() {
    const { session } = this;
    this.element.hidden = !session.lastFrame;
    if (!session.lastFrame) return;
    this.line.style.left = `${this.#left(session.frame)}%`;
    this.buttons.show();
    this.#showRuler();
    this.#showRows();
  }

  #showRuler() {
    const { lastFrame } = this.session;
    if (this.ruled === lastFrame) return;
    this.ruled = lastFrame;
    this.ruler.replaceChildren();
    const step = TICKS.find((each) => lastFrame / each <= MOST_TICKS) ?? TICKS.at(-1);
    for (let frame = 0; frame <= lastFrame; frame += step) {
      const tick = make("span", "tick", this.ruler, { textContent: String(frame) });
      tick.style.left = `${this.#left(frame)}%`;
    }
  }

  /** Of everybody who is edited, and of who is chosen. */
  get lanes() {
    const { rows, chosen, partOrBody } = this.session;
    return rows.flatMap((row, index) => {
      const { set } = row.detected;
      const parts = new Set(keyedParts(row.edits, set));
      if (index === chosen) parts.add(partOrBody);
      return [...parts].map((part) => ({ row, index, part, keys: keysOf(row.edits, set, part) }));
    });
  }

  #showRows() {
    const { session } = this;
    const { lanes } = this;
    const text = JSON.stringify([
      ...[session.chosen, session.partOrBody, session.lastFrame],
      lanes.map(({ index, part, keys }) => [index, part, keys]),
    ]);
    if (text === this.seen) {
      this.known = lanes;
      return;
    }
    const focused = document.activeElement?.dataset?.key;
    Object.assign(this, { seen: text, known: lanes });
    this.rows.replaceChildren();
    lanes.forEach((lane, number) => this.#addLane(lane, number));
    if (focused) this.rows.querySelector(`[data-key="${focused}"]`)?.focus();
    this.rows.querySelector(".sapiens-chosen")?.scrollIntoView({ block: "nearest" });
  }

  #addLane({ index, part, keys }, number) {
    const { session } = this;
    const { word } = session;
    const lane = make("div", "lane", this.rows);
    const isChosen = index === session.chosen && part === session.partOrBody;
    lane.classList.toggle("sapiens-chosen", isChosen);
    const name = `${word("personName", { number: index + 1 })} · ${word(part)}`;
    const label = make("button", "laneName", lane, { type: "button", textContent: name });
    label.setAttribute("aria-pressed", String(isChosen));
    label.addEventListener("click", () => session.choose({ chosen: index, part }));
    const track = make("div", "track", lane);
    this.#scrubOn(track);
    if (keys.length) {
      const bar = make("div", "held", track);
      bar.style.left = `${this.#left(keys[0].frame)}%`;
      bar.style.right = `${100 - this.#left(keys.at(-1).frame)}%`;
    } else make("span", "noKeys", track, { textContent: word("noKeys") });
    for (const key of keys) this.#addKey(track, number, key, name);
  }

  #addKey(track, number, { frame, isDetected }, name) {
    const { session } = this;
    const { word } = session;
    const about = `${name}, ${word(isDetected ? "detectedKey" : "key")}, ${word("frame")} ${frame}`;
    const button = make("button", "key", track, { type: "button", title: about });
    button.dataset.key = `${number} ${frame}`;
    button.classList.toggle("sapiens-asDetected", isDetected);
    button.setAttribute("aria-label", about);
    button.style.left = `${this.#left(frame)}%`;
    const choose = () => {
      const { index, part } = this.known[number];
      session.choose({ chosen: index, part });
    };
    button.addEventListener("click", (event) => {
      choose();
      session.goTo(frame);
      if (event.detail) this.overlay.stage.focus();
    });
    this.#dragKey(button, track, number, frame, choose);
    button.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const isDelete = event.key === "Delete";
      if (!step && !isDelete) return;
      event.stopPropagation();
      event.preventDefault();
      choose();
      session.goTo(frame);
      if (isDelete) acts.removeKey(session);
      else this.#moveKey(number, frame, frame + step);
    });
  }

  #dragKey(button, track, number, frame, choose) {
    let to = frame;
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    button.addEventListener("pointermove", (event) => {
      if (!button.hasPointerCapture(event.pointerId)) return;
      to = this.#frameAt(track, event.clientX);
      button.style.left = `${this.#left(to)}%`;
    });
    button.addEventListener("pointerup", () => {
      if (to === frame) return;
      choose();
      this.#moveKey(number, frame, to);
      this.overlay.stage.focus();
    });
  }

  #moveKey(number, from, to) {
    const { session } = this;
    const { row, part } = this.known[number];
    const target = Math.min(session.lastFrame, Math.max(0, to));
    if (target === from || session.isLocked) return;
    const edits = moveKey(session.detection, session.history.state, row, part, from, target);
    const own = document.activeElement?.dataset;
    if (own?.key === `${number} ${from}`) own.key = `${number} ${target}`; // keeps the focus
    session.take(edits);
    session.goTo(target);
    say(this.overlay.status, session.word("keyMoved", { frame: target }));
  }
}
