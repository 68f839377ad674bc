// What the editor shows and changes: detected people, and their edits.

import { changeAt, changeOf, changePerson, partOfJoints } from "./apply.js";
import { FORMAT, VERSION, copyEdits } from "./state.js";
import { KEYPOINT_SETS, PART_NAMES } from "../tables.js";

/** @typedef {import("./apply.js").Person} Person */
/** @typedef {import("./apply.js").Change} Change */
/** @typedef {import("./state.js").Edits} Edits */
/** @typedef {import("./state.js").PersonEdits} PersonEdits */
/**
 * One person of a frame.
 * @typedef {object} Row
 * @property {Person & {box: number[], id?: number | null}} detected or as added
 * @property {PersonEdits | null} edits
 * @property {Person} posed with the edits, also if hidden
 * @property {Person | null} shown null for who is hidden
 * @property {() => import("./state.js").Who} who
 */

const BODY_SCORE = 0.3;
const LEAST = 5e-4; // less is not written
/** What an edit does to a part that it leaves as it is. */
export const NO_PART = [0, 0, 0, 1];

/**
 * The people of a frame with their edits.
 * @param {import("./detection.js").Detection} detection
 * @param {Edits | null} edits
 * @param {Object<string, {person_id: number | null, order: number | null} | null>} found who edited
 *   people were in the last run, by the text of their who
 * @param {number} frame
 * @returns {Row[]}
 */
export function rowsOf(detection, edits, found, frame) {
  const { canvas, people } = detection.frames[frame];
  const scale = edits ? [0, 1].map((i) => canvas[i] / edits.canvas[i]) : [1, 1];
  const rows = people.map((detected, order) => {
    const own = (edits?.people ?? []).find(
      (each) => !each.new && isAbout(each, detected, order, detection, edits, found),
    );
    const who = () => whoOf(detected, order, frame, canvas, edits);
    return rowOf(detected, own ?? null, frame, scale, who);
  });
  for (const added of edits?.people ?? [])
    if (added.new) rows.push(rowOf(addedPerson(edits, added, scale), added, frame, scale));
  return rows;
}

function rowOf(detected, edits, frame, scale, who) {
  const posed = changePerson(detected, changeAt(edits?.keys, frame, detected), scale);
  return { detected, edits, posed, shown: edits?.hidden ? null : posed, who: () => edits?.who ?? who() };
}

/**
 * The indices of a frame's people in the order in which they are drawn.
 * @param {Row[]} rows
 */
export function drawingOrder(rows) {
  return inPlaces(
    rows.map((_, index) => index),
    rows.map((row) => row.edits?.place ?? null),
  );
}

/**
 * Items in their order, but those with a place there: the lowest place is filled first.
 * @template T
 * @param {T[]} items @param {(number | null)[]} places
 */
export function inPlaces(items, places) {
  const result = items.filter((_, index) => places[index] === null);
  const indices = [...items.keys()].filter((index) => places[index] !== null);
  indices.sort((one, other) => places[one] - places[other] || one - other);
  for (const index of indices) result.splice(places[index], 0, items[index]);
  return result;
}

/**
 * Edited people whom the last run did not find: their edits are kept and not applied.
 * @param {import("./detection.js").Detection | null} detection
 * @param {Edits | null} edits
 * @param {Object<string, object | null>} found
 */
export function unplacedIn(detection, edits, found) {
  if (!detection || !edits?.people || (edits.base && edits.base === detection.base)) return [];
  return edits.people.filter((person) => !person.new && found[JSON.stringify(person.who)] === null);
}

function isAbout(person, detected, order, detection, edits, found) {
  const key = found[JSON.stringify(person.who)];
  if (edits.base && edits.base !== detection.base && key !== undefined) {
    if (!key) return false;
    return key.person_id === null ? key.order === order : key.person_id === detected.id;
  }
  if (person.who.id !== undefined) return person.who.id === detected.id;
  return person.who.order === order && detected.id === null;
}

/** How a person is known again, in pixels of the canvas of the edits. */
function whoOf(detected, order, frame, canvas, edits) {
  const scale = edits ? [0, 1].map((i) => edits.canvas[i] / canvas[i]) : [1, 1];
  const round = (value, i) => Math.round(value * scale[i % 2] * 10) / 10;
  const { names, parts } = KEYPOINT_SETS[detected.set];
  const fine = new Set(PART_NAMES.slice(1).flatMap((part) => parts[part].joints));
  const body = names.flatMap((_, joint) =>
    fine.has(joint) || detected.scores[joint] < BODY_SCORE
      ? []
      : [joint, ...[0, 1].map((i) => round(detected.points[2 * joint + i], i))],
  );
  const name = detected.id === null ? { order } : { id: detected.id };
  return { ...name, frame, box: detected.box.map(round), body };
}

function addedPerson(edits, added, scale) {
  const count = KEYPOINT_SETS[edits.keypoint_set].names.length;
  const points = new Float64Array(2 * count);
  const scores = new Float64Array(count);
  for (let i = 0; i < added.new.length; i += 4) {
    const [joint, x, y, score] = added.new.slice(i, i + 4);
    points.set([x * scale[0], y * scale[1]], 2 * joint);
    scores[joint] = score;
  }
  return { set: edits.keypoint_set, points, scores, box: [0, 0, 0, 0], id: null };
}

/**
 * Edits that can be changed: a copy, or new ones for a keypoint set.
 * @param {import("./detection.js").Detection} detection
 * @param {Edits | null} edits
 * @param {string} set
 */
export function startEdits(detection, edits, set) {
  const { canvas } = detection.frames[0];
  const copy = edits
    ? copyEdits(edits)
    : { format: FORMAT, version: VERSION, keypoint_set: set, canvas };
  copy.base ??= detection.base;
  copy.people ??= [];
  return copy;
}

/**
 * Edits with a person who can be changed: a copy, and the person in it.
 * @param {import("./detection.js").Detection} detection
 * @param {Edits | null} edits
 * @param {Row} row
 */
export function withPerson(detection, edits, row) {
  const copy = startEdits(detection, edits, row.detected.set);
  const text = JSON.stringify(row.who());
  let person = copy.people.find((each) => JSON.stringify(each.who) === text);
  if (!person) copy.people.push((person = { who: JSON.parse(text), keys: {} }));
  return { edits: copy, person };
}

/**
 * Changes a person in a frame: its key takes what holds there already, and then what is done to it.
 * @param {import("./detection.js").Detection} detection
 * @param {Edits | null} edits
 * @param {Row} row
 * @param {number} frame
 * @param {string[]} touched parts that are changed, which the key is of from now on
 * @param {(change: Change, scale: number[]) => void} modify what is done; scale: pixels of the
 *   frame's canvas for one of the edits'
 * @returns {Edits} a copy
 */
export function changeFrame(detection, edits, row, frame, touched, modify) {
  const { edits: copy, person } = withPerson(detection, edits, row);
  const { canvas } = detection.frames[frame];
  const { set } = row.detected;
  const keys = (person.keys ??= {});
  const change = changeAt(keys, frame, row.detected) ?? changeOf(set);
  modify(change, [0, 1].map((i) => canvas[i] / copy.canvas[i]));
  const isOfAll = detection.frames.length === 1 && Object.values(keys).every((key) => !key.of);
  const before = keys[frame] ? (keys[frame].of ?? PART_NAMES) : isOfAll ? PART_NAMES : [];
  keys[frame] = keyOf(set, change, [...before, ...touched]);
  return copy;
}

/**
 * A change as sparse numbers.
 * @param {string} set @param {Change} change @param {string[]} of parts that the key is of
 * @returns {import("./state.js").Key}
 */
export function keyOf(set, { offsets, parts, scores }, of) {
  const key = { joints: [], parts: {}, scores: [] };
  const partOf = partOfJoints(set);
  const isKept = PART_NAMES.map((name) => of.includes(name));
  scores.forEach((score, joint) => {
    if (!isKept[partOf[joint]]) return;
    const [x, y] = offsets.subarray(2 * joint, 2 * joint + 2);
    if (Math.abs(x) >= LEAST || Math.abs(y) >= LEAST) key.joints.push(joint, x, y);
    if (!isNaN(score)) key.scores.push(joint, score);
  });
  PART_NAMES.forEach((name, part) => {
    const numbers = [...parts.subarray(4 * part, 4 * part + 4)];
    const isSame = numbers.every((value, i) => Math.abs(value - NO_PART[i]) < LEAST);
    if (isKept[part] && !isSame) key.parts[name] = numbers;
  });
  if (!key.joints.length) delete key.joints;
  if (!key.scores.length) delete key.scores;
  if (!Object.keys(key.parts).length) delete key.parts;
  if (!isKept.every(Boolean)) key.of = PART_NAMES.filter((_, part) => isKept[part]);
  return key;
}

/**
 * Moves a person in a frame.
 * @param {import("./detection.js").Detection} detection
 * @param {Edits | null} edits
 * @param {Row} row
 * @param {number} frame
 * @param {import("../stage/drag.js").Move} move in pixels of the frame's canvas
 * @returns {Edits} a copy
 */
export function movePerson(detection, edits, row, frame, move) {
  const partOf = partOfJoints(row.detected.set);
  const touched = [...move.parts.keys(), ...[...move.joints.keys()].map((at) => PART_NAMES[partOf[at]])];
  return changeFrame(detection, edits, row, frame, touched, (change, scale) => {
    for (const [joint, shift] of move.joints)
      shift.forEach((value, i) => (change.offsets[2 * joint + i] += value / scale[i]));
    for (const [name, [x, y, degrees]] of move.parts) {
      const start = 4 * PART_NAMES.indexOf(name);
      [x / scale[0], y / scale[1], degrees].forEach((value, i) => (change.parts[start + i] += value));
    }
  });
}

/**
 * Puts joints of a person in a frame somewhere.
 * @param {import("./detection.js").Detection} detection
 * @param {Edits | null} edits
 * @param {Row} row @param {number} frame
 * @param {Map<number, {at?: number[], score?: number}>} wanted x and y in the frame, by joint; NaN
 *   as a score: as detected
 * @returns {Edits} a copy
 */
export function placeJoints(detection, edits, row, frame, wanted) {
  const partOf = partOfJoints(row.detected.set);
  const touched = [...wanted.keys()].map((joint) => PART_NAMES[partOf[joint]]);
  const shown = row.posed.points;
  return changeFrame(detection, edits, row, frame, touched, (change, scale) => {
    for (const [joint, { at, score }] of wanted) {
      at?.forEach((value, i) => {
        change.offsets[2 * joint + i] += (value - shown[2 * joint + i]) / scale[i];
      });
      if (score !== undefined) change.scores[joint] = score;
    }
  });
}

/**
 * Edits without those of a person; null if nothing is left.
 * @param {Edits | null} edits @param {PersonEdits | null} person as they are kept
 */
export function withoutPerson(edits, person) {
  const people = (edits?.people ?? []).filter((each) => each !== person);
  return people.length ? copyEdits({ ...edits, people }) : null;
}
