// Finding a widget of a node, and choosing in a menu as one step that the graph can undo.

import { app } from "../../scripts/app.js";

/** @returns {object | undefined} the widget of a name, if the node has it */
export function widgetOf(node, name) {
  return node.widgets?.find((widget) => widget.name === name);
}

/** Chooses a value, as if somebody had done so by hand. */
export function choose(node, menu, value) {
  const before = menu.value;
  app.canvas?.emitBeforeChange?.();
  menu.value = value;
  menu.callback?.(value);
  node.onWidgetChanged?.(menu.name, value, before, menu);
  app.canvas?.emitAfterChange?.();
  node.setDirtyCanvas?.(true, true);
}
