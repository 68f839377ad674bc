// The box around the chosen part: dragged inside it moves, at its corners it scales, at its knob it
// turns.

import { boxOf, shownPivot } from "../data/parts.js";
import { REACH_PX } from "./hit.js";

const MARGIN_PX = 10;
const LEAST_PX = 36;
const KNOB_PX = 24;

/**
 * @typedef {object} PartBox
 * @property {number[][]} corners x and y in the editor, clockwise from the upper left
 * @property {number[]} knob @property {number[]} stem where the knob stands on the box
 * @property {number[]} pivot
 */

/**
 * The box of a part in the editor.
 * @param {import("../data/apply.js").Person} person
 * @param {string} part
 * @param {import("./view.js").View} view
 * @returns {PartBox | null} null if nothing of the part is shown
 */
export function partBox(person, part, view) {
  const box = boxOf(person, part);
  const pivot = shownPivot(person, part);
  if (!box || !pivot) return null;
  const [left, top] = view.toEditor(box[0], box[1]);
  const [right, bottom] = view.toEditor(box[2], box[3]);
  const [wide, high] = [right - left, bottom - top].map(
    (side) => Math.max(0, LEAST_PX - side - 2 * MARGIN_PX) / 2 + MARGIN_PX,
  );
  const corners = [
    [left - wide, top - high],
    [right + wide, top - high],
    [right + wide, bottom + high],
    [left - wide, bottom + high],
  ];
  const stem = [(left + right) / 2, top - high];
  const knob = stem[1] - KNOB_PX < 8 ? [stem[0], bottom + high + KNOB_PX] : [stem[0], stem[1] - KNOB_PX];
  if (knob[1] > stem[1]) stem[1] = bottom + high;
  return { corners, knob, stem, pivot: view.toEditor(...pivot) };
}

/**
 * What the pointer takes of a box.
 * @param {PartBox | null} box @param {number} x @param {number} y in the editor
 * @returns {"turn" | "scale" | "move" | null}
 */
export function findHandle(box, x, y) {
  if (!box) return null;
  const isNear = ([left, top]) => Math.hypot(left - x, top - y) <= REACH_PX;
  if (isNear(box.knob)) return "turn";
  if (box.corners.some(isNear)) return "scale";
  const [[left, top], , [right, bottom]] = box.corners;
  return x >= left && x <= right && y >= top && y <= bottom ? "move" : null;
}

/**
 * How a drag of a handle turns or scales about the pivot.
 * @param {"turn" | "scale"} handle
 * @param {number[]} pivot @param {number[]} from @param {number[]} to in the image
 * @param {boolean} isStepped in steps of 15 degrees
 */
export function turnBy(handle, pivot, from, to, isStepped) {
  const [start, end] = [from, to].map((at) => [at[0] - pivot[0], at[1] - pivot[1]]);
  if (handle === "scale") {
    const factor = Math.hypot(...end) / Math.max(1e-6, Math.hypot(...start));
    return { factor: Math.min(20, Math.max(0.05, factor)) };
  }
  const angle = Math.atan2(
    start[0] * end[1] - start[1] * end[0],
    start[0] * end[0] + start[1] * end[1],
  );
  const degrees = (angle * 180) / Math.PI;
  return { degrees: isStepped ? Math.round(degrees / 15) * 15 : degrees };
}

/** The box as it is while its part is turned and scaled. @returns {PartBox} */
export function turnedBox(box, { degrees = 0, factor = 1 }) {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [factor * Math.cos(angle), factor * Math.sin(angle)];
  const turn = ([left, top]) => {
    const [x, y] = [left - box.pivot[0], top - box.pivot[1]];
    return [box.pivot[0] + x * cos - y * sin, box.pivot[1] + x * sin + y * cos];
  };
  return { ...box, corners: box.corners.map(turn), knob: turn(box.knob), stem: turn(box.stem) };
}
