// The poses of the library as files: packaged ones, and a user's own in ComfyUI's user data.
//
// Both are JSON of the format "sapiens", which Load Sapiens Pose reads as well.

import { KEYPOINT_SETS } from "./tables.js";

const PACKAGED = new URL("../library/", import.meta.url);
const OWN_FOLDER = "sapiens_pose/library";
const MARGIN = 0.06; // room around people, as a share of the canvas
const LIMITS = { text: 4e6, people: 100, side: 100_000, number: 1e6, own: 500, name: 80, tries: 99 };

/**
 * @typedef {{keypoint_set: string, keypoints: number[][], scores: number[]}} LibraryPerson
 * @typedef {{width: number, height: number, people: LibraryPerson[]}} LibraryPoses
 */

/** What the list of packaged poses says: groups, and poses with their titles. */
export async function listPackaged() {
  return (await fetchPackaged("poses.json")).json();
}

/** @param {string} name of a packaged pose */
export async function loadPackaged(name) {
  return readPoses(await (await fetchPackaged(`${name}.json`)).text());
}

export function thumbnailUrl(name) {
  return new URL(`${name}.webp`, PACKAGED).href;
}

async function fetchPackaged(name) {
  const answer = await fetch(new URL(name, PACKAGED), { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer;
}

/** Names of the user's own poses, in order; none where there is no such folder. */
export async function listOwn(api) {
  const answer = await api.fetchApi(`/userdata?${new URLSearchParams({ dir: OWN_FOLDER })}`);
  if (answer.status === 404) return [];
  if (!answer.ok) throw new Error(String(answer.status));
  const names = (await answer.json()).filter((name) => /^[^/\\]+\.json$/i.test(name));
  return names.map((name) => name.slice(0, -5)).sort((a, b) => a.localeCompare(b)).slice(0, LIMITS.own);
}

/** @param {string} name of one of the user's own poses */
export async function loadOwn(name, api) {
  const answer = await api.fetchApi(ownPath(name));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return readPoses(await answer.text());
}

/**
 * Keeps poses under a name; one that is taken gets a number, so that nothing is overwritten.
 * @param {string} name as the user typed it
 * @param {LibraryPoses} poses
 * @param {{api: object}} page ComfyUI's api
 * @returns {Promise<string>} the name of the file
 */
export async function saveOwnPose(name, poses, { api }) {
  const start = fileName(name);
  const body = posesText(start, poses);
  for (let number = 1; number <= LIMITS.tries; number++) {
    const free = number === 1 ? start : `${start} ${number}`;
    const answer = await api.fetchApi(`${ownPath(free)}?overwrite=false`, { method: "POST", body });
    if (answer.ok) return free;
    if (answer.status !== 409) throw new Error(`${free}: ${answer.status} ${answer.statusText}`);
  }
  throw new Error(`${start}: 409`);
}

export async function deleteOwnPose(name, { api }) {
  const answer = await api.fetchApi(ownPath(name), { method: "DELETE" });
  if (!answer.ok && answer.status !== 404) throw new Error(`${name}: ${answer.status}`);
}

function ownPath(name) {
  return `/userdata/${encodeURIComponent(`${OWN_FOLDER}/${name}.json`)}`;
}

/** A name that every system takes for a file. */
export function fileName(name) {
  const safe = String(name).normalize("NFC").replace(/[\u0000-\u001f\u007f\\/:*?"<>|%]/g, "_");
  const cut = [...safe.trim()].slice(0, LIMITS.name).join("").replace(/^[. ]+|[. ]+$/g, "");
  const isReserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(cut);
  return isReserved ? `_${cut}` : cut || "pose";
}

/**
 * @param {string} text of a file of the format "sapiens"
 * @returns {LibraryPoses}
 * @throws {Error} something in it cannot be
 */
export function readPoses(text) {
  if (text.length > LIMITS.text) throw new Error("text");
  const document = JSON.parse(text);
  const { version = 1, canvas, keypoint_set: set, instance_info: people } = document ?? {};
  if (version !== 1) throw new Error("version");
  const sides = [canvas?.width, canvas?.height];
  if (!sides.every((side) => Number.isInteger(side) && side >= 1 && side <= LIMITS.side))
    throw new Error("canvas");
  if (!Object.hasOwn(KEYPOINT_SETS, String(set))) throw new Error("keypoint_set");
  if (!Array.isArray(people) || !people.length || people.length > LIMITS.people)
    throw new Error("instance_info");
  const read = people.map((person) => readPerson(set, person));
  return { width: sides[0], height: sides[1], people: read };
}

function readPerson(set, person) {
  const count = KEYPOINT_SETS[set].names.length;
  const { keypoints, keypoint_scores: scores } = person ?? {};
  const isNumber = (value) => Number.isFinite(value) && Math.abs(value) <= LIMITS.number;
  const isPoint = (value) => Array.isArray(value) && value.length === 2 && value.every(isNumber);
  const hasAll = (list, check) =>
    Array.isArray(list) && list.length === count && list.every(check);
  if (!hasAll(keypoints, isPoint)) throw new Error("keypoints");
  if (!hasAll(scores, isNumber)) throw new Error("keypoint_scores");
  return { keypoint_set: set, keypoints, scores };
}

function posesText(name, { width, height, people }) {
  const [set, ...others] = new Set(people.map((person) => person.keypoint_set));
  if (!set || others.length) throw new Error("keypoint_set");
  const round = (number) => Math.round(number * 10) / 10;
  const text = JSON.stringify({
    version: 1,
    image: name,
    canvas: { width, height },
    keypoint_set: set,
    instance_info: people.map(({ keypoints, scores }) => ({
      keypoints: keypoints.map((point) => [...point].map(round)),
      keypoint_scores: [...scores],
      bbox: boxOf([{ keypoints, scores }], width, height),
      bbox_score: 1,
    })),
  });
  readPoses(text); // nothing is kept that cannot be read again
  return text;
}

/** Left, top, right, bottom of what can be seen of people in their canvas, or the canvas. */
function boxOf(people, width, height) {
  const seen = people.flatMap(({ keypoints, scores }) =>
    keypoints.filter(
      ([x, y], i) => scores[i] > 0 && x >= 0 && y >= 0 && x < width && y < height,
    ),
  );
  if (seen.length < 2) return [0, 0, width, height];
  const [xs, ys] = [0, 1].map((i) => seen.map((point) => point[i]));
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/**
 * The people in the middle of another canvas, as large as they can be with a margin.
 *
 * `skeletons/poses/place_people.py` does the same.
 * @param {LibraryPoses} poses
 * @returns {LibraryPoses}
 */
export function placePeople(poses, width, height) {
  if (poses.width === width && poses.height === height) return poses;
  const [left, top, right, bottom] = boxOf(poses.people, poses.width, poses.height);
  const room = 1 - 2 * MARGIN;
  const scale = Math.min(
    (room * width) / Math.max(right - left, 1),
    (room * height) / Math.max(bottom - top, 1),
  );
  const shift = [(width - scale * (left + right)) / 2, (height - scale * (top + bottom)) / 2];
  const people = poses.people.map((person) => ({
    ...person,
    keypoints: person.keypoints.map((point) => point.map((value, i) => scale * value + shift[i])),
  }));
  return { ...poses, width, height, people };
}
