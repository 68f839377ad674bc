// Load Sapiens Pose: a button that uploads a pose file, files that are dropped onto the node, and a
// menu that knows at once what was uploaded, or saved by Save Sapiens Pose.

import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";
import { choose, widgetOf } from "./node_widgets.js";

const NODE_ID = "SapiensPoseLoad";
const WORDS = {
  en: { upload: "upload pose file", failed: "The pose file was not uploaded" },
  zh: { upload: "上传姿态文件", failed: "姿态文件没有上传" },
};

const nodes = new Set(); // those on the page, in subgraphs too

function word(name) {
  const language = app.extensionManager?.setting?.get("Comfy.Locale");
  return (WORDS[language] ?? WORDS.en)[name];
}

async function refreshMenus() {
  const answer = await api.fetchApi(`/object_info/${NODE_ID}`);
  const files = (await answer.json())[NODE_ID].input.required.file[1].options;
  for (const node of nodes) {
    const menu = widgetOf(node, "file");
    if (menu?.options) menu.options.values = [...files];
    node.setDirtyCanvas?.(true, true);
  }
}

async function upload(node, file) {
  try {
    const body = new FormData();
    body.append("image", file); // ComfyUI calls every uploaded file so
    const answer = await api.fetchApi("/upload/image", { method: "POST", body });
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.statusText}`);
    const { name, subfolder } = await answer.json();
    await refreshMenus();
    choose(node, widgetOf(node, "file"), subfolder ? `${subfolder}/${name}` : name);
  } catch (error) {
    const detail = `${file.name}: ${error.message}`;
    app.extensionManager.toast.add({ severity: "error", summary: word("failed"), detail });
  }
}

function chooseFile(node) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".json,application/json";
  input.onchange = () => input.files.length && upload(node, input.files[0]);
  input.click();
}

function isJson(file) {
  return file.name.toLowerCase().endsWith(".json");
}

app.registerExtension({
  name: "SapiensPose.LoadPose",

  setup() {
    api.addEventListener("executed", ({ detail }) => {
      if (nodes.size && detail?.output?.poses) refreshMenus();
    });
  },

  nodeCreated(node) {
    if (node.comfyClass !== NODE_ID) return;
    nodes.add(node);
    const onRemoved = node.onRemoved;
    node.onRemoved = function (...values) {
      nodes.delete(node);
      return onRemoved?.apply(this, values);
    };

    const options = { serialize: false };
    // A name of its own: the page keeps the labels of widgets by number of node and name, also
    // those of the graph before, and Load Image has an "upload".
    const button = node.addWidget("button", "upload_pose", null, () => chooseFile(node), options);
    button.serialize = false; // saved graphs have the same values as without it
    button.label = word("upload");

    node.onDragOver = (event) =>
      [...(event.dataTransfer?.items ?? [])].some((item) => item.kind === "file");
    node.onDragDrop = async (event) => {
      const file = [...(event.dataTransfer?.files ?? [])].find(isJson);
      if (file) await upload(node, file);
      return Boolean(file);
    };
    refreshMenus(); // the page knows the files of its start
  },
});
