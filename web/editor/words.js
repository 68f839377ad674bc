// What the editors say, in the language of the page.

import { EN } from "./words/en.js";
import { ZH } from "./words/zh.js";

const WORDS = { en: EN, zh: ZH };

/**
 * @param {string} language as ComfyUI's settings have it
 * @returns {(name: string, values?: object) => string}
 */
export function wordsIn(language) {
  const words = WORDS[String(language).split("-")[0]] ?? WORDS.en;
  return (name, values = {}) =>
    words[name].replace(/\{(\w+)\}/g, (_, value) => String(values[value]));
}
