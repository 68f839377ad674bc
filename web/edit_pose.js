// Edit Sapiens Pose: the editor on the node. The only file of it that knows ComfyUI.
//
// The edits are the text of the node's own widget, which is hidden, so that they are saved, copied
// and run as any value, also where this file is missing. Of the last run the node keeps the name of
// a file in ComfyUI's temp folder.

import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";
import { readDetection } from "./editor/data/detection.js";
import { Overlay } from "./editor/overlay/overlay.js";
import { Panel } from "./editor/panel.js";
import { wordsIn } from "./editor/words.js";
import { widgetOf } from "./node_widgets.js";

const NODE_ID = "SapiensPoseEdit";
const RECORD = "sapiens_edit";
const SMALLEST = [420, 560];
const SMALLEST_EDITOR = 340;
const DELAY_MS = 300; // the page has drawn a graph by then

const places = new Map(); // where the last editor of a node's number is on the page

function viewPath({ subfolder, type }, filename) {
  return `/view?${new URLSearchParams({ filename, subfolder, type })}`;
}

function hide(widget) {
  widget.hidden = true; // the classic page
  widget.options ??= {};
  widget.options.hidden = true; // Nodes 2.0
}

function keep(node, widget, text) {
  const before = widget.value;
  app.canvas?.emitBeforeChange?.(); // one step to undo
  widget.value = text;
  node.onWidgetChanged?.(widget.name, text, before, widget);
  app.canvas?.emitAfterChange?.();
}

/** Shows the poses of the last run, if they are still there. */
async function load(node, session) {
  const record = node.properties?.[RECORD];
  if (!record?.filename) return;
  try {
    const answer = await api.fetchApi(viewPath(record, record.filename));
    if (!answer.ok) throw new Error(String(answer.status));
    const detection = readDetection(await answer.arrayBuffer());
    const { found = {} } = record;
    if (node.properties[RECORD] === record) session.setDetection(detection, { found });
  } catch {
    session.setDetection(null, { message: "gone" });
  }
}

/**
 * Frontend 1.39 draws a node that comes in the place of another, as after an undo, with the editor
 * of that one.
 */
function takePlace(node, element) {
  const place = places.get(node.id);
  places.delete(node.id);
  if (LiteGraph.vueNodesMode && place?.isConnected && !element.isConnected)
    place.replaceChildren(element);
}

/** What a run tells, by the text of each edited person's who. */
function recordOf({ filename, subfolder, type, people }, edits) {
  const found = {};
  (edits?.people ?? []).forEach((person, index) => {
    if (index < people.length && !person.new) found[JSON.stringify(person.who)] = people[index];
  });
  return { filename, subfolder, type, found };
}

function addEditor(node) {
  const widget = widgetOf(node, "edits"); // their text
  if (!widget) return;
  hide(widget);
  const imageUrl = (name) => api.apiURL(viewPath(node.properties[RECORD], name));
  let overlay = null;
  const panel = new Panel({
    word: wordsIn(app.extensionManager?.setting?.get("Comfy.Locale") ?? "en"),
    commit: (text) => keep(node, widget, text),
    imageUrl,
    open: () => {
      if (!session.detection) return;
      overlay ??= new Overlay(session, { imageUrl, api, run: () => app.queuePrompt(0, 1), onToggle });
      node.sapiensOverlay = overlay;
      overlay.open();
    },
  });
  const { session } = panel;
  const onToggle = (isOpen) => panel.pause(isOpen);
  const editor = node.addDOMWidget("editor", "sapiens_pose_editor", panel.element, {
    serialize: false,
    hideOnZoom: false,
    hideInPanel: true,
    getMinHeight: () => SMALLEST_EDITOR,
  });
  editor.serialize = false;
  // The page's side panel writes a width here, by which it would squeeze the editor for good.
  Object.defineProperty(editor, "width", { get: () => undefined, set: () => {} });
  node.setSize([0, 1].map((i) => Math.max(node.size[i], SMALLEST[i])));
  node.sapiensPose = panel;
  setTimeout(() => takePlace(node, panel.element), DELAY_MS);

  const after = (name, act) => {
    const before = node[name];
    node[name] = function (...values) {
      const result = before?.apply(this, values);
      act(...values);
      return result;
    };
  };
  after("onConfigure", () => {
    session.setText(widget.value ?? "");
    load(node, session);
  });
  after("onExecuted", (output) => {
    const [told] = output?.[RECORD] ?? [];
    if (!told) return;
    session.setText(widget.value ?? "");
    node.properties[RECORD] = recordOf(told, session.history.state);
    load(node, session);
  });
  after("onRemoved", () => {
    overlay?.remove();
    panel.remove();
  });
  const { onRemoved } = node;
  node.onRemoved = function (...values) {
    places.set(node.id, panel.element.parentElement); // before the page takes the element out
    return onRemoved.apply(this, values);
  };
}

app.registerExtension({
  name: "SapiensPose.Edit",
  nodeCreated(node) {
    if (node.comfyClass === NODE_ID) addEditor(node);
  },
});
