// Edits applied to one person in one frame: the same rules as skeletons/edits, in the same order of
// sums; both meet tests/golden/edits to 1e-9.

import { KEYPOINT_SETS, PART_NAMES } from "../tables.js";

/** @typedef {import("./state.js").Key} Key */
/**
 * What happens to one person in one frame.
 * @typedef {object} Change
 * @property {Float64Array} offsets right and down of each joint
 * @property {Float64Array} parts right, down, degrees and scale of each part
 * @property {Float64Array} scores NaN for joints that keep theirs
 */
/**
 * One person in one frame.
 * @typedef {object} Person
 * @property {string} set name of the keypoint set
 * @property {Float64Array} points x and y of each joint
 * @property {Float64Array} scores
 */

/** @param {string} set @param {Key} [key] @returns {Change} */
export function changeOf(set, key = {}) {
  const count = KEYPOINT_SETS[set].names.length;
  const offsets = new Float64Array(2 * count);
  const parts = new Float64Array(4 * PART_NAMES.length);
  const scores = new Float64Array(count).fill(NaN);
  PART_NAMES.forEach((_, part) => (parts[4 * part + 3] = 1));
  const { joints = [], scores: pairs = [] } = key;
  for (let i = 0; i < joints.length; i += 3) {
    offsets[2 * joints[i]] = joints[i + 1];
    offsets[2 * joints[i] + 1] = joints[i + 2];
  }
  for (let i = 0; i < pairs.length; i += 2) scores[pairs[i]] = pairs[i + 1];
  for (const [name, numbers] of Object.entries(key.parts ?? {}))
    parts.set(numbers, 4 * PART_NAMES.indexOf(name));
  return { offsets, parts, scores };
}

/**
 * The change in a frame: held before the first key and after the last, linear between two.
 * @param {Object<string, Key> | undefined} keys by frame
 * @param {number} frame
 * @param {Person} person as detected in this frame
 * @returns {Change | null} null if there are no keys
 */
export function changeAt(keys, frame, person) {
  const frames = Object.keys(keys ?? {}).map(Number).sort((one, other) => one - other);
  if (!frames.length) return null;
  if (frames.every((at) => !keys[at].of)) return changeBetween(keys, frames, frame, person);
  const result = changeOf(person.set);
  for (const name of PART_NAMES) {
    const own = frames.filter((at) => keys[at].of?.includes(name) ?? true);
    if (own.length) copyPart(result, changeBetween(keys, own, frame, person), person.set, name);
  }
  return result;
}

const partsOfJoints = new Map();

/**
 * For each joint the index of the part that it is of; a joint of no hand, foot or face is of the
 * body.
 * @param {string} set @returns {Uint8Array}
 */
export function partOfJoints(set) {
  if (!partsOfJoints.has(set)) {
    const { names, parts } = KEYPOINT_SETS[set];
    const result = new Uint8Array(names.length);
    PART_NAMES.forEach((name, part) => {
      if (part) for (const joint of parts[name].joints) result[joint] = part;
    });
    partsOfJoints.set(set, result);
  }
  return partsOfJoints.get(set);
}

/**
 * Takes what a change does to one part.
 * @param {Change} change that is written to
 * @param {Change} source @param {string} set @param {string} name of the part
 */
export function copyPart(change, source, set, name) {
  const part = PART_NAMES.indexOf(name);
  change.parts.set(source.parts.subarray(4 * part, 4 * part + 4), 4 * part);
  partOfJoints(set).forEach((own, joint) => {
    if (own !== part) return;
    change.scores[joint] = source.scores[joint];
    change.offsets.set(source.offsets.subarray(2 * joint, 2 * joint + 2), 2 * joint);
  });
}

function changeBetween(keys, frames, frame, person) {
  const found = frames.findIndex((at) => at >= frame);
  const after = found < 0 ? frames.length - 1 : found;
  const number = frames[after];
  const last = changeOf(person.set, keys[number]);
  if (number <= frame || after === 0) return last;
  const start = frames[after - 1];
  const first = changeOf(person.set, keys[start]);
  const share = (frame - start) / (number - start);
  const between = (one, other) => one.map((value, i) => value + (other[i] - value) * share);
  const isGiven = last.scores.map((value, i) => +!(isNaN(value) && isNaN(first.scores[i])));
  const filled = (scores) => scores.map((value, i) => (isNaN(value) ? person.scores[i] : value));
  const scores = between(filled(first.scores), filled(last.scores));
  return {
    offsets: between(first.offsets, last.offsets),
    parts: between(first.parts, last.parts),
    scores: scores.map((value, i) => (isGiven[i] ? value : NaN)),
  };
}

/**
 * The person with a change applied: first the parts, then single joints, then scores.
 * @param {Person} person
 * @param {Change | null} change
 * @param {number[]} scale pixels of the person's canvas for one of the edits', right and down
 * @returns {Person}
 */
export function changePerson(person, change, scale = [1, 1]) {
  if (!change) return person;
  const points = moveParts(person, change.parts, scale);
  change.offsets.forEach((offset, i) => {
    if (offset !== 0) points[i] += offset * scale[i % 2];
  });
  const scores = person.scores.map((score, i) =>
    isNaN(change.scores[i]) ? score : change.scores[i],
  );
  return { set: person.set, points, scores };
}

/** Points of a person with their parts moved, turned and scaled, one part after the other. */
export function moveParts(person, parts, scale) {
  const points = person.points.slice();
  const isNowhere = (joint) =>
    person.scores[joint] <= 0 && person.points[2 * joint] === 0 && person.points[2 * joint + 1] === 0;
  PART_NAMES.forEach((name, part) => {
    const [moveX, moveY, degrees, size] = parts.subarray(4 * part, 4 * part + 4);
    if (moveX === 0 && moveY === 0 && degrees === 0 && size === 1) return;
    const pivot = pivotOf(person, points, name);
    if (!pivot) return;
    const angle = (degrees * Math.PI) / 180;
    const cos = size * Math.cos(angle);
    const sin = size * Math.sin(angle);
    for (const joint of KEYPOINT_SETS[person.set].parts[name].joints) {
      if (isNowhere(joint)) continue;
      const x = points[2 * joint] - pivot[0];
      const y = points[2 * joint + 1] - pivot[1];
      points[2 * joint] = x * cos - y * sin + pivot[0] + moveX * scale[0];
      points[2 * joint + 1] = x * sin + y * cos + pivot[1] + moveY * scale[1];
    }
  });
  return points;
}

/**
 * Where a part hangs, as x and y; null if nothing of it is found.
 * @param {Person} person @param {Float64Array} points @param {string} name of the part
 * @returns {number[] | null}
 */
export function pivotOf(person, points, name) {
  const { anchors, joints } = KEYPOINT_SETS[person.set].parts[name];
  const isFound = (joint) => person.scores[joint] > 0;
  if (anchors.length && anchors.every(isFound)) {
    const [first, last] = [anchors[0], anchors[anchors.length - 1]];
    return [0, 1].map((axis) => (points[2 * first + axis] + points[2 * last + axis]) / 2);
  }
  const found = joints.filter(isFound);
  if (!found.length) return null;
  return [0, 1].map(
    (axis) => found.reduce((sum, joint) => sum + points[2 * joint + axis], 0) / found.length,
  );
}
