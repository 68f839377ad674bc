// Parts as wholes: where they are, and how they are moved, turned and scaled.

import { changeAt, changeOf, moveParts, partOfJoints, pivotOf } from "./apply.js";
import { setKey, withFollowers } from "./keys.js";
import { NO_PART, changeFrame, placeJoints } from "./model.js";
import { KEYPOINT_SETS, PART_NAMES } from "../tables.js";

/** @typedef {import("./model.js").Row} Row */
/** @typedef {import("./state.js").Edits} Edits */

/** Score from which on a joint is shown. */
export const SHOWN_SCORE = 0.3;
const SCALES = [0.01, 100];
const MAX_DEGREES = 3600;

/**
 * The joints of a part: for the body all of the person, as it is moved as a whole.
 * @param {string} set @param {string} part
 * @returns {number[]}
 */
export function jointsOf(set, part) {
  return KEYPOINT_SETS[set].parts[part].joints;
}

/**
 * The joints of a part alone: those of the body without hands, feet and face.
 * @param {string} set @param {string} part
 * @returns {number[]}
 */
export function jointsOnlyOf(set, part) {
  const partOf = partOfJoints(set);
  return jointsOf(set, part).filter((joint) => PART_NAMES[partOf[joint]] === part);
}

/** Parts of a keypoint set that have joints. @param {string} set */
export function partsIn(set) {
  return PART_NAMES.filter((part) => jointsOf(set, part).length);
}

/**
 * Left, top, right and bottom of what is shown of a part; null if it is nothing.
 * @param {import("./apply.js").Person} person @param {string} part
 */
export function boxOf(person, part) {
  const seen = jointsOf(person.set, part).filter((joint) => person.scores[joint] >= SHOWN_SCORE);
  if (!seen.length) return null;
  const side = (axis, pick) => pick(...seen.map((joint) => person.points[2 * joint + axis]));
  return [side(0, Math.min), side(1, Math.min), side(0, Math.max), side(1, Math.max)];
}

/** Where a part hangs as it is shown. @param {import("./apply.js").Person} person */
export function shownPivot(person, part) {
  return pivotOf(person, person.points, part);
}

/**
 * Moves, turns and scales a part.
 * @param {import("./detection.js").Detection} detection
 * @param {Edits | null} edits
 * @param {Row} row @param {number} frame @param {string} part
 * @param {{shift?: number[], degrees?: number, factor?: number, about?: number[]}} turn about a
 *   point of the frame, then moved; all in pixels of its canvas
 * @returns {Edits | null} a copy; null if nothing of the part is found
 */
export function transformPart(detection, edits, row, frame, part, turn) {
  const { set } = row.detected;
  const { shift = [0, 0], degrees = 0, factor = 1 } = turn;
  const about = turn.about ?? shownPivot(row.posed, part);
  if (!about) return null;
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [factor * Math.cos(angle), factor * Math.sin(angle)];
  const turned = ([x, y]) => [x * cos - y * sin, x * sin + y * cos];
  const isTurned = degrees !== 0 || factor !== 1;
  const others = part === "body" && isTurned ? movedParts(row, frame) : [];
  return changeFrame(detection, edits, row, frame, [part, ...others], (change, scale) => {
    const pivot = pivotBefore(row.detected, change, part, scale);
    if (!pivot) return;
    const start = 4 * PART_NAMES.indexOf(part);
    const numbers = change.parts.subarray(start, start + 4);
    const now = pivot.map((value, i) => value + numbers[i] * scale[i] - about[i]);
    turned(now).forEach((value, i) => {
      numbers[i] = (value + about[i] + shift[i] - pivot[i]) / scale[i];
    });
    numbers[2] = clip(numbers[2] + degrees, -MAX_DEGREES, MAX_DEGREES);
    numbers[3] = clip(numbers[3] * factor, ...SCALES);
    if (isTurned) turnOffsets(change, scale, set, part, turned);
  });
}

/** Turns what was moved on its own before, so that the part keeps its shape. */
function turnOffsets(change, scale, set, part, turned) {
  const turnPair = (values, at) => {
    const pair = [0, 1].map((i) => values[at + i] * scale[i]);
    turned(pair).forEach((value, i) => (values[at + i] = value / scale[i]));
  };
  for (const joint of jointsOf(set, part)) turnPair(change.offsets, 2 * joint);
  if (part === "body")
    for (let other = 1; other < PART_NAMES.length; other += 1) turnPair(change.parts, 4 * other);
}

/** Where a part would hang without its own move and those after it. */
function pivotBefore(detected, change, part, scale) {
  const before = change.parts.slice();
  PART_NAMES.forEach((_, index) => {
    if (index >= PART_NAMES.indexOf(part)) before.set([0, 0, 0, 1], 4 * index);
  });
  return pivotOf(detected, moveParts(detected, before, scale), part);
}

/** Parts of which something is moved on its own in a frame. */
function movedParts(row, frame) {
  const change = changeAt(row.edits?.keys, frame, row.detected) ?? changeOf(row.detected.set);
  const moved = new Set();
  partOfJoints(row.detected.set).forEach((part, joint) => {
    if (change.offsets[2 * joint] || change.offsets[2 * joint + 1]) moved.add(PART_NAMES[part]);
  });
  PART_NAMES.forEach((name, part) => {
    if (change.parts[4 * part] || change.parts[4 * part + 1]) moved.add(name);
  });
  return [...moved];
}

/**
 * How far a part is turned and scaled in a frame.
 * @param {Row} row @param {number} frame @param {string} part
 */
export function turnOf(row, frame, part) {
  const change = changeAt(row.edits?.keys, frame, row.detected);
  const start = 4 * PART_NAMES.indexOf(part);
  const [, , degrees, factor] = change ? change.parts.subarray(start, start + 4) : [0, 0, 0, 1];
  return { degrees, factor };
}

/**
 * Hides joints, or shows them.
 * @param {import("./detection.js").Detection} detection @param {Edits | null} edits
 * @param {Row} row @param {number} frame
 * @param {number[]} joints @param {boolean} isShown
 */
export function showJoints(detection, edits, row, frame, joints, isShown) {
  const { scores, points } = row.detected;
  const wanted = new Map();
  for (const joint of joints) {
    const isNowhere = scores[joint] <= 0 && !points[2 * joint] && !points[2 * joint + 1];
    if (isNowhere && isShown) continue;
    if (row.posed.scores[joint] >= SHOWN_SCORE === isShown) continue;
    const isBack = scores[joint] >= SHOWN_SCORE === isShown;
    wanted.set(joint, { score: isBack ? NaN : Number(isShown) });
  }
  return wanted.size ? placeJoints(detection, edits, row, frame, wanted) : null;
}

/**
 * Joints as they were detected in a frame.
 * @param {import("./detection.js").Detection} detection @param {Edits} edits
 * @param {Row} row @param {number} frame
 * @param {string} part @param {number | null} joint alone, or the part as a whole
 */
export function resetPart(detection, edits, row, frame, part, joint) {
  const { set } = row.detected;
  if (joint === null) return setKey(detection, edits, row, frame, [part], true);
  const moved = withFollowers(row.edits, ["body"]).slice(1);
  const hanging = moved.filter((name) => KEYPOINT_SETS[set].parts[name].anchors.includes(joint));
  const own = PART_NAMES[partOfJoints(set)[joint]];
  return changeFrame(detection, edits, row, frame, [own, ...hanging], (change) => {
    change.offsets.set([0, 0], 2 * joint);
    change.scores[joint] = NaN;
    for (const name of hanging) change.parts.set(NO_PART, 4 * PART_NAMES.indexOf(name));
  });
}

const clip = (value, least, most) => Math.min(most, Math.max(least, value));
