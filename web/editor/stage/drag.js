// What a drag of one joint does to a person: lengths are kept, and what hangs on the joint follows.
//
// An elbow or a knee turns about its parent. A wrist or an ankle pulls its limb, which bends to the
// side that it bends to already and is stretched out at most. Middle joints and the neck move the
// whole person, the nose the head; others move with what hangs on them.

import { KEYPOINT_SETS, PART_NAMES } from "../tables.js";

/** @typedef {import("../data/apply.js").Person} Person */
/**
 * How a person moves.
 * @typedef {object} Move
 * @property {Map<number, number[]>} joints right and down of each joint of the body
 * @property {Map<string, number[]>} parts right, down and degrees of each part
 */

const WHOLE = new Set(["mid_hip", "left_hip", "right_hip", "neck", "chest", "upper_neck"]);
const TURNING = new Set(["left_elbow", "right_elbow", "left_knee", "right_knee"]);
const PULLING = new Set(["left_wrist", "right_wrist", "left_ankle", "right_ankle"]);

/**
 * The move that takes a joint to a target.
 * @param {Person} person as it is shown
 * @param {number} joint
 * @param {number[]} target x and y in the image
 * @param {boolean} keepLengths otherwise the joint moves alone
 * @returns {Move}
 */
export function dragJoint(person, joint, target, keepLengths) {
  const name = KEYPOINT_SETS[person.set].names[joint];
  const shift = sub(target, at(person, joint));
  if (!keepLengths || partsOf(person.set).has(joint))
    return { joints: new Map([[joint, shift]]), parts: new Map() };
  if (WHOLE.has(name)) return { joints: new Map(), parts: new Map([["body", [...shift, 0]]]) };
  if (TURNING.has(name)) return turnLimb(person, joint, target) ?? moveAlong(person, joint, shift);
  if (PULLING.has(name)) return pullLimb(person, joint, target) ?? moveAlong(person, joint, shift);
  return moveAlong(person, joint, shift);
}

const inParts = new Map();

/** Joints of hands, feet and faces, which parts move. */
function partsOf(set) {
  if (!inParts.has(set)) {
    const { parts } = KEYPOINT_SETS[set];
    const names = PART_NAMES.filter((part) => part !== "body");
    inParts.set(set, new Set(names.flatMap((part) => parts[part].joints)));
  }
  return inParts.get(set);
}

/** A joint and all that hangs on it. */
function moveAlong(person, joint, shift) {
  const move = { joints: new Map(), parts: new Map() };
  for (const index of withHanging(person.set, joint)) placeJoint(person, move, index, shift, 0);
  return move;
}

function turnLimb(person, joint, target) {
  const parent = parentFound(person, joint);
  if (parent < 0) return null;
  const pivot = at(person, parent);
  const angle = angleBetween(sub(at(person, joint), pivot), sub(target, pivot));
  const move = { joints: new Map(), parts: new Map() };
  for (const index of withHanging(person.set, joint))
    placeJoint(person, move, index, turned(person, index, pivot, angle), angle);
  return move;
}

function pullLimb(person, joint, target) {
  const middle = parentFound(person, joint);
  const root = middle < 0 ? -1 : parentFound(person, middle);
  if (root < 0) return null;
  const [start, bend, end] = [root, middle, joint].map((index) => at(person, index));
  const [first, second] = [distance(start, bend), distance(bend, end)];
  const reach = distance(start, target);
  if (!first || !second || !reach) return null;
  const along = Math.min(first + second, Math.max(Math.abs(first - second), reach));
  const direction = sub(target, start).map((value) => value / reach);
  const side = cross(sub(bend, start), sub(end, start)) > 0 ? -1 : 1;
  const share = (first ** 2 + along ** 2 - second ** 2) / (2 * along);
  const height = side * Math.sqrt(Math.max(0, first ** 2 - share ** 2));
  const newBend = [
    start[0] + share * direction[0] - height * direction[1],
    start[1] + share * direction[1] + height * direction[0],
  ];
  const newEnd = [start[0] + along * direction[0], start[1] + along * direction[1]];
  const move = { joints: new Map(), parts: new Map() };
  const upper = angleBetween(sub(bend, start), sub(newBend, start));
  const lower = angleBetween(sub(end, bend), sub(newEnd, newBend));
  const ends = new Set(withHanging(person.set, joint));
  for (const index of withHanging(person.set, middle))
    if (!ends.has(index)) placeJoint(person, move, index, turned(person, index, start, upper), upper);
  move.joints.set(middle, sub(newBend, bend));
  for (const index of ends) placeJoint(person, move, index, sub(newEnd, end), lower);
  return move;
}

/** Notes how a joint moves, and a part that hangs on it with the angle by which it turns. */
function placeJoint(person, move, joint, shift, angle) {
  const { parts } = KEYPOINT_SETS[person.set];
  if (partsOf(person.set).has(joint)) return;
  move.joints.set(joint, shift);
  for (const part of PART_NAMES)
    if (part !== "body" && parts[part].anchors[0] === joint && parts[part].joints.length)
      move.parts.set(part, [...shift, (angle * 180) / Math.PI]);
}

/** @returns {number[]} a joint and all that hangs on it, directly or not */
function withHanging(set, joint) {
  const { parents } = KEYPOINT_SETS[set];
  const hangs = (index) => index >= 0 && (index === joint || hangs(parents[index]));
  return parents.map((_, index) => index).filter(hangs);
}

function parentFound(person, joint) {
  const parent = KEYPOINT_SETS[person.set].parents[joint];
  return parent >= 0 && person.scores[parent] > 0 ? parent : -1;
}

function turned(person, joint, pivot, angle) {
  const point = at(person, joint);
  const [x, y] = sub(point, pivot);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return sub([pivot[0] + x * cos - y * sin, pivot[1] + x * sin + y * cos], point);
}

const at = (person, joint) => [person.points[2 * joint], person.points[2 * joint + 1]];
const sub = (one, other) => [one[0] - other[0], one[1] - other[1]];
const cross = (one, other) => one[0] * other[1] - one[1] * other[0];
const distance = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]);

function angleBetween(one, other) {
  return Math.atan2(cross(one, other), one[0] * other[0] + one[1] * other[1]);
}
