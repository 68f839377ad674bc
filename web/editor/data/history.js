// The editor's own undo: whole small states, one per gesture.

export const MAX_STEPS = 200;
const SAME_GESTURE_MS = 600;

/** @template T */
export class History {
  /** @param {T} state */
  constructor(state) {
    this.past = [];
    this.state = state;
    this.future = [];
    this.last = { kind: "", time: -Infinity };
  }

  /**
   * Takes a state as the present one.
   * @param {T} state
   * @param {string} [kind] states of one kind, such as those of an arrow key, are one step if they
   *   follow each other at once
   * @param {number} [time] in milliseconds
   */
  add(state, kind = "", time = Date.now()) {
    const goesOn = kind && kind === this.last.kind && time - this.last.time < SAME_GESTURE_MS;
    if (!goesOn) this.past.push(this.state);
    if (this.past.length > MAX_STEPS) this.past.shift();
    this.state = state;
    this.future = [];
    this.last = { kind, time };
  }

  /** @returns {boolean} whether there was anything to undo */
  undo() {
    return this.#step(this.past, this.future);
  }

  /** @returns {boolean} whether there was anything to do again */
  redo() {
    return this.#step(this.future, this.past);
  }

  #step(from, to) {
    if (!from.length) return false;
    to.push(this.state);
    this.state = from.pop();
    this.last = { kind: "", time: -Infinity };
    return true;
  }
}
