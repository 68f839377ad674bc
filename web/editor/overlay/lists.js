// The lists on the left: people, and the parts of who is chosen.

import * as acts from "../acts.js";
import { keyedParts } from "../data/keys.js";
import { SHOWN_SCORE, jointsOnlyOf, partsIn } from "../data/parts.js";
import { addButton, make } from "../elements.js";

export class Lists {
  /** @param {import("../session.js").Session} session @param {import("./overlay.js").Overlay} overlay */
  constructor(session, overlay) {
    Object.assign(this, { session, overlay });
    const { word } = session;
    this.element = make("aside", "lists", null);
    this.people = this.#list("people");
    const more = make("div", "row", this.element);
    const add = (name, act, text) =>
      overlay.addButton(more, { sign: name, text, title: word(`${name}Title`) }, act);
    this.add = addButton(more, { sign: "add", text: word("add"), title: word("addTitle") }, () =>
      overlay.addFromLibrary(),
    );
    this.duplicate = add("duplicate", () => acts.duplicate(session));
    this.forward = add("forward", () => acts.reorder(session, 1));
    this.backward = add("backward", () => acts.reorder(session, -1));
    this.remove = add("remove", () => acts.removePerson(session));
    this.parts = this.#list("parts");
  }

  #list(name) {
    const title = this.session.word(name);
    make("h2", "heading", this.element, { textContent: title });
    const list = make("div", "list", this.element);
    list.setAttribute("role", "group");
    list.setAttribute("aria-label", title);
    return list;
  }

  show() {
    const { session } = this;
    const { rows, row } = session;
    for (const button of [this.duplicate, this.forward, this.backward]) button.disabled = !row;
    this.forward.disabled ||= rows.length < 2;
    this.backward.disabled ||= rows.length < 2;
    this.remove.disabled = !row?.edits?.new;
    this.add.disabled = !session.detection;
    this.#fill(this.people, rows.map((each, index) => this.#person(each, index)));
    this.#fill(this.parts, row ? partsIn(row.detected.set).map((part) => this.#part(row, part)) : []);
  }

  #person(row, index) {
    const { session } = this;
    return {
      name: session.word("personName", { number: index + 1 }),
      note: this.#about(row),
      isChosen: index === session.chosen,
      isShown: !row.edits?.hidden,
      choose: () => session.choose({ chosen: index }),
      toggle: () => {
        session.choose({ chosen: index });
        acts.togglePerson(session);
      },
    };
  }

  /** What was done to somebody, in few words. */
  #about(row) {
    const { word } = this.session;
    if (!row.edits) return word("asDetected");
    if (row.edits.hidden) return word("hidden");
    const parts = keyedParts(row.edits, row.detected.set).map((part) => word(part));
    return [...(row.edits.new ? [word("added")] : []), ...parts].join(", ") || word("asDetected");
  }

  #part(row, part) {
    const { session } = this;
    const joints = jointsOnlyOf(row.detected.set, part);
    const shown = joints.filter((joint) => row.posed.scores[joint] >= SHOWN_SCORE);
    const isFound = joints.some((joint) => row.detected.scores[joint] >= SHOWN_SCORE);
    return {
      name: session.word(part),
      note: shown.length ? String(shown.length) : session.word(isFound ? "hidden" : "notFound"),
      isChosen: part === session.part,
      isShown: shown.length > 0,
      choose: () => session.choose({ part: part === session.part ? null : part }),
      toggle: () => {
        session.choose({ part });
        acts.showOrHide(session, joints);
      },
    };
  }

  /** Makes the items anew if they are others, and keeps the focus where it was. */
  #fill(list, items) {
    const text = JSON.stringify(items);
    this.seen ??= new Map();
    if (this.seen.get(list) === text) return;
    this.seen.set(list, text);
    const focused = [...list.querySelectorAll("button")].indexOf(document.activeElement);
    list.replaceChildren();
    for (const item of items) this.#addItem(list, item);
    if (focused >= 0) list.querySelectorAll("button")[focused]?.focus();
  }

  #addItem(list, { name, note, isChosen, isShown, choose, toggle }) {
    const { word } = this.session;
    const item = make("div", "item", list);
    item.classList.toggle("sapiens-chosen", isChosen);
    const button = make("button", "choose", item, { type: "button", title: `${name}: ${note}` });
    button.setAttribute("aria-pressed", String(isChosen));
    make("span", "name", button, { textContent: name });
    make("span", "about", button, { textContent: note });
    button.addEventListener("click", (event) => {
      choose();
      if (event.detail) this.overlay.stage.focus(); // a click; keys stay in the list
    });
    const title = word(isShown ? "hideThis" : "showThis", { what: name });
    const eye = addButton(item, { sign: isShown ? "shown" : "notShown", title, kind: "bare" }, toggle);
    eye.setAttribute("aria-pressed", String(!isShown));
  }
}
