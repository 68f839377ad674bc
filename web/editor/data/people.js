// People as wholes: hidden, added, in another order, given the edits of somebody else.

import { drawingOrder, startEdits, withPerson } from "./model.js";
import { copyEdits } from "./state.js";
import { withoutIdle } from "./keys.js";
import { KEYPOINT_SETS } from "../tables.js";

/** @typedef {import("./state.js").Edits} Edits */
/** @typedef {import("./model.js").Row} Row */
/** @typedef {import("./detection.js").Detection} Detection */
/**
 * A pose from elsewhere.
 * @typedef {object} GivenPose
 * @property {string} keypoint_set
 * @property {number[][]} keypoints x and y
 * @property {number[]} scores
 */

/** @param {Detection} detection @param {Edits | null} edits @param {Row} row */
export function toggleHidden(detection, edits, row) {
  const { edits: copy, person } = withPerson(detection, edits, row);
  if (person.hidden) delete person.hidden;
  else person.hidden = true;
  return withoutIdle(copy, person);
}

/**
 * Draws a person one place later or earlier.
 * @param {Detection} detection @param {Edits | null} edits
 * @param {Row[]} rows @param {number} index of the person @param {number} step 1 or -1
 */
export function moveInOrder(detection, edits, rows, index, step) {
  const order = drawingOrder(rows);
  const place = order.indexOf(index);
  const other = order[place + step];
  if (other === undefined) return null;
  [order[place], order[place + step]] = [other, index];
  let copy = edits;
  order.forEach((each, at) => {
    const changed = withPerson(detection, copy, rows[each]);
    changed.person.place = at;
    copy = changed.edits;
  });
  return copy;
}

/**
 * Adds poses, each as a new person in all frames.
 * @param {Detection} detection @param {Edits | null} edits
 * @param {GivenPose[]} poses
 * @param {number} scale of the poses @param {number[]} shift and their move, to pixels of the canvas
 *   of the first frame
 */
export function addPeople(detection, edits, poses, scale = 1, shift = [0, 0]) {
  const [frame] = detection.frames;
  const set = edits?.keypoint_set ?? frame.people[0]?.set ?? setOf(detection) ?? poses[0].keypoint_set;
  const copy = startEdits(detection, edits, set);
  for (const pose of poses) {
    const rows = [];
    KEYPOINT_SETS[set].names.forEach((name, joint) => {
      const from = KEYPOINT_SETS[pose.keypoint_set].names.indexOf(name);
      if (from < 0 || !(pose.scores[from] > 0)) return;
      const at = [0, 1].map((i) => {
        const value = pose.keypoints[from][i] * scale + shift[i];
        return round((value * copy.canvas[i]) / frame.canvas[i]);
      });
      rows.push(joint, ...at, round(pose.scores[from]));
    });
    copy.people.push({ who: { order: freeOrder(detection, copy) }, new: rows, keys: {} });
  }
  return copy;
}

/** The shown person as a pose. @param {import("./apply.js").Person} person @returns {GivenPose} */
export function poseOf(person) {
  const keypoints = [...person.scores.keys()].map((joint) => [
    person.points[2 * joint],
    person.points[2 * joint + 1],
  ]);
  return { keypoint_set: person.set, keypoints, scores: [...person.scores] };
}

/**
 * Gives edits that fit nobody to somebody who has none.
 * @param {Edits} edits @param {import("./state.js").PersonEdits} person @param {Row} row
 */
export function giveEdits(edits, person, row) {
  const copy = copyEdits(edits);
  copy.people[edits.people.indexOf(person)].who = row.who();
  return copy;
}

function setOf(detection) {
  return detection.frames.flatMap((frame) => frame.people)[0]?.set;
}

/** An order that nobody has, detected or edited. */
function freeOrder(detection, edits) {
  const most = Math.max(0, ...detection.frames.map((frame) => frame.people.length));
  const orders = edits.people.map((person) => person.who.order ?? -1);
  return Math.max(most, ...orders.map((order) => order + 1));
}

const round = (value) => Math.round(value * 100) / 100;
