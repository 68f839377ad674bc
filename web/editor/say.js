// What is chosen, in words: for those who cannot see it.

import { KEYPOINT_SETS } from "./tables.js";

/**
 * @param {import("./model.js").Row} row
 * @param {{chosen: number, joint: number | null, frame: number, detection: object}} state
 * @param {(name: string, values?: object) => string} word
 */
export function sayRow(row, { chosen, joint, frame, detection }, word) {
  const parts = [word("person", { number: chosen + 1 })];
  if (row.edits?.hidden) parts.push(word("hidden"));
  if (row.shown && joint !== null) {
    const { points, set } = row.shown;
    const [x, y] = [0, 1].map((i) => Math.round(points[2 * joint + i]));
    parts.push(KEYPOINT_SETS[set].names[joint].replaceAll("_", " "), `${x} ${y}`);
  }
  if (row.edits) parts.push(word("edited"));
  if (detection.frames.length > 1) parts.push(`${word("frame")} ${frame}`);
  return parts.join(", ");
}

/**
 * What stands in the way, or nothing.
 * @param {import("./panel.js").Panel} panel
 * @param {(name: string, values?: object) => string} word
 */
export function sayNote(panel, word) {
  const { broken, isUnreadable, detection, message, unplaced, frame } = panel;
  if (broken) return word(isUnreadable ? "broken" : "large") + broken;
  if (!detection) return word(message);
  if (panel.isOfOtherSet) return word("otherSet", { set: panel.edits.keypoint_set });
  if (unplaced) return word("unplaced", { count: unplaced });
  return detection.frames[frame]?.people.length ? "" : word("empty");
}
