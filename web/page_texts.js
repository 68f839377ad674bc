// What a node told stays on it until it runs again: it is told once more when ComfyUI takes the node
// from its cache, and when the run ends, as frontends from 1.58 on take such texts away then.

import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";

const TEXT = "progress_text";
const OURS = /^Sapiens(Pose|Wan)/;
const WIDGET = "$$node-text-preview"; // what the frontend calls the text on a node
const ENDS = ["execution_success", "execution_error", "execution_interrupted"];
const DELAY_MS = 300; // the frontend has taken the texts away by then
// The classic renderer gives every text two lines; these are the frontend's own sizes, in pixels.
const FONT = "12px Inter, sans-serif";
const BESIDE = 62; // left and right of the text
const ABOVE_AND_BELOW = 36;
const LINE = 16;
const MAX_LINES = 11;
const MIN_HEIGHT = 58;

const told = new Map(); // the last text of each node of ours, by the node's id

function nodeOf(id) {
  const node = app.graph?.getNodeById(Number(id));
  return OURS.test(node?.comfyClass) ? node : null;
}

function remember({ detail }) {
  const node = nodeOf(detail?.nodeId);
  if (!node) return;
  told.set(node.id, { node, detail });
  setTimeout(() => makeRoom(node, detail.text)); // the frontend adds the text meanwhile
}

// So that what to do next, which ends a sentence, is seen.
function makeRoom(node, text) {
  const widget = node.widgets?.find((one) => one.name === WIDGET);
  if (!widget || LiteGraph.vueNodesMode) return;
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = FONT;
  const lines = Math.ceil(pen.measureText(text).width / (node.size[0] - BESIDE));
  const wanted = Math.min(lines, MAX_LINES) * LINE + ABOVE_AND_BELOW;
  widget.options.getMinHeight = () => Math.max(wanted, MIN_HEIGHT);
  const height = node.computeSize()[1];
  if (node.size[1] < height) node.setSize([node.size[0], height]);
  app.canvas?.setDirty(true, true);
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
