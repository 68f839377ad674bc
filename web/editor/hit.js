// Which joint the pointer means.

import { KEYPOINT_SETS } from "./tables.js";

export const REACH_PX = 12;
export const SHOWN_SCORE = 0.3;

/** Zoom from which on the joints of hands, feet and faces can be taken: before, they bury others. */
export const FINE_ZOOM = 2.5;

const FINE_PARTS = ["face", "left_hand", "right_hand", "left_foot", "right_foot"];
const coarse = new Map();

/** @param {string} set @returns {Set<number>} joints of the body, with eyes and ears */
export function coarseJoints(set) {
  if (!coarse.has(set)) {
    const { names, parts } = KEYPOINT_SETS[set];
    const fine = new Set(FINE_PARTS.flatMap((part) => parts[part].joints));
    const head = new Set(["left_eye", "right_eye", "left_ear", "right_ear"]);
    coarse.set(set, new Set([...names.keys()].filter((joint) => !fine.has(joint) || head.has(names[joint]))));
  }
  return coarse.get(set);
}

/** @param {import("./apply.js").Person} person @param {number} joint */
export function isShown(person, joint) {
  return person.scores[joint] >= SHOWN_SCORE;
}

/**
 * The nearest joint in reach: of the chosen person first, then of any.
 * @param {(import("./apply.js").Person | null)[]} people null for those who are hidden
 * @param {number} chosen index of a person
 * @param {import("./view.js").View} view
 * @param {number} x @param {number} y in the editor
 * @returns {{person: number, joint: number} | null}
 */
export function findJoint(people, chosen, view, x, y) {
  const others = people.map((_, index) => index).filter((index) => index !== chosen);
  return nearest(people, [chosen], view, x, y) ?? nearest(people, others, view, x, y);
}

/**
 * The joint after another one in the order of the table, or before it.
 * @param {import("./apply.js").Person} person
 * @param {number | null} joint
 * @param {number} step 1 or -1
 * @param {number} zoom
 * @returns {number | null}
 */
export function nextJoint(person, joint, step, zoom) {
  const wanted = coarseJoints(person.set);
  const joints = [...person.scores.keys()].filter(
    (each) => isShown(person, each) && (zoom >= FINE_ZOOM || wanted.has(each)),
  );
  const index = joints.indexOf(joint);
  const next = index < 0 ? (step > 0 ? 0 : -1) : index + step;
  return joints.at(next % joints.length) ?? null;
}

function nearest(people, indices, view, x, y) {
  let best = null;
  let reach = REACH_PX;
  for (const index of indices) {
    const person = people[index];
    if (!person) continue;
    const wanted = coarseJoints(person.set);
    for (let joint = 0; joint < person.scores.length; joint += 1) {
      if (!isShown(person, joint) || (view.zoom < FINE_ZOOM && !wanted.has(joint))) continue;
      const [left, top] = view.toEditor(person.points[2 * joint], person.points[2 * joint + 1]);
      const distance = Math.hypot(left - x, top - y);
      if (distance <= reach) [best, reach] = [{ person: index, joint }, distance];
    }
  }
  return best;
}
