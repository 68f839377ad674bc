// The look of the editor, in the colours of ComfyUI's theme.

export const STYLE = `
.sapiens-editor { display: flex; flex-direction: column; width: 100%; height: 100%; min-height: 320px;
  gap: 4px;  box-sizing: border-box; color: var(--fg-color, #ddd); font: 12px sans-serif; }
.sapiens-bar { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }
.sapiens-button { min-width: 26px; height: 26px; padding: 0 6px; cursor: pointer;
  color: var(--input-text, #ddd); background: var(--comfy-input-bg, #222);
  border: 1px solid var(--border-color, #555); border-radius: 4px; }
.sapiens-button:disabled { opacity: 0.4; cursor: default; }
.sapiens-button[aria-pressed="true"] { outline: 2px solid var(--fg-color, #ddd); outline-offset: -3px; }
.sapiens-frames { display: flex; flex: 1; gap: 6px; align-items: center; min-width: 120px; }
.sapiens-frames[hidden] { display: none; }
.sapiens-slider { flex: 1; min-width: 60px; }
.sapiens-stage { position: relative; flex: 1; min-height: 120px; overflow: hidden; touch-action: none;
  background: var(--comfy-input-bg, #181818); border: 1px solid var(--border-color, #555);
  border-radius: 4px; }
.sapiens-stage:focus-within { border-color: var(--fg-color, #ddd); }
.sapiens-canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.sapiens-keys { position: absolute; left: 0; top: 0; width: 1px; height: 1px; padding: 0; border: 0;
  opacity: 0; resize: none; }
.sapiens-note { position: absolute; left: 8px; right: 8px; bottom: 8px; padding: 4px 8px;
  pointer-events: none; background: var(--comfy-menu-bg, #333e); border-radius: 4px; }
.sapiens-note[hidden] { display: none; }
.sapiens-status { min-height: 16px; }
`;
