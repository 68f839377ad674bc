// Elements of the editors, and the drawn signs of their buttons.

/**
 * @param {string} tag
 * @param {string} name of its class
 * @param {Element | null} parent
 * @param {object} [properties]
 * @returns {any}
 */
export function make(tag, name, parent, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.className = `sapiens-${name}`;
  parent?.append(element);
  return element;
}

// Lines on a sheet of 16 x 16, as an SVG path has them.
const SIGNS = {
  undo: "M6.5 3.5 3 7l3.5 3.5M3 7h6.5a3.5 3.5 0 0 1 0 7H7",
  redo: "M9.5 3.5 13 7l-3.5 3.5M13 7H6.5a3.5 3.5 0 0 0 0 7H9",
  closer: "M8 3v10M3 8h10",
  farther: "M3 8h10",
  fit: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10",
  open: "M9.5 2.5h4v4M13.5 2.5 9 7M6.5 13.5h-4v-4M2.5 13.5 7 9",
  mirror: "M8 2v12M5.5 5 2 8l3.5 3M10.5 5 14 8l-3.5 3",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  paste: "M4.5 3.5h-1v10h9v-10h-1M5.5 2.5h5v2h-5zM5.5 8h5M5.5 10.5h5",
  shown: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6z",
  notShown: "M2 2l12 12M4 5.2C2.4 6.5 1.5 8 1.5 8S4 12.5 8 12.5c1 0 2-.3 2.8-.7M6.5 3.7c.5-.1 1-.2 1.5-.2 4 0 6.500 4.500 6.500 4.500s-.7 1.300-2 2.500",
  forward: "M8 13V3M4 7l4-4 4 4",
  backward: "M8 3v10M4 9l4 4 4-4",
  remove: "M3 4.500h10M6 4.500v-2h4v2M4.500 4.500l.6 9h5.800l.6-9",
  duplicate: "M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3M9.500 7.500v4M7.500 9.500h4",
  add: "M6 7a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM1.500 14c0-3 2-4.500 4.500-4.500s4.500 1.500 4.500 4.500M12.500 5v5M10 7.500h5",
  previous: "M10 3 5 8l5 5",
  next: "M6 3l5 5-5 5",
  close: "M3.500 3.500l9 9M12.500 3.500l-9 9",
};

/** @param {string} name @param {Element} parent */
export function addSign(name, parent) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "sapiens-sign");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SIGNS[name]);
  svg.append(path);
  parent.append(svg);
}

/**
 * A button with a sign, words, or both.
 * @param {Element} parent
 * @param {object} look
 * @param {string} [look.sign] @param {string} [look.text]
 * @param {string} look.title also its name if it has no words
 * @param {string} [look.kind] a second class
 * @param {() => void} act
 * @returns {HTMLButtonElement}
 */
export function addButton(parent, { sign, text, title, kind }, act) {
  const button = make("button", "button", parent, { type: "button", title });
  if (kind) button.classList.add(`sapiens-${kind}`);
  if (sign) addSign(sign, button);
  if (text) make("span", "text", button, { textContent: text });
  else {
    button.classList.add("sapiens-square");
    button.setAttribute("aria-label", title);
  }
  button.addEventListener("click", act);
  return button;
}

const OF_THE_PAGE = [
  ...["pointerdown", "mousedown", "dblclick", "contextmenu"],
  ...["keyup", "keypress", "copy", "cut", "paste"],
];

/** Keeps from the page what happens in an element. @param {string[]} more events of other kinds */
export function keepFromPage(element, ...more) {
  for (const kind of [...OF_THE_PAGE, ...more])
    element.addEventListener(kind, (event) => event.stopPropagation());
}

/** Sets a text only if it is another one: each change is read aloud. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
