// What a node has told stays on it after the run. Frontends from 1.58 on take such texts away when a
// job ends, so that an empty result would be silent again; here they are told once more.

import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";

const TEXT = "progress_text";
const WIDGET = "$$node-text-preview"; // what the frontend calls the text on a node
const ENDS = ["execution_success", "execution_error", "execution_interrupted"];
const DELAY_MS = 300; // the frontend has taken the texts away by then

const told = new Map(); // the last text of each node of ours, by the node's id

function remember({ detail }) {
  const node = app.graph?.getNodeById(Number(detail?.nodeId));
  if (node?.comfyClass?.startsWith("SapiensPose")) told.set(node.id, { node, detail });
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
    for (const end of ENDS) api.addEventListener(end, () => setTimeout(tellAgain, DELAY_MS));
  },
});
