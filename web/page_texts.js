// What a node told stays on it until it runs again: it is told once more when ComfyUI takes the node
// from its cache, and when the run ends, as frontends from 1.58 on take such texts away then.

import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";

const TEXT = "progress_text";
const OURS = /^Sapiens(Pose|Wan)/;
const WIDGET = "$$node-text-preview"; // what the frontend calls the text on a node
const ENDS = ["execution_success", "execution_error", "execution_interrupted"];
const DELAY_MS = 300; // the frontend has taken the texts away by then

const told = new Map(); // the last text of each node of ours, by the node's id

function nodeOf(id) {
  const node = app.graph?.getNodeById(Number(id));
  return OURS.test(node?.comfyClass) ? node : null;
}

function remember({ detail }) {
  const node = nodeOf(detail?.nodeId);
  if (node) told.set(node.id, { node, detail });
}

// A node that runs again may have nothing to tell: its last error is no longer true.
function forget(id) {
  const node = nodeOf(id);
  if (!node || !told.delete(node.id)) return;
  const index = node.widgets?.findIndex((widget) => widget.name === WIDGET) ?? -1;
  if (index < 0) return;
  node.widgets[index].onRemove?.();
  node.widgets.splice(index, 1);
}

function tellOfCache({ detail }) {
  const text = detail?.output?.sapiens_text?.[0];
  if (text) api.dispatchCustomEvent(TEXT, { nodeId: detail.node, text });
  else forget(detail?.node);
}

function tellAgain() {
  for (const [id, { node, detail }] of told) {
    if (app.graph.getNodeById(id) !== node) told.delete(id); // of another graph
    else if (!node.widgets?.some((widget) => widget.name === WIDGET))
      api.dispatchEvent(new CustomEvent(TEXT, { detail: { ...detail, prompt_id: undefined } }));
  }
}

app.registerExtension({
  name: "SapiensPose.PageTexts",

  setup() {
    api.addEventListener(TEXT, remember);
    api.addEventListener("executing", ({ detail }) => forget(detail));
    api.addEventListener("executed", tellOfCache);
    for (const end of ENDS) api.addEventListener(end, () => setTimeout(tellAgain, DELAY_MS));
  },
});
