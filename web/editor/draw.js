// A faithful look at poses: joints, links, colours and order are those of the tables.

import { KEYPOINT_SETS } from "./tables.js";
import { isShown } from "./hit.js";

const FACE_LINE = 1;

/** @param {HTMLCanvasElement} canvas @returns {CanvasRenderingContext2D} cleared, in CSS pixels */
export function clear(canvas) {
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const ratio = canvas.width / Math.max(1, canvas.clientWidth);
  context.scale(ratio, ratio);
  return context;
}

/** The image of the frame, or a dark sheet of its size. */
export function drawImage(context, view, image, opacity) {
  const [left, top] = view.origin;
  const [width, height] = view.canvas.map((side) => side * view.scale);
  context.fillStyle = "#101010";
  context.fillRect(left, top, width, height);
  if (!image) return;
  context.globalAlpha = opacity;
  context.drawImage(image, left, top, width, height);
  context.globalAlpha = 1;
}

/**
 * One person.
 * @param {CanvasRenderingContext2D} context
 * @param {import("./view.js").View} view
 * @param {import("./apply.js").Person} person
 * @param {{chosen?: boolean, joint?: number | null}} [look]
 */
export function drawPerson(context, view, person, { chosen = false, joint = null } = {}) {
  const { colors, links, denseLinks } = KEYPOINT_SETS[person.set];
  const at = (index) => view.toEditor(person.points[2 * index], person.points[2 * index + 1]);
  context.globalAlpha = chosen ? 1 : 0.55;
  context.lineCap = "round";
  const drawLinks = (rows, width) => {
    context.lineWidth = width;
    for (const [start, end, color] of rows) {
      if (!isShown(person, start) || !isShown(person, end)) continue;
      context.strokeStyle = color;
      context.beginPath();
      context.moveTo(...at(start));
      context.lineTo(...at(end));
      context.stroke();
    }
  };
  drawLinks(denseLinks, FACE_LINE);
  drawLinks(links, chosen ? 3 : 2);
  const radius = person.scores.length > 40 ? 2 : 4;
  colors.forEach((color, index) => {
    if (!isShown(person, index)) return;
    context.fillStyle = color;
    context.beginPath();
    context.arc(...at(index), index === joint ? 5 : radius, 0, 2 * Math.PI);
    context.fill();
  });
  if (joint !== null && isShown(person, joint)) drawRing(context, at(joint));
  context.globalAlpha = 1;
}

/** What a person looked like when detected, as thin dashes. */
export function drawGhost(context, view, person) {
  const at = (index) => view.toEditor(person.points[2 * index], person.points[2 * index + 1]);
  context.setLineDash([4, 4]);
  context.lineWidth = 1;
  context.strokeStyle = "#ffffffb0";
  for (const [start, end] of KEYPOINT_SETS[person.set].links) {
    if (!isShown(person, start) || !isShown(person, end)) continue;
    context.beginPath();
    context.moveTo(...at(start));
    context.lineTo(...at(end));
    context.stroke();
  }
  context.setLineDash([]);
}

function drawRing(context, [x, y]) {
  for (const [width, color] of [[4, "#000000"], [2, "#ffffff"]]) {
    context.lineWidth = width;
    context.strokeStyle = color;
    context.beginPath();
    context.arc(x, y, 8, 0, 2 * Math.PI);
    context.stroke();
  }
}
