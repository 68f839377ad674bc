// The look of the editor, in the colours of ComfyUI's theme.

export const STYLE = `
.sapiens-editor { display: flex; flex-direction: column; width: 100%; height: 100%; min-height: 320px;
  gap: 4px;  box-sizing: border-box; color: var(--fg-color, #ddd); font: 12px sans-serif; }
.sapiens-bar { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; }
.sapiens-button { display: inline-flex; gap: 6px; align-items: center; justify-content: center;
  min-width: 26px; height: 26px; padding: 0 6px; box-sizing: border-box; cursor: pointer;
  color: var(--input-text, #ddd); background: var(--comfy-input-bg, #222); font-size: inherit;
  border: 1px solid var(--border-color, #555); border-radius: 4px; white-space: nowrap; }
.sapiens-button:hover:not(:disabled) { border-color: var(--fg-color, #ddd); }
.sapiens-button:disabled { opacity: 0.4; cursor: default; }
.sapiens-button[aria-pressed="true"]:not(.sapiens-bare) { outline: 2px solid var(--fg-color, #ddd);
  outline-offset: -3px; }
.sapiens-button.sapiens-main { color: #fff; background: #1a73e8; border-color: #1a73e8; font-weight: 600; }
.sapiens-sign { width: 16px; height: 16px; flex: none; fill: none; stroke: currentColor;
  stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.sapiens-frames { display: flex; flex: 1; gap: 6px; align-items: center; min-width: 120px; }
.sapiens-frames[hidden] { display: none; }
.sapiens-slider { flex: 1; min-width: 60px; }
.sapiens-stage { position: relative; flex: 1; min-width: 0; min-height: 120px; overflow: hidden;
  touch-action: none; background: var(--comfy-input-bg, #181818); border-radius: 4px;
  border: 1px solid var(--border-color, #555); }
.sapiens-stage:focus-within { border-color: var(--fg-color, #ddd); }
.sapiens-canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
.sapiens-keys { position: absolute; left: 0; top: 0; width: 1px; height: 1px; padding: 0; border: 0;
  opacity: 0; resize: none; }
.sapiens-note { position: absolute; left: 8px; right: 8px; bottom: 8px; padding: 4px 8px;
  pointer-events: none; background: var(--comfy-menu-bg, #333e); border-radius: 4px; }
.sapiens-note[hidden] { display: none; }
.sapiens-status { min-height: 16px; }
`;
