// Poses of people and parts, copied, pasted and mirrored.

import { pivotOf } from "./apply.js";
import { placeJoints } from "./model.js";
import { SHOWN_SCORE, jointsOf } from "./parts.js";
import { KEYPOINT_SETS, PART_NAMES } from "../tables.js";

/** @typedef {import("./state.js").Edits} Edits */
/** @typedef {import("./model.js").Row} Row */
/**
 * A copied part; of the body, everything.
 * @typedef {object} Copy
 * @property {string} keypoint_set
 * @property {string} part
 * @property {number[]} pivot where the part hangs
 * @property {number[]} joints joint, x, y, score, ...
 */

const FORMAT = "sapiens_pose_copy";
const MAX_LENGTH = 64 * 1024;
const TWINS = { left_hand: "right_hand", left_foot: "right_foot" };
for (const [left, right] of Object.entries(TWINS)) TWINS[right] = left;

/** @param {Row} row @param {string} part @returns {Copy | null} null if nothing is found of it */
export function copyOf(row, part) {
  const { set, points, scores } = row.posed;
  const pivot = pivotOf(row.posed, points, part);
  if (!pivot) return null;
  const seen = jointsOf(set, part).filter((joint) => scores[joint] > 0);
  const round = (value) => Math.round(value * 100) / 100;
  const joints = seen.flatMap((joint) => [
    joint,
    ...[points[2 * joint], points[2 * joint + 1], scores[joint]].map(round),
  ]);
  return { format: FORMAT, keypoint_set: set, part, pivot, joints };
}

/**
 * A copy from a text, such as that of the clipboard.
 * @param {string} text
 * @returns {Copy | null} null if it is anything else
 */
export function readCopy(text) {
  if (!text.includes(FORMAT) || text.length > MAX_LENGTH) return null;
  let copy;
  try {
    copy = JSON.parse(text);
  } catch {
    return null; // some other text
  }
  const isSet = typeof copy?.keypoint_set === "string" && Object.hasOwn(KEYPOINT_SETS, copy.keypoint_set);
  if (copy?.format !== FORMAT || !isSet || !PART_NAMES.includes(copy.part)) return null;
  const areNumbers = (values) =>
    Array.isArray(values) && values.every((value) => Number.isFinite(value) && Math.abs(value) <= 1e6);
  if (!areNumbers(copy.pivot) || copy.pivot.length !== 2) return null;
  if (!areNumbers(copy.joints) || copy.joints.length % 4) return null;
  const count = KEYPOINT_SETS[copy.keypoint_set].names.length;
  const isJoint = (value, i) => i % 4 > 0 || (Number.isInteger(value) && value >= 0 && value < count);
  return copy.joints.every(isJoint) ? copy : null;
}

/** The part that a copy goes to: a left hand may become a right one. */
export function targetOf(copy, part) {
  return TWINS[copy.part] === part ? part : copy.part;
}

/**
 * Gives a person the pose of a copy, where the person is.
 * @param {import("./detection.js").Detection} detection @param {Edits | null} edits
 * @param {Row} row @param {number} frame
 * @param {Copy} copy @param {string} part chosen, see targetOf
 * @returns {Edits | null} null if nothing fits
 */
export function pasteCopy(detection, edits, row, frame, copy, part) {
  const target = targetOf(copy, part);
  const isMirrored = target !== copy.part;
  const pivot = pivotOf(row.posed, row.posed.points, target);
  if (!pivot) return null;
  const { names } = KEYPOINT_SETS[row.detected.set];
  const source = KEYPOINT_SETS[copy.keypoint_set];
  const wanted = new Map();
  for (let i = 0; i < copy.joints.length; i += 4) {
    const [from, x, y, score] = copy.joints.slice(i, i + 4);
    const joint = names.indexOf(source.names[isMirrored ? source.twins[from] : from]);
    if (joint < 0) continue;
    const right = (x - copy.pivot[0]) * (isMirrored ? -1 : 1);
    const place = { at: [pivot[0] + right, pivot[1] + y - copy.pivot[1]] };
    if (score >= SHOWN_SCORE && row.posed.scores[joint] < SHOWN_SCORE) place.score = score;
    wanted.set(joint, place);
  }
  return wanted.size ? placeJoints(detection, edits, row, frame, wanted) : null;
}

/**
 * Exchanges left and right of a person or a face; a hand or a foot is turned over.
 * @param {import("./detection.js").Detection} detection @param {Edits | null} edits
 * @param {Row} row @param {number} frame @param {string} part
 */
export function mirrorPart(detection, edits, row, frame, part) {
  const { set, points, scores } = row.posed;
  const { twins } = KEYPOINT_SETS[set];
  const joints = jointsOf(set, part).filter((joint) => scores[joint] > 0);
  if (!joints.length) return null;
  const isAlone = Boolean(TWINS[part]);
  const lefts = joints.map((joint) => points[2 * joint]);
  const middle = isAlone
    ? (pivotOf(row.posed, points, part)?.[0] ?? lefts[0])
    : (Math.min(...lefts) + Math.max(...lefts)) / 2;
  const wanted = new Map();
  for (const joint of joints) {
    const twin = isAlone ? joint : twins[joint];
    const place = { at: [2 * middle - points[2 * joint], points[2 * joint + 1]] };
    const isShown = scores[joint] >= SHOWN_SCORE;
    if (scores[twin] >= SHOWN_SCORE !== isShown) place.score = isShown ? scores[joint] : 0;
    wanted.set(twin, place);
  }
  return placeJoints(detection, edits, row, frame, wanted);
}
