// Key frames, each of one person and some parts.

import { changeAt, changeOf, copyPart } from "./apply.js";
import { NO_PART, changeFrame, keyOf, withPerson } from "./model.js";
import { PART_NAMES } from "../tables.js";

/** @typedef {import("./state.js").Edits} Edits */
/** @typedef {import("./state.js").PersonEdits} PersonEdits */
/** @typedef {import("./model.js").Row} Row */

const known = new WeakMap(); // of people as they are kept, who are never changed but copied

/**
 * The key frames of a part of a person, in order.
 * @param {PersonEdits | null} person as kept @param {string} set @param {string} part
 * @returns {{frame: number, isDetected: boolean}[]} isDetected: nothing of the part changes there
 */
export function keysOf(person, set, part) {
  if (!person) return [];
  if (!known.has(person)) known.set(person, new Map());
  const parts = known.get(person);
  if (!parts.has(part)) parts.set(part, findKeys(person, set, part));
  return parts.get(part);
}

function findKeys(person, set, part) {
  const keys = Object.entries(person.keys ?? {});
  const own = keys.filter(([, key]) => key.of?.includes(part) ?? true);
  const rows = own.map(([frame, key]) => {
    const alone = keyOf(set, changeOf(set, key), [part]);
    return { frame: Number(frame), isDetected: !alone.joints && !alone.parts && !alone.scores };
  });
  return rows.sort((one, other) => one.frame - other.frame);
}

/**
 * Parts of a person of which something changes, or that have key frames of their own.
 * @param {PersonEdits | null} person @param {string} set
 */
export function keyedParts(person, set) {
  return PART_NAMES.filter((part) => {
    const keys = keysOf(person, set, part);
    const isOwn = Object.values(person?.keys ?? {}).some((key) => key.of?.includes(part));
    return isOwn || keys.some((key) => !key.isDetected) || (part === "body" && keys.length > 0);
  });
}

/**
 * Parts and, with the body alone, those that moved with it: left behind they would come off.
 * @param {PersonEdits | null} person @param {string[]} parts
 */
export function withFollowers(person, parts) {
  if (parts.length > 1 || parts[0] !== "body") return parts;
  const isMoved = (name) => ({ parts: moved }) => moved?.[name]?.slice(0, 2).some(Boolean);
  const keys = Object.values(person?.keys ?? {});
  return PART_NAMES.filter((name) => parts.includes(name) || keys.some(isMoved(name)));
}

/**
 * A key frame of parts as they are there now, or as detected.
 * @param {import("./detection.js").Detection} detection @param {Edits | null} edits
 * @param {Row} row @param {number} frame @param {string[]} parts
 * @param {boolean} isDetected
 */
export function setKey(detection, edits, row, frame, parts, isDetected) {
  const { set } = row.detected;
  const touched = withFollowers(row.edits, parts);
  return changeFrame(detection, edits, row, frame, touched, (change) => {
    if (!isDetected) return;
    for (const part of parts) copyPart(change, changeOf(set), set, part);
    for (const part of touched) change.parts.set(NO_PART, 4 * PART_NAMES.indexOf(part));
  });
}

/**
 * Takes the key frame of parts away.
 * @param {import("./detection.js").Detection} detection @param {Edits} edits
 * @param {Row} row @param {number} frame @param {string[]} parts
 */
export function deleteKey(detection, edits, row, frame, parts) {
  const { edits: copy, person } = withPerson(detection, edits, row);
  takeOut(person, row.detected.set, frame, withFollowers(person, parts));
  return withoutIdle(copy, person);
}

/**
 * Moves the key frame of a part to another frame.
 * @param {import("./detection.js").Detection} detection @param {Edits} edits
 * @param {Row} row @param {string} part
 * @param {number} from @param {number} to frames
 */
export function moveKey(detection, edits, row, part, from, to) {
  const { set } = row.detected;
  const { edits: copy, person } = withPerson(detection, edits, row);
  const change = changeOf(set, person.keys[from]);
  takeOut(person, set, from, [part]);
  const target = person.keys[to];
  const result = changeOf(set, target);
  copyPart(result, change, set, part);
  person.keys[to] = keyOf(set, result, [...(target ? (target.of ?? PART_NAMES) : []), part]);
  return copy;
}

/**
 * The frame of the next key of a person, or of the one before.
 * @param {PersonEdits | null} person @param {number} frame @param {number} step 1 or -1
 */
export function nextKey(person, frame, step) {
  const frames = Object.keys(person?.keys ?? {}).map(Number);
  const beyond = frames.filter((each) => (each - frame) * step > 0);
  return beyond.length ? (step > 0 ? Math.min(...beyond) : Math.max(...beyond)) : null;
}

function takeOut(person, set, frame, parts) {
  const key = person.keys?.[frame];
  if (!key) return;
  const left = (key.of ?? PART_NAMES).filter((part) => !parts.includes(part));
  if (left.length) person.keys[frame] = keyOf(set, changeOf(set, key), left);
  else delete person.keys[frame];
}

/** Edits without somebody of whom nothing is edited any more; null if nobody is left. */
export function withoutIdle(edits, person) {
  const isIdle = !person.hidden && !person.new && person.place === undefined;
  if (isIdle && !Object.keys(person.keys ?? {}).length)
    edits.people = edits.people.filter((each) => each !== person);
  return edits.people.length ? edits : null;
}

/**
 * Whether something changes in a frame. @param {Row} row @param {number} frame
 */
export function isEditedAt(row, frame) {
  if (!row.edits) return false;
  const change = changeAt(row.edits.keys, frame, row.detected);
  if (!change) return Boolean(row.edits.new || row.edits.hidden);
  return Boolean(Object.keys(keyOf(row.detected.set, change, PART_NAMES)).length);
}

