// What the page shows of our widgets beyond what ComfyUI shows by itself: plain words in place of a
// menu's values, and inputs of earlier versions only where a saved graph has changed them.

import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";
import { widgetOf } from "./node_widgets.js";

const LOADER = "SapiensPoseLoader";
const OFFICIAL = "official file";
const ZH = {
  "on disk": "已下载",
  download: "需要下载",
  "ComfyUI's own drawing": "ComfyUI 自带画法",
  "Sapiens demo": "Sapiens 演示画法",
  "Sapiens demo in OpenPose colours": "Sapiens 演示画法，OpenPose 配色",
  "every keypoint": "所有关键点",
};

const specs = {}; // by type of node, then by name of input: what the server says of the input

function remember(type, input) {
  const all = { ...input?.required, ...input?.optional };
  specs[type] = Object.fromEntries(Object.entries(all).map(([name, row]) => [name, row[1] ?? {}]));
}

// The phrases of a title are translated here, or come in each language.
function words(title) {
  const language = app.extensionManager?.setting?.get("Comfy.Locale");
  const phrases = Array.isArray(title) ? title : (title[language] ?? title.en);
  return phrases.map((phrase) => (language?.startsWith("zh") && ZH[phrase]) || phrase).join(", ");
}

function show(node, widget, on) {
  widget.hidden = !on;
  widget.options.hidden = !on;
  widget.options.advanced = false; // what is shown here counts, so it is not folded
  node.setDirtyCanvas?.(true, true);
}

function isLinked(node, widget) {
  return node.inputs?.some((slot) => slot.widget?.name === widget.name && slot.link != null);
}

// An input of an earlier version counts only if it is not as it was at first.
function showChanged(node) {
  const count = node.comfyClass !== LOADER || oldInputsCount(node);
  for (const { widget, value } of node.sapiensOld)
    show(node, widget, count && (widget.value !== value || isLinked(node, widget)));
}

function isOldSize(node) {
  const { value, options } = widgetOf(node, "size");
  return !options.values.includes(value);
}

// A file beside the menu counts where nobody has chosen from the menu.
function oldInputsCount(node) {
  const { official_files: files, default: first } = specs[LOADER].size;
  const { value } = widgetOf(node, "size");
  return isOldSize(node) || (value === first && widgetOf(node, "checkpoint").value !== files[first]);
}

// Size, keypoints and file were three inputs: where they name one model, the menu names it.
function migrateLoader(node) {
  if (!isOldSize(node)) return;
  const size = widgetOf(node, "size");
  const [keypoints, checkpoint] = ["keypoints", "checkpoint"].map((name) => widgetOf(node, name));
  const { official_files: files, default: first } = specs[LOADER].size;
  const count = String(keypoints.value).split(" ")[0];
  const chosen = size.options.values.find((label) =>
    label.startsWith(`${size.value}, ${count} keypoints,`),
  );
  const named = Object.keys(files).find((label) => checkpoint.value.endsWith(files[label]));
  if (checkpoint.value === OFFICIAL) size.value = chosen ?? size.value;
  else if (!named && size.options.values.includes(checkpoint.value)) size.value = checkpoint.value;
  else if (named && [named, first].includes(chosen)) size.value = named;
  else return;
  // The page offers to download a file that is named here and missing.
  if (!named) checkpoint.value = OFFICIAL;
}


async function refreshTitles(type) {
  const answer = await api.fetchApi(`/object_info/${type}`);
  remember(type, (await answer.json())[type].input);
  app.canvas?.setDirty(true, true);
}

app.registerExtension({
  name: "SapiensPose.Widgets",

  setup() {
    api.addEventListener("execution_success", () => {
      for (const type of Object.keys(specs)) if (specs[type].size ?? specs[type].model) refreshTitles(type);
    });
  },

  beforeRegisterNodeDef(_, definition) {
    if (definition.name.startsWith("SapiensPose")) remember(definition.name, definition.input);
  },

  nodeCreated(node) {
    const type = node.comfyClass;
    if (!specs[type]) return;
    node.sapiensOld = [];
    for (const widget of node.widgets ?? []) {
      const spec = specs[type][widget.name] ?? {};
      if (spec.choice_titles)
        widget.options.getOptionLabel = (value) =>
          words(specs[type][widget.name].choice_titles[value] ?? [String(value ?? "")]);
      if (spec.hidden) node.sapiensOld.push({ widget, value: widget.value });
      if (!spec.hidden && !spec.official_files) continue;
      const callback = widget.callback;
      widget.callback = function (...values) {
        const result = callback?.apply(this, values);
        showChanged(node);
        return result;
      };
    }
    if (!node.sapiensOld.length) return;
    showChanged(node);
    node.setSize?.([node.size[0], node.computeSize()[1]]);

    const onConfigure = node.onConfigure;
    node.onConfigure = function (...values) {
      const result = onConfigure?.apply(this, values);
      if (type === LOADER) migrateLoader(node);
      showChanged(node);
      return result;
    };
  },
});
