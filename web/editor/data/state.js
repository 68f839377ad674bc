// The text in which edits are kept, version 1, read as a stranger's: the same rules as
// skeletons/edits/edits_text.py, which decides; both meet tests/golden/edits.

import { KEYPOINT_SETS, PART_NAMES } from "../tables.js";

/**
 * @typedef {object} Who
 * @property {number} [id] of the person, if the clip was tracked
 * @property {number} [order] from 0, if it was not
 * @property {number} [frame] in which the person looked as box and body say
 * @property {number[]} [box] left, top, right, bottom
 * @property {number[]} [body] joint, x, y, ...
 */
/**
 * @typedef {object} Key
 * @property {number[]} [joints] joint, right, down, ...
 * @property {Object<string, number[]>} [parts] right, down, degrees, scale
 * @property {number[]} [scores] joint, score, ...
 * @property {string[]} [of] parts that it is a key of; all if it does not say
 */
/**
 * @typedef {object} PersonEdits
 * @property {Who} who
 * @property {boolean} [hidden]
 * @property {number[]} [new] joint, x, y, score, ...
 * @property {number} [place] among the people of each frame, who are drawn in this order
 * @property {Object<string, Key>} [keys] by number of the frame
 */
/**
 * @typedef {object} Edits
 * @property {string} keypoint_set
 * @property {number[]} canvas width and height
 * @property {string} [base]
 * @property {PersonEdits[]} [people]
 */

export const FORMAT = "sapiens_edits";
export const VERSION = 1;
export const MAX_EDITS_BYTES = 256 * 1024;

const MAX_PEOPLE = 100;
const MAX_KEYS = 4096;
const MAX_NESTING = 16;
const MAX_FRAMES = 2 ** 20;
const MAX_ID = 2 ** 53;
const MAX_CANVAS_SIDE = 1e9;
const MAX_OFFSET = 1e6;
const MAX_DEGREES = 3600;
const MIN_SCALE = 0.01;
const MAX_SCALE = 100;
const MAX_SCORE = 10;
const KEY_NAMES = ["joints", "parts", "scores", "of"];

/** What is wrong with a text, as a sentence. */
export class EditsError extends Error {}

/**
 * The edits in a text; null if it is empty.
 * @param {string} text
 * @returns {Edits | null}
 */
export function parseEdits(text) {
  if (new TextEncoder().encode(text).length > MAX_EDITS_BYTES)
    throw new EditsError("The edits have more than 256 kB.");
  if (!text.trim()) return null;
  checkNesting(text);
  let edits;
  try {
    edits = JSON.parse(text);
  } catch (error) {
    throw new EditsError(`The edits are no JSON that can be read: ${error.message}.`);
  }
  checkEdits(edits);
  return edits;
}

/**
 * The text of edits, with one decimal per number; empty if nothing is edited.
 * @param {Edits | null} edits
 */
export function writeEdits(edits) {
  if (!edits?.people?.length) return "";
  const text = JSON.stringify(edits, (name, value) =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toFixed(3)) : value,
  );
  if (new TextEncoder().encode(text).length > MAX_EDITS_BYTES)
    throw new EditsError("The edits have more than 256 kB.");
  return text;
}

/** @param {Edits} edits @returns {Edits} */
export function copyEdits(edits) {
  return JSON.parse(JSON.stringify(edits));
}

function refuse(what, value, expected) {
  const shown = String(JSON.stringify(value)).slice(0, 60);
  throw new EditsError(`${what} is ${shown}, expected ${expected}.`);
}

function checkNesting(text) {
  let depth = 0;
  let inString = false;
  for (const [sign] of text.matchAll(/\\.|["[\]{}]/gs)) {
    if (sign === '"') inString = !inString;
    else if (!inString && sign.length === 1) depth += sign === "[" || sign === "{" ? 1 : -1;
    if (depth > MAX_NESTING) throw new EditsError("The edits are nested too deeply.");
  }
}

function checkEdits(edits) {
  if (!isObject(edits) || edits.format !== FORMAT)
    refuse("The edits", edits, `an object whose format is ${FORMAT}`);
  if (edits.version !== VERSION) refuse("The version of the edits", edits.version, "1");
  const name = edits.keypoint_set;
  if (typeof name !== "string" || !Object.hasOwn(KEYPOINT_SETS, name))
    refuse("The keypoint set of the edits", name, "a known one");
  if (!Array.isArray(edits.canvas) || edits.canvas.length !== 2)
    refuse("The canvas of the edits", edits.canvas, "width and height");
  for (const side of edits.canvas) checkWhole(side, "The canvas of the edits", 1, MAX_CANVAS_SIDE);
  if (edits.base !== undefined && typeof edits.base !== "string")
    refuse("The base of the edits", edits.base, "a text");
  const people = edits.people === undefined ? [] : edits.people;
  if (!Array.isArray(people)) refuse("The people of the edits", people, "a list");
  if (people.length > MAX_PEOPLE) throw new EditsError("The edits have too many people.");
  const keys = people.map((person) => (isObject(person?.keys) ? Object.keys(person.keys) : []));
  if (keys.flat().length > MAX_KEYS) throw new EditsError("The edits have too many key frames.");
  const count = KEYPOINT_SETS[name].names.length;
  people.forEach((person, index) => checkPerson(person, `Edited person ${index + 1}`, count));
}

function checkPerson(person, where, count) {
  if (!isObject(person)) refuse(where, person, "an object");
  checkWho(person.who, where, count);
  if (person.hidden !== undefined && typeof person.hidden !== "boolean")
    refuse(`${where}: hidden`, person.hidden, "true or false");
  if (person.new !== undefined && person.new !== null)
    checkRows(person.new, 4, `${where}: new`, count);
  if (person.place !== undefined && person.place !== null)
    checkWhole(person.place, `${where}: place`, 0, MAX_ID);
  const keys = person.keys === undefined ? {} : person.keys;
  if (!isObject(keys)) refuse(`${where}: keys`, keys, "an object");
  for (const [frame, key] of Object.entries(keys)) {
    if (!/^(0|[1-9][0-9]{0,6})$/.test(frame) || Number(frame) >= MAX_FRAMES)
      refuse(`${where}: a key`, frame, "the number of a frame");
    checkKey(key, `${where}, frame ${frame}`, count);
  }
}

function checkWho(who, where, count) {
  if (!isObject(who) || !(Object.hasOwn(who, "id") || Object.hasOwn(who, "order")))
    refuse(`${where}: who`, who, "an object with an id or an order");
  if (Object.hasOwn(who, "id")) checkWhole(who.id, `${where}: id`, -MAX_ID, MAX_ID);
  if (Object.hasOwn(who, "order")) checkWhole(who.order, `${where}: order`, 0, MAX_ID);
  if (who.frame !== undefined) checkWhole(who.frame, `${where}: frame`, 0, MAX_FRAMES - 1);
  if (who.box !== undefined && who.box !== null) {
    checkNumbers(who.box, `${where}: box`);
    if (who.box.length !== 4) refuse(`${where}: box`, who.box, "4 numbers");
  }
  if (who.body !== undefined && who.body !== null)
    checkRows(who.body, 3, `${where}: body`, count);
}

function checkKey(key, where, count) {
  if (!isObject(key) || Object.keys(key).some((name) => !KEY_NAMES.includes(name)))
    refuse(where, key, `an object with ${KEY_NAMES.join(", ")} only`);
  if (key.joints !== undefined) checkRows(key.joints, 3, `${where}: joints`, count);
  if (key.scores !== undefined) checkRows(key.scores, 2, `${where}: scores`, count);
  if (key.of !== undefined && key.of !== null) {
    const isList = Array.isArray(key.of) && key.of.length > 0;
    if (!isList || key.of.some((name) => !PART_NAMES.includes(name)))
      refuse(`${where}: of`, key.of, `some of ${PART_NAMES.join(", ")}`);
  }
  if (key.parts === undefined) return;
  if (!isObject(key.parts) || Object.keys(key.parts).some((name) => !PART_NAMES.includes(name)))
    refuse(`${where}: parts`, key.parts, `an object with ${PART_NAMES.join(", ")} only`);
  for (const [name, numbers] of Object.entries(key.parts)) {
    checkNumbers(numbers, `${where}: ${name}`);
    const [, , degrees, scale] = numbers;
    const isPart = numbers.length === 4 && Math.abs(degrees) <= MAX_DEGREES;
    if (!isPart || scale < MIN_SCALE || scale > MAX_SCALE)
      refuse(`${where}: ${name}`, numbers, "move, move, turn and scale");
  }
}

function checkRows(values, columns, where, count) {
  checkNumbers(values, where);
  if (values.length % columns) refuse(where, values.length, `${columns} numbers for each joint`);
  const seen = new Set();
  for (let start = 0; start < values.length; start += columns) {
    checkWhole(values[start], `${where}: a joint`, 0, count - 1);
    if (seen.has(values[start])) throw new EditsError(`${where} has a joint twice.`);
    seen.add(values[start]);
    const score = columns % 2 ? 0 : values[start + columns - 1];
    if (score < 0 || score > MAX_SCORE) refuse(`${where}: a score`, score, `0 to ${MAX_SCORE}`);
  }
}

function checkNumbers(values, where) {
  if (!Array.isArray(values)) refuse(where, values, "a list");
  for (const value of values)
    if (typeof value !== "number" || !(Math.abs(value) <= MAX_OFFSET))
      refuse(`${where}: a number`, value, `one from -${MAX_OFFSET} to ${MAX_OFFSET}`);
}

function checkWhole(value, where, least, most) {
  if (!Number.isInteger(value) || value < least || value > most)
    refuse(where, value, `a whole number from ${least} to ${most}`);
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
