// Which joint the pointer means.

import { SHOWN_SCORE } from "../data/parts.js";
import { KEYPOINT_SETS } from "../tables.js";

export const REACH_PX = 12;

/** Zoom from which on the joints of hands, feet and faces can be taken: before, they bury others. */
export const FINE_ZOOM = 2.5;

const FINE_PARTS = ["face", "left_hand", "right_hand", "left_foot", "right_foot"];
const HEAD = new Set(["left_eye", "right_eye", "left_ear", "right_ear"]);
const coarse = new Map();

/** @typedef {import("../data/model.js").Row} Row */

/** @param {string} set @returns {Set<number>} joints of the body, with eyes and ears */
export function coarseJoints(set) {
  if (!coarse.has(set)) {
    const { names, parts } = KEYPOINT_SETS[set];
    const fine = new Set(FINE_PARTS.flatMap((part) => parts[part].joints));
    const isCoarse = (joint) => !fine.has(joint) || HEAD.has(names[joint]);
    coarse.set(set, new Set([...names.keys()].filter(isCoarse)));
  }
  return coarse.get(set);
}

/** @param {import("../data/apply.js").Person} person @param {number} joint */
export function isShown(person, joint) {
  return person.scores[joint] >= SHOWN_SCORE;
}

/** Whether a joint was hidden by an edit, so that it can be shown again. */
export function isHidden({ detected, posed }, joint) {
  return detected.scores[joint] >= SHOWN_SCORE && posed.scores[joint] < SHOWN_SCORE;
}

/**
 * The nearest joint in reach: of the chosen person first, then of any.
 * @param {Row[]} rows
 * @param {{chosen: number, part: string | null}} choice
 * @param {import("./view.js").View} view
 * @param {number} x @param {number} y in the editor
 * @returns {{person: number, joint: number} | null}
 */
export function findJoint(rows, { chosen, part }, view, x, y) {
  const others = rows.map((_, index) => index).filter((index) => index !== chosen);
  const own = part && part !== "body" ? nearest(rows, [chosen], part, view, x, y) : null;
  return own ?? nearest(rows, [chosen], null, view, x, y) ?? nearest(rows, others, null, view, x, y);
}

/** The joints that can be taken: of the part, or else of the body, or of everything if it is near. */
function wantedJoints(set, part, zoom) {
  if (part && part !== "body") return KEYPOINT_SETS[set].parts[part].joints;
  return zoom >= FINE_ZOOM ? [...KEYPOINT_SETS[set].names.keys()] : [...coarseJoints(set)];
}

/**
 * The joint after another one in the order of the table, or before it.
 * @param {Row} row
 * @param {number | null} joint
 * @param {number} step 1 or -1
 * @param {string | null} part
 * @param {number} zoom
 * @returns {number | null}
 */
export function nextJoint(row, joint, step, part, zoom) {
  const wanted = wantedJoints(row.detected.set, part, zoom).slice();
  wanted.sort((one, other) => one - other);
  const joints = wanted.filter((each) => isShown(row.posed, each) || isHidden(row, each));
  const index = joints.indexOf(joint);
  const next = index < 0 ? (step > 0 ? 0 : -1) : index + step;
  return joints.at(next % joints.length) ?? null;
}

function nearest(rows, indices, part, view, x, y) {
  let best = null;
  let reach = REACH_PX;
  for (const index of indices) {
    const row = rows[index];
    if (!row?.shown) continue;
    const { points, set } = row.shown;
    for (const joint of wantedJoints(set, part, view.zoom)) {
      if (!isShown(row.shown, joint) && !isHidden(row, joint)) continue;
      const [left, top] = view.toEditor(points[2 * joint], points[2 * joint + 1]);
      const distance = Math.hypot(left - x, top - y);
      if (distance <= reach) [best, reach] = [{ person: index, joint }, distance];
    }
  }
  return best;
}
