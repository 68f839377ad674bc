// Sapiens Pose Library: a button that shows all poses as images, for the menu of their names.

import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";
import { choosePose } from "./editor/library.js";
import { wordsIn } from "./editor/words.js";
import { choose, widgetOf } from "./node_widgets.js";

const NODE_ID = "SapiensPoseLibrary";
const OWN = "own/";
const SHOW = { en: "show all poses", zh: "显示所有姿态" };

function choosePoseOf(node, name) {
  const menu = widgetOf(node, "pose");
  if (name === menu.value) return;
  if (!menu.options.values.includes(name)) menu.options.values = [...menu.options.values, name];
  choose(node, menu, name);
}

async function showLibrary(node, words) {
  const dialog = document.createElement("dialog");
  Object.assign(dialog.style, { width: "min(940px, 90vw)", height: "min(680px, 85vh)", padding: 0 });
  dialog.addEventListener("cancel", (event) => event.preventDefault()); // the chooser takes Escape
  document.body.append(dialog);
  dialog.showModal();
  try {
    const chosen = await choosePose(dialog, { words, api });
    if (chosen) choosePoseOf(node, (chosen.isOwn ? OWN : "") + chosen.name);
  } finally {
    dialog.remove();
  }
}

app.registerExtension({
  name: "SapiensPose.Library",

  nodeCreated(node) {
    if (node.comfyClass !== NODE_ID) return;
    const language = app.extensionManager?.setting?.get("Comfy.Locale") ?? "en";
    const words = wordsIn(language);
    const options = { serialize: false };
    // A name of its own: the page keeps the labels of widgets by number of node and name.
    const show = () => showLibrary(node, words);
    const button = node.addWidget("button", "show_library", null, show, options);
    button.serialize = false; // saved graphs have the same values as without it
    button.label = SHOW[language] ?? SHOW.en;
  },
});
