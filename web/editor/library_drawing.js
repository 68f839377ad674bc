// A small drawing of somebody's own pose: what Render would draw is made for packaged ones alone.

import { KEYPOINT_SETS } from "./tables.js";

const LONG_SIDE = 224;
const LINE = 2;
const DOT = 1.2;

/**
 * @param {HTMLCanvasElement} canvas gets the size of the drawing
 * @param {import("./library_files.js").LibraryPoses} poses
 */
export function drawThumbnail(canvas, { width, height, people }) {
  const scale = LONG_SIDE / Math.max(width, height);
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.lineWidth = LINE;
  for (const { keypoint_set: set, keypoints, scores } of people) {
    const { links, colors } = KEYPOINT_SETS[set];
    const at = (joint) => keypoints[joint].map((value) => value * scale);
    for (const [start, end, color] of links) {
      if (!(scores[start] > 0 && scores[end] > 0)) continue;
      context.strokeStyle = color;
      context.beginPath();
      context.moveTo(...at(start));
      context.lineTo(...at(end));
      context.stroke();
    }
    keypoints.forEach((_, joint) => {
      if (!(scores[joint] > 0)) return;
      const [x, y] = at(joint);
      context.fillStyle = colors[joint];
      context.fillRect(x - DOT / 2, y - DOT / 2, DOT, DOT);
    });
  }
}
