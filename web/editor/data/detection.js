// Detected poses, as skeletons/edits/detection_file.py writes them for the page.

import { KEYPOINT_SETS } from "../tables.js";

/**
 * @typedef {object} DetectedPerson
 * @property {number | null} id
 * @property {string} set name of the keypoint set
 * @property {number[]} box left, top, right, bottom
 * @property {Float64Array} points x and y of each joint
 * @property {Float64Array} scores
 */
/**
 * @typedef {object} Detection
 * @property {string} base digest of the poses
 * @property {{canvas: number[], image: string, people: DetectedPerson[]}[]} frames
 */

/** @param {ArrayBuffer} buffer @returns {Detection} */
export function readDetection(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  if (head.version !== 1) throw new Error(`version ${head.version} of the detected poses`);
  const numbers = new Float32Array(buffer, 4 + length);
  let at = 0;
  const readPerson = (row) => {
    const count = KEYPOINT_SETS[row.set].names.length;
    const points = new Float64Array(2 * count);
    const scores = new Float64Array(count);
    for (let joint = 0; joint < count; joint += 1, at += 3) {
      points[2 * joint] = numbers[at];
      points[2 * joint + 1] = numbers[at + 1];
      scores[joint] = numbers[at + 2];
    }
    return { ...row, points, scores };
  };
  const frames = head.frames.map((frame) => ({ ...frame, people: frame.people.map(readPerson) }));
  return { base: head.base, frames };
}
