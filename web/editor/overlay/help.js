// What the keys do, as a sheet over the editor.

import { make } from "../elements.js";

/**
 * @param {Element} parent
 * @param {(name: string) => string} word
 * @returns {HTMLElement} hidden at first
 */
export function addHelp(parent, word) {
  const sheet = make("section", "help", parent, { hidden: true, tabIndex: -1 });
  sheet.setAttribute("aria-label", word("keysHeading"));
  make("h2", "heading", sheet, { textContent: word("keysHeading") });
  const list = make("dl", "keyList", sheet);
  for (const line of word("keyLines").split("\n")) {
    const [keys, text] = line.split(" | ");
    const row = make("div", "keyLine", list);
    make("dt", "keyNames", row, { textContent: keys });
    make("dd", "keyText", row, { textContent: text });
  }
  make("p", "hint", sheet, { textContent: word("helpHint") });
  return sheet;
}
