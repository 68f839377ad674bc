// What buttons and keys do to what is chosen.

import { copyOf, mirrorPart, pasteCopy, readCopy } from "./data/copies.js";
import { deleteKey, nextKey, setKey } from "./data/keys.js";
import { movePerson, withoutPerson } from "./data/model.js";
import {
  SHOWN_SCORE,
  boxOf,
  jointsOnlyOf,
  partsIn,
  resetPart,
  showJoints,
  transformPart,
} from "./data/parts.js";
import { addPeople, moveInOrder, poseOf, toggleHidden } from "./data/people.js";
import { dragJoint } from "./stage/drag.js";
import { nextJoint } from "./stage/hit.js";
import { KEYPOINT_SETS } from "./tables.js";

/** @typedef {import("./session.js").Session} Session */

let lastCopy = null; // of all editors of the page

/** Whether the chosen person can be changed. @param {Session} session */
const canEdit = (session) => Boolean(session.row) && !session.isLocked;
const now = ({ detection, history, row, frame }) => [detection, history.state, row, frame];

function take(session, edits, kind) {
  if (edits) session.take(edits, kind);
}

/** What a part is moved by in the frame: with kept lengths a hand or a foot takes its limb along. */
export function movedPart(session, row, part, shift, keepLengths) {
  const { detection, history, frame } = session;
  const [anchor, ...more] = KEYPOINT_SETS[row.detected.set].parts[part].anchors;
  const isHanging = part !== "body" && !more.length && row.posed.scores[anchor] > 0;
  if (!keepLengths || !isHanging)
    return transformPart(detection, history.state, row, frame, part, { shift });
  const target = [0, 1].map((i) => row.posed.points[2 * anchor + i] + shift[i]);
  const move = dragJoint(row.posed, anchor, target, true);
  return movePerson(detection, history.state, row, frame, move);
}

/** Moves the chosen joint, or the chosen part, by some pixels of the image. */
export function nudge(session, shift, kind) {
  const { row, joint, part, keepLengths } = session;
  if (!canEdit(session) || !row.shown) return;
  if (joint !== null) {
    const target = shift.map((value, i) => row.shown.points[2 * joint + i] + value);
    const move = dragJoint(row.shown, joint, target, keepLengths);
    take(session, movePerson(...now(session), move), kind);
  } else if (part) take(session, movedPart(session, row, part, shift, keepLengths), kind);
  else session.tell("chooseFirst");
}

/** Turns or scales the chosen part. @param {{degrees?: number, factor?: number}} turn */
export function turnPart(session, turn, kind) {
  if (!canEdit(session)) return;
  if (!session.part) session.tell("choosePart");
  else take(session, transformPart(...now(session), session.part, turn), kind);
}

/** Hides or shows what is chosen: the joint, the part, or the person. */
export function toggleShown(session) {
  const { row, joint, part } = session;
  if (joint === null && !part) return togglePerson(session);
  if (!canEdit(session)) return;
  const joints = joint === null ? jointsOnlyOf(row.detected.set, part) : [joint];
  showOrHide(session, joints);
}

/** Hides joints if any is shown, otherwise shows them. */
export function showOrHide(session, joints) {
  const { row } = session;
  if (!canEdit(session)) return;
  const isShown = joints.some((joint) => row.posed.scores[joint] >= SHOWN_SCORE);
  take(session, showJoints(...now(session), joints, !isShown));
}

export function togglePerson(session) {
  const { detection, history, row } = session;
  if (canEdit(session)) session.take(toggleHidden(detection, history.state, row));
}

/** Takes back the edits of the chosen joint or part in this frame, or else of the person. */
export function reset(session) {
  const { row, joint, part } = session;
  if (session.isLocked || (joint === null && !part)) return resetPerson(session);
  if (row?.edits) take(session, resetPart(...now(session), part ?? "body", joint));
}

/** Takes back all edits of the chosen person, or everybody's if they are not understood. */
export function resetPerson(session) {
  const { row, history } = session;
  if (session.isLocked) session.take(null);
  else if (row?.edits?.new) session.take(withoutKeys(history.state, row));
  else if (row?.edits) session.take(withoutPerson(history.state, row.edits));
}

function withoutKeys(edits, row) {
  const people = edits.people.map((each) => (each === row.edits ? { ...each, keys: {} } : each));
  return { ...edits, people };
}

export function mirror(session) {
  if (!canEdit(session)) return;
  take(session, mirrorPart(...now(session), session.partOrBody));
}

/** Copies the chosen part, or the person. @returns {string} the text of the copy */
export function copy(session) {
  const { row, word } = session;
  const made = row ? copyOf(row, session.partOrBody) : null;
  if (!made) return "";
  lastCopy = made;
  session.tell("copied", { what: word(session.part ?? "wholePerson") });
  return JSON.stringify(made);
}

/** Gives the chosen person what was copied. @param {string} [text] of the clipboard */
export function paste(session, text = "") {
  const given = readCopy(text) ?? lastCopy;
  if (!given) return session.tell("nothingCopied");
  if (!canEdit(session)) return;
  const edits = pasteCopy(...now(session), given, session.part);
  if (edits) session.take(edits);
  else session.tell("doesNotFit");
}

/** Adds a copy of the chosen person beside them. */
export function duplicate(session) {
  const { detection, history, row, frame } = session;
  if (!row || session.isLocked) return;
  const box = boxOf(row.posed, "body");
  const [own, first] = [frame, 0].map((at) => detection.frames[at].canvas);
  const scale = first[0] / own[0];
  const shift = [box ? (box[2] - box[0]) * 0.5 * scale : 0, 0];
  const edits = addPeople(detection, history.state, [poseOf(row.posed)], scale, shift);
  takeAdded(session, edits);
}

/** Adds people. @param {object[]} people with poses on the canvas of the first frame */
export function addPoses(session, people) {
  const { detection, history } = session;
  if (!people.length || !detection || session.isLocked) return;
  takeAdded(session, addPeople(detection, history.state, people));
}

function takeAdded(session, edits) {
  session.take(edits);
  session.choose({ chosen: session.rows.length - 1 });
}

export function removePerson(session) {
  const { row, history } = session;
  if (!canEdit(session)) return;
  if (row.edits?.new) session.take(withoutPerson(history.state, row.edits));
  else session.tell("notAdded");
}

/** @param {number} step 1: drawn later, in front; -1: earlier */
export function reorder(session, step) {
  const { detection, history, rows, chosen } = session;
  if (!canEdit(session)) return;
  const edits = moveInOrder(detection, history.state, rows, chosen, step);
  if (edits) session.take(edits);
  session.tell(edits ? (step > 0 ? "moreInFront" : "moreBehind") : "nothingMore");
}

/** Sets a key frame of the chosen part: as detected, or as it is. */
export function addKey(session, isDetected) {
  if (!canEdit(session)) return;
  const parts = session.part ? [session.part] : partsIn(session.row.detected.set);
  session.take(setKey(...now(session), parts, isDetected));
  session.tell(isDetected ? "detectedKeySet" : "keySet");
}

/** Takes the key frame of the chosen part away, or of all parts. */
export function removeKey(session) {
  const { row, part, frame } = session;
  if (!canEdit(session)) return;
  if (!row.edits?.keys?.[frame]) return session.tell("noKey");
  const parts = part ? [part] : partsIn(row.detected.set);
  session.take(deleteKey(...now(session), parts));
  session.tell("keyGone");
}

export function goToKey(session, step) {
  const frame = nextKey(session.row?.edits ?? null, session.frame, step);
  if (frame === null) session.tell("nothingMore");
  else session.goTo(frame);
}

export function chooseNextJoint(session, step, zoom) {
  const { row, part, joint } = session;
  if (row?.shown) session.choose({ part, joint: nextJoint(row, joint, step, part, zoom) });
}

export function chooseNextPerson(session, step) {
  const count = session.rows.length;
  if (count) session.choose({ chosen: (session.chosen + step + count) % count });
}

/** No part, body, face, ... and no part again. */
export function chooseNextPart(session, step) {
  if (!session.row) return;
  const parts = [null, ...partsIn(session.row.detected.set)];
  const next = parts.indexOf(session.part) + step + parts.length;
  session.choose({ part: parts[next % parts.length] });
}
