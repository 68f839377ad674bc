// A faithful look at poses: joints, links, colours and order are those of the tables.

import { KEYPOINT_SETS } from "../tables.js";
import { coarseJoints, isHidden, isShown } from "./hit.js";

const FACE_LINE = 1;
const ACCENT = "#4da3ff";
const MARK = "#ffb020";

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
 * @param {import("../data/apply.js").Person} person
 * @param {{chosen?: boolean, joint?: number | null}} [look]
 */
export function drawPerson(context, view, person, { chosen = false, joint = null } = {}) {
  const { colors, links, denseLinks } = KEYPOINT_SETS[person.set];
  const at = (index) => view.toEditor(person.points[2 * index], person.points[2 * index + 1]);
  context.globalAlpha = chosen ? 1 : 0.55;
  context.lineCap = "round";
  const drawLinks = (rows, width) => {
    context.lineWidth = width;
    inRuns(rows, (row) => row[2], (run, color) => {
      context.strokeStyle = color;
      context.beginPath();
      for (const [start, end] of run) {
        if (!isShown(person, start) || !isShown(person, end)) continue;
        context.moveTo(...at(start));
        context.lineTo(...at(end));
      }
      context.stroke();
    });
  };
  drawLinks(denseLinks, FACE_LINE);
  drawLinks(links, chosen ? 3 : 2);
  const small = person.scores.length > 40 ? 2 : 4;
  const large = person.scores.length > 40 && chosen ? coarseJoints(person.set) : null;
  const joints = [...colors.keys()].filter((index) => isShown(person, index));
  inRuns(joints, (index) => colors[index], (run, color) => {
    context.fillStyle = color;
    context.beginPath();
    for (const index of run) {
      const [x, y] = at(index);
      const radius = index === joint ? 5 : large?.has(index) ? 3.5 : small;
      context.moveTo(x + radius, y);
      context.arc(x, y, radius, 0, 2 * Math.PI);
    }
    context.fill();
  });
  context.globalAlpha = 1;
}

/** Draws neighbours of one colour at once, which takes half the time, and keeps their order. */
function inRuns(items, colorOf, drawRun) {
  let start = 0;
  for (let end = 1; end <= items.length; end += 1) {
    if (end < items.length && colorOf(items[end]) === colorOf(items[start])) continue;
    drawRun(items.slice(start, end), colorOf(items[start]));
    start = end;
  }
}

/** Joints of the chosen person that an edit hides, as rings. */
export function drawHidden(context, view, row, part) {
  const { names, parts } = KEYPOINT_SETS[row.detected.set];
  const wanted = new Set(part ? parts[part].joints : coarseJoints(row.detected.set));
  context.lineWidth = 1;
  context.strokeStyle = "#ffffff90";
  for (const joint of names.keys()) {
    if (!wanted.has(joint) || !isHidden(row, joint)) continue;
    const { points } = row.posed;
    context.beginPath();
    context.arc(...view.toEditor(points[2 * joint], points[2 * joint + 1]), 3, 0, 2 * Math.PI);
    context.stroke();
  }
}

/** What a person looked like when detected, as thin dashes. */
export function drawGhost(context, view, person) {
  const at = (index) => view.toEditor(person.points[2 * index], person.points[2 * index + 1]);
  context.setLineDash([4, 4]);
  context.lineWidth = 1;
  context.strokeStyle = "#ffffffb0";
  context.beginPath();
  for (const [start, end] of KEYPOINT_SETS[person.set].links) {
    if (!isShown(person, start) || !isShown(person, end)) continue;
    context.moveTo(...at(start));
    context.lineTo(...at(end));
  }
  context.stroke();
  context.setLineDash([]);
}

/** The chosen joint as a ring, its way from where it was detected, and its name. */
export function drawChosenJoint(context, view, row, joint, label) {
  const place = ({ points }) => view.toEditor(points[2 * joint], points[2 * joint + 1]);
  const [at, from] = [place(row.posed), place(row.detected)];
  if (row.edits && row.detected.scores[joint] > 0 && Math.hypot(at[0] - from[0], at[1] - from[1]) > 3) {
    context.setLineDash([2, 3]);
    stroke(context, 1.5, MARK, () => {
      context.moveTo(...from);
      context.lineTo(...at);
    });
    context.setLineDash([]);
    stroke(context, 1.5, MARK, () => context.arc(...from, 3, 0, 2 * Math.PI));
  }
  for (const [width, color] of [[5, "#000000"], [2.5, MARK]])
    stroke(context, width, color, () => context.arc(...at, 9, 0, 2 * Math.PI));
  if (!label) return;
  context.font = "600 12px system-ui, sans-serif";
  const { width } = context.measureText(label);
  const left = at[0] + 16 + width + 8 > view.size[0] ? at[0] - width - 24 : at[0] + 16;
  context.fillStyle = "#000000b0";
  context.beginPath();
  context.roundRect?.(left - 6, at[1] - 10, width + 12, 20, 5);
  context.fill();
  context.fillStyle = "#ffffff";
  context.textBaseline = "middle";
  context.fillText(label, left, at[1] + 1);
}

/** The box of the chosen part with its handles. @param {import("./box.js").PartBox} box */
export function drawBox(context, { corners, knob, stem, pivot }) {
  for (const [dash, width, color] of [[[], 3, "#00000090"], [[5, 4], 1.5, "#ffffff"]]) {
    context.setLineDash(dash);
    stroke(context, width, color, () => {
      context.moveTo(...corners[3]);
      for (const corner of corners) context.lineTo(...corner);
      context.moveTo(...stem);
      context.lineTo(...knob);
    });
  }
  context.setLineDash([]);
  context.fillStyle = "#ffffff";
  for (const [x, y] of corners) {
    context.fillRect(x - 4, y - 4, 8, 8);
    stroke(context, 1, "#000000", () => context.rect(x - 4, y - 4, 8, 8));
  }
  context.fillStyle = ACCENT;
  context.beginPath();
  context.arc(...knob, 6, 0, 2 * Math.PI);
  context.fill();
  stroke(context, 1.5, "#ffffff", () => context.arc(...knob, 6, 0, 2 * Math.PI));
  stroke(context, 1, "#ffffff", () => {
    context.moveTo(pivot[0] - 5, pivot[1]);
    context.lineTo(pivot[0] + 5, pivot[1]);
    context.moveTo(pivot[0], pivot[1] - 5);
    context.lineTo(pivot[0], pivot[1] + 5);
  });
}

function stroke(context, width, color, path) {
  context.lineWidth = width;
  context.strokeStyle = color;
  context.beginPath();
  path();
  context.stroke();
}
