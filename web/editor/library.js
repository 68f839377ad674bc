// The pose library: a grid of small images inside any element, from which somebody chooses a pose.
//
// The focus stays in the search box, because ComfyUI's page takes the keys of everything else; the
// arrow keys move through the grid all the same.

import { drawThumbnail } from "./library_drawing.js";
import {
  deleteOwnPose,
  listOwn,
  listPackaged,
  loadOwn,
  loadPackaged,
  thumbnailUrl,
} from "./library_files.js";

export { placePeople, saveOwnPose } from "./library_files.js";

const STYLE = `
.sapiens-library { display: flex; flex-direction: column; gap: 8px; box-sizing: border-box;
  width: 100%; height: 100%; min-height: 0; padding: 8px; color: var(--fg-color, #ddd);
  background: var(--comfy-menu-bg, #222); font: 13px sans-serif; }
.sapiens-library-bar { display: flex; gap: 8px; align-items: center; }
.sapiens-library-search { flex: 1; min-width: 80px; height: 30px; padding: 0 8px; border-radius: 4px;
  color: var(--input-text, #ddd); background: var(--comfy-input-bg, #111);
  border: 1px solid var(--border-color, #555); }
.sapiens-library-button { height: 30px; padding: 0 10px; cursor: pointer; border-radius: 4px;
  color: var(--input-text, #ddd); background: var(--comfy-input-bg, #111);
  border: 1px solid var(--border-color, #555); }
.sapiens-library-grid { flex: 1; min-height: 0; overflow-y: auto; padding: 0 4px 4px; }
.sapiens-library-title { margin: 8px 0 4px; font-weight: bold; }
.sapiens-library-group { display: grid; gap: 6px;
  grid-template-columns: repeat(auto-fill, minmax(112px, 1fr)); }
.sapiens-library-pose { position: relative; display: flex; flex-direction: column; gap: 2px;
  padding: 4px; cursor: pointer; text-align: center; border-radius: 4px;
  border: 1px solid var(--border-color, #555); background: var(--comfy-input-bg, #111); }
.sapiens-library-pose[aria-selected="true"] { outline: 3px solid var(--fg-color, #ddd); }
.sapiens-library-pose[aria-disabled="true"] { opacity: 0.5; cursor: default; }
.sapiens-library-image { width: 100%; height: 112px; object-fit: contain; background: #000; }
.sapiens-library-name { overflow-wrap: anywhere; font-size: 12px; }
.sapiens-library-delete { position: absolute; right: 2px; top: 2px; min-width: 24px; height: 24px;
  cursor: pointer; border: 0; border-radius: 4px; color: #fff; background: #000a; }
.sapiens-library [hidden] { display: none; }
.sapiens-library-status { min-height: 18px; }
`;

let chooserCount = 0; // so that two choosers on a page have ids of their own

/**
 * Shows the library inside an element until a pose is chosen, or nothing is.
 * @param {HTMLElement} parent
 * @param {object} page
 * @param {(name: string, values?: object) => string} page.words
 * @param {object} page.api ComfyUI's api
 * @returns {Promise<null | (import("./library_files.js").LibraryPoses & {name: string, isOwn: boolean})>}
 *   the pose in its own canvas, see placePeople, its name, and whether it is the user's own
 */
export async function choosePose(parent, { words, api }) {
  const chooser = new Chooser(words, api);
  parent.append(chooser.element);
  chooser.search.focus({ preventScroll: true });
  try {
    chooser.show();
    return await chooser.chosen;
  } finally {
    chooser.element.remove();
  }
}

class Chooser {
  constructor(words, api) {
    Object.assign(this, { words, api, options: [], active: null, toDelete: null });
    this.id = `sapiens-library-${++chooserCount}`;
    this.chosen = new Promise((resolve) => (this.answer = resolve));
    this.#build();
  }

  #build() {
    this.element = make("div", "", null);
    this.element.setAttribute("role", "dialog");
    this.element.setAttribute("aria-label", this.words("library"));
    this.element.dataset.captureWheel = "true";
    make("style", "-style", this.element).textContent = STYLE;
    const bar = make("div", "-bar", this.element);
    this.search = make("input", "-search", bar);
    Object.assign(this.search, { type: "search", placeholder: this.words("librarySearch") });
    this.grid = make("div", "-grid", this.element);
    this.grid.id = this.id;
    this.grid.setAttribute("role", "listbox");
    this.grid.setAttribute("aria-label", this.words("library"));
    const about = { role: "combobox", "aria-expanded": "true", "aria-controls": this.grid.id };
    about["aria-label"] = this.words("librarySearch");
    for (const [name, value] of Object.entries(about)) this.search.setAttribute(name, value);
    const close = make("button", "-button", bar);
    Object.assign(close, { type: "button", textContent: this.words("libraryClose") });
    close.addEventListener("click", () => this.answer(null));
    this.status = make("div", "-status", this.element);
    this.status.setAttribute("aria-live", "polite");
    this.#listen();
  }

  #listen() {
    this.search.addEventListener("input", () => this.filter());
    this.element.addEventListener("keydown", (event) => this.#press(event));
    const kept = ["keyup", "keypress", "copy", "cut", "paste", "wheel"];
    for (const kind of [...kept, "pointerdown", "mousedown", "dblclick", "contextmenu"])
      this.element.addEventListener(kind, (event) => event.stopPropagation());
    this.element.addEventListener("mousedown", (event) => {
      if (event.target !== this.search) event.preventDefault(); // the focus stays where it is
    });
  }

  /** Lists the packaged poses and the user's own; what cannot be had is said. */
  async show() {
    const fail = (error) => this.say(this.words("libraryFailed", { detail: error.message }));
    try {
      const { groups, poses } = await listPackaged();
      const language = this.words("libraryLanguage");
      for (const group of groups) {
        const box = this.#addGroup(group[language] ?? group.en);
        for (const pose of poses.filter((each) => each.group === group.name))
          this.#addPackaged(box, pose, [group.en, group.zh, pose.en, pose.zh, pose.name], language);
      }
      this.filter();
    } catch (error) {
      fail(error);
    }
    try {
      const names = await listOwn(this.api);
      if (names.length) {
        const box = this.#addGroup(this.words("libraryOwn"));
        for (const name of names) this.#addOwn(box, name);
      }
      this.filter();
    } catch (error) {
      fail(error);
    }
  }

  #addGroup(title) {
    const id = `${this.id}-group-${this.grid.children.length}`;
    const part = make("div", "-part", this.grid);
    part.setAttribute("role", "group");
    part.setAttribute("aria-labelledby", id);
    Object.assign(make("div", "-title", part), { id, textContent: title });
    return make("div", "-group", part);
  }

  #addOption(box, title, tags, image) {
    const element = make("div", "-pose", box);
    element.id = `${this.id}-option-${this.options.length}`;
    element.setAttribute("role", "option");
    element.setAttribute("aria-selected", "false");
    image.className = "sapiens-library-image";
    element.append(image);
    Object.assign(make("div", "-name", element), { textContent: title, title });
    const option = { element, title, tags: tags.join(" ").toLowerCase(), load: null, own: null };
    element.addEventListener("click", () => this.choose(option));
    this.options.push(option);
    return option;
  }

  #addPackaged(box, pose, tags, language) {
    const image = new Image();
    Object.assign(image, { alt: "", loading: "lazy", src: thumbnailUrl(pose.name) });
    const option = this.#addOption(box, pose[language] ?? pose.en, tags, image);
    option.load = async () => ({ ...(await loadPackaged(pose.name)), name: pose.name, isOwn: false });
  }

  #addOwn(box, name) {
    const canvas = document.createElement("canvas");
    const option = this.#addOption(box, name, [name, this.words("libraryOwn")], canvas);
    option.load = async () => ({ ...(await loadOwn(name, this.api)), name, isOwn: true });
    option.own = name;
    const button = make("button", "-delete", option.element);
    Object.assign(button, { type: "button", tabIndex: -1, textContent: "\u00d7" });
    button.title = this.words("libraryDelete", { name });
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.askToDelete(option);
    });
    option.load().then(
      (poses) => drawThumbnail(canvas, poses),
      () => {
        option.load = null;
        option.element.setAttribute("aria-disabled", "true");
        option.element.title = this.words("libraryUnreadable", { name });
      },
    );
  }

  /** Shows what fits the search, and has its first pose at hand. */
  filter() {
    const wanted = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { element, tags } of this.options)
      element.hidden = !wanted.every((word) => tags.includes(word));
    for (const part of this.grid.children)
      part.hidden = !part.querySelector("[role=option]:not([hidden])");
    const shown = this.shown;
    this.activate(shown.includes(this.active) ? this.active : shown[0] ?? null, false);
    this.say(this.words("libraryCount", { count: shown.length }));
  }

  get shown() {
    return this.options.filter((option) => !option.element.hidden);
  }

  activate(option, scrolls = true) {
    this.active?.element.setAttribute("aria-selected", "false");
    this.active = option;
    this.toDelete = null;
    if (!option) return this.search.removeAttribute("aria-activedescendant");
    option.element.setAttribute("aria-selected", "true");
    this.search.setAttribute("aria-activedescendant", option.element.id);
    if (scrolls) option.element.scrollIntoView({ block: "nearest" });
  }

  async choose(option) {
    if (!option) return;
    this.activate(option, false);
    if (!option.load) return this.say(this.words("libraryUnreadable", { name: option.title }));
    try {
      this.answer(await option.load());
    } catch (error) {
      this.say(this.words("libraryFailed", { detail: error.message }));
    }
  }

  /** Deletes one of the user's own poses when it is asked for twice. */
  async askToDelete(option) {
    if (!option?.own) return;
    if (this.toDelete !== option) {
      this.activate(option, false);
      this.toDelete = option;
      return this.say(this.words("libraryDeleteTwice", { name: option.own }));
    }
    try {
      await deleteOwnPose(option.own, { api: this.api });
    } catch (error) {
      return this.say(this.words("libraryFailed", { detail: error.message }));
    }
    option.element.remove();
    this.options = this.options.filter((each) => each !== option);
    this.filter();
  }

  #press(event) {
    event.stopPropagation();
    const acts = {
      Escape: () => this.answer(null),
      Enter: () => this.choose(this.active),
      ArrowLeft: () => this.#step(-1),
      ArrowRight: () => this.#step(1),
      ArrowUp: () => this.#stepRow(-1),
      ArrowDown: () => this.#stepRow(1),
    };
    const isButton = event.target.tagName === "BUTTON" && event.key === "Enter";
    const deletes = event.key === "Delete" && event.shiftKey;
    const act = deletes ? () => this.askToDelete(this.active) : acts[event.key];
    if (!act || isButton || event.isComposing) return;
    event.preventDefault();
    act();
  }

  #step(by) {
    const shown = this.shown;
    const at = shown.indexOf(this.active) + by;
    if (shown[at]) this.activate(shown[at]);
  }

  /** To the nearest pose of the row above or below, in another group too. */
  #stepRow(by) {
    if (!this.active) return;
    const place = ({ element }) => element.getBoundingClientRect();
    const from = place(this.active);
    const others = this.shown
      .map((option) => ({ option, rect: place(option) }))
      .filter(({ rect }) => (rect.top - from.top) * by > 4);
    const next = Math.min(...others.map(({ rect }) => Math.abs(rect.top - from.top)));
    const row = others.filter(({ rect }) => Math.abs(rect.top - from.top) < next + 4);
    const away = ({ rect }) => Math.abs(rect.left - from.left);
    row.sort((a, b) => away(a) - away(b));
    if (row.length) this.activate(row[0].option);
  }

  say(text) {
    this.status.textContent = text;
  }
}

function make(tag, name, parent) {
  const element = document.createElement(tag);
  element.className = `sapiens-library${name}`;
  parent?.append(element);
  return element;
}
