// The line above the image that says which edits fit nobody after a new detection.

import { withoutPerson } from "../data/model.js";
import { giveEdits } from "../data/people.js";
import { make, say } from "../elements.js";

export class Banner {
  /** @param {import("../session.js").Session} session @param {import("./overlay.js").Overlay} overlay */
  constructor(session, overlay) {
    const { word } = session;
    this.session = session;
    this.element = make("div", "banner", null, { hidden: true });
    this.element.setAttribute("role", "status");
    this.text = make("span", "text", this.element);
    const add = (name, act) =>
      overlay.addButton(this.element, { text: word(name), title: word(`${name}Title`) }, act);
    this.look = add("look", () => this.#look());
    this.give = add("give", () => this.#give());
    this.drop = add("drop", () => this.#drop());
    this.element.addEventListener("pointerdown", (event) => event.stopPropagation());
  }

  get person() {
    return this.session.unplaced[0];
  }

  /** Goes to the frame in which the person was edited. */
  #look() {
    if (this.person) this.session.goTo(this.person.who.frame ?? 0);
  }

  #give() {
    const { session, person } = this;
    if (!person || !session.row || session.row.edits) return session.tell("giveToWhom");
    session.take(giveEdits(session.history.state, person, session.row));
    session.tell("given", { number: session.chosen + 1 });
  }

  #drop() {
    const { session, person } = this;
    if (person) session.take(withoutPerson(session.history.state, person));
  }

  show() {
    const { session, person } = this;
    const { word } = session;
    this.element.hidden = !person || Boolean(session.broken);
    if (!person) return;
    const { who } = person;
    const name = who.id === undefined ? word("person", { number: who.order + 1 }) : `id ${who.id}`;
    const more = session.unplaced.length - 1;
    const rest = more ? ` ${word("changedMore", { count: more })}` : "";
    say(this.text, word("changed", { who: name }) + rest);
    say(this.give.firstChild, word("give", { number: session.chosen + 1 }));
    this.look.hidden = !session.lastFrame;
    this.give.disabled = !session.row || Boolean(session.row.edits);
  }
}
