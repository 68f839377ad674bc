// What is chosen, in words: for those who cannot see it.

import { isEditedAt } from "./data/keys.js";
import { SHOWN_SCORE, jointsOnlyOf } from "./data/parts.js";
import { KEYPOINT_SETS } from "./tables.js";

/** A joint's name as people read it. */
export function jointName(set, joint) {
  return KEYPOINT_SETS[set].names[joint].replaceAll("_", " ");
}

function isHiddenPart({ detected, shown }, part) {
  const isSeen = ({ scores }) => (joint) => scores[joint] >= SHOWN_SCORE;
  const found = jointsOnlyOf(detected.set, part).filter(isSeen(detected));
  return found.length > 0 && !found.some(isSeen(shown));
}

/** @param {import("./session.js").Session} session */
export function sayChoice(session) {
  const { row, rows, chosen, joint, part, frame, word, detection } = session;
  if (session.told) return session.told;
  if (!row) return word("none");
  const texts = [word("person", { number: chosen + 1 })];
  if (rows.length > 1) texts[0] += ` / ${rows.length}`;
  if (row.edits?.hidden) texts.push(word("hidden"));
  if (part) texts.push(word(part));
  if (part && row.shown && isHiddenPart(row, part)) texts.push(word("hidden"));
  if (row.shown && joint !== null) {
    const { points, set } = row.shown;
    const [x, y] = [0, 1].map((i) => Math.round(points[2 * joint + i]));
    texts.push(jointName(set, joint), `${x} ${y}`);
    if (row.shown.scores[joint] < SHOWN_SCORE) texts.push(word("notShown"));
  }
  if (row.edits?.new) texts.push(word("added"));
  else if (row.edits) texts.push(word("edited"));
  if (detection.frames.length > 1) {
    texts.push(`${word("frame")} ${frame}`);
    if (row.edits?.keys?.[frame]) texts.push(word(isEditedAt(row, frame) ? "key" : "detectedKey"));
  }
  return texts.join(", ");
}

/**
 * What stands in the way, or nothing.
 * @param {import("./session.js").Session} session
 */
export function sayNote(session) {
  const { word, broken, isUnreadable, detection, message, unplaced, frame } = session;
  if (broken) return word(isUnreadable ? "broken" : "large") + broken;
  if (!detection) return word(message);
  if (session.isOfOtherSet) return word("otherSet", { set: session.edits.keypoint_set });
  if (unplaced.length) return word("unplaced", { count: unplaced.length });
  return detection.frames[frame]?.people.length || session.rows.length ? "" : word("empty");
}
