// The buttons beside the frames: steps, and key frames.

import * as acts from "../acts.js";
import { make, say } from "../elements.js";

/**
 * @param {Element} parent
 * @param {import("../session.js").Session} session
 * @param {import("./overlay.js").Overlay} overlay
 * @returns {{show: () => void}}
 */
export function addFrameButtons(parent, session, overlay) {
  const { word } = session;
  const bar = make("div", "clipBar", parent);
  const add = (name, look, act) =>
    overlay.addButton(bar, { ...look, title: word(`${name}Title`) }, act);
  const previous = add("previous", { sign: "previous" }, () => session.goTo(session.frame - 1));
  const input = make("input", "number", bar, { type: "number", min: "0", step: "1" });
  input.setAttribute("aria-label", word("frame"));
  input.addEventListener("change", () => session.goTo(Number(input.value)));
  const last = make("span", "subtitle", bar);
  const next = add("next", { sign: "next" }, () => session.goTo(session.frame + 1));
  make("span", "gap", bar);
  add("previousKey", { text: word("previousKey") }, () => acts.goToKey(session, -1));
  add("nextKey", { text: word("nextKey") }, () => acts.goToKey(session, 1));
  make("span", "gap", bar);
  const buttons = [
    add("addKey", { text: word("addKey") }, () => acts.addKey(session, false)),
    add("addDetectedKey", { text: word("addDetectedKey") }, () => acts.addKey(session, true)),
  ];
  const remove = add("removeKey", { text: word("removeKey") }, () => acts.removeKey(session));
  const legend = make("span", "legend", bar);
  for (const [sign, name] of [["◆", "key"], ["◇", "detectedKey"]]) {
    make("span", "legendSign", legend, { textContent: sign });
    make("span", "legendText", legend, { textContent: word(name) });
  }
  const show = () => {
    const { frame, lastFrame, row } = session;
    if (document.activeElement !== input) input.value = String(frame);
    input.max = String(lastFrame);
    say(last, `/ ${lastFrame}`);
    previous.disabled = frame === 0;
    next.disabled = frame === lastFrame;
    for (const button of buttons) button.disabled = !row;
    remove.disabled = !row?.edits?.keys?.[frame];
  };
  return { show };
}
