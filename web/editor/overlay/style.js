// The look of the editor that fills the page, in the colours of ComfyUI's theme.

import { STYLE } from "../style.js";

export const OVERLAY_STYLE = `${STYLE}
.sapiens-overlay { position: fixed; inset: 0; width: 100vw; height: 100vh; max-width: none;
  max-height: none; margin: 0; padding: 0; border: 0; box-sizing: border-box; font: 13px/1.4
  system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--fg-color, #ddd);
  background: var(--comfy-menu-bg, #202124); --line: var(--border-color, #3c3f44);
  --soft: color-mix(in srgb, var(--fg-color, #ddd) 68%, var(--comfy-menu-bg, #202124));
  --accent: #1a73e8; --tint: color-mix(in srgb, #1a73e8 26%, var(--comfy-menu-bg, #202124)); }
.sapiens-overlay[open] { display: flex; flex-direction: column; }
.sapiens-overlay::backdrop { background: #000; }
.sapiens-overlay [hidden] { display: none !important; }
.sapiens-header { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center;
  padding: 8px 14px; border-bottom: 1px solid var(--line); }
.sapiens-titles { display: flex; gap: 10px; align-items: baseline; margin-right: 8px; }
.sapiens-title { margin: 0; font-size: 15px; font-weight: 650; }
.sapiens-titles .sapiens-subtitle { min-width: 130px; }
.sapiens-subtitle { color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
.sapiens-group { display: flex; gap: 4px; }
.sapiens-space { flex: 1; }
.sapiens-overlay .sapiens-button { height: 30px; padding: 0 10px; border-radius: 6px;
  border-color: var(--line); font: inherit; }
.sapiens-overlay .sapiens-button.sapiens-square { width: 30px; padding: 0; }
.sapiens-overlay :is(button, input):focus-visible { outline: 2px solid var(--accent);
  outline-offset: 1px; }
.sapiens-opacity { display: flex; gap: 8px; align-items: center; }
.sapiens-opacity .sapiens-slider { width: 90px; flex: none; accent-color: var(--accent); }
.sapiens-middle { display: flex; flex: 1; min-height: 0; }
.sapiens-overlay .sapiens-stage { border: 0; border-radius: 0; box-shadow: none; background: #08090a; }
.sapiens-overlay .sapiens-stage:focus-within { box-shadow: inset 0 0 0 2px var(--accent); }
.sapiens-lists, .sapiens-details { display: flex; flex-direction: column; gap: 8px; width: 236px;
  padding: 12px; box-sizing: border-box; overflow-y: auto; }
.sapiens-lists { border-right: 1px solid var(--line); }
.sapiens-details { border-left: 1px solid var(--line); }
.sapiens-empty > * { visibility: hidden; }
.sapiens-heading { margin: 6px 0 0; font-size: 11px; font-weight: 650; letter-spacing: 0.06em;
  text-transform: uppercase; color: var(--soft); }
.sapiens-list { display: flex; flex-direction: column; gap: 2px; }
.sapiens-item { display: flex; align-items: stretch; border-radius: 6px; border: 1px solid transparent; }
.sapiens-item:hover { background: color-mix(in srgb, var(--fg-color, #ddd) 8%, transparent); }
.sapiens-item.sapiens-chosen { background: var(--tint); border-color: var(--accent); }
.sapiens-chosen .sapiens-name { font-weight: 650; }
.sapiens-choose { display: flex; flex: 1; min-width: 0; gap: 8px; align-items: baseline;
  min-height: 32px; padding: 5px 8px; border: 0; background: none; color: inherit; font: inherit;
  text-align: left; cursor: pointer; }
.sapiens-name { display: inline-block; white-space: nowrap; }
:is(.sapiens-name, .sapiens-chosenName)::first-letter { text-transform: uppercase; }
.sapiens-about { flex: 1; min-width: 0; overflow: hidden; color: var(--soft); font-size: 12px;
  text-overflow: ellipsis; white-space: nowrap; }
.sapiens-overlay .sapiens-bare { border-color: transparent; background: none; }
.sapiens-bare:hover { background: color-mix(in srgb, var(--fg-color, #ddd) 12%, transparent); }
.sapiens-row { display: flex; flex-wrap: wrap; gap: 4px; margin: 0; }
.sapiens-chosenName { font-size: 15px; font-weight: 650; }
.sapiens-table { display: flex; flex-direction: column; gap: 6px; }
.sapiens-field { display: flex; align-items: center; justify-content: space-between; gap: 8px;
  min-height: 28px; }
.sapiens-field > .sapiens-text { color: var(--soft); }
.sapiens-value { font-variant-numeric: tabular-nums; white-space: pre; }
.sapiens-overlay :is(.sapiens-number, .sapiens-textInput) { width: 92px; height: 28px; padding: 0 8px;
  box-sizing: border-box; color: var(--input-text, #ddd); background: var(--comfy-input-bg, #181818);
  border: 1px solid var(--line); border-radius: 6px; font: inherit; font-variant-numeric: tabular-nums; }
.sapiens-overlay .sapiens-textInput { flex: 1; width: 0; min-width: 80px; height: 30px; }
.sapiens-hint { margin: 0; color: var(--soft); font-size: 12px; white-space: pre-line; }
.sapiens-banner { position: absolute; top: 12px; left: 50%; display: flex; gap: 8px;
  align-items: center; max-width: calc(100% - 48px); padding: 8px 10px 8px 14px; color: #3a2a00;
  background: #ffe3a3; border: 1px solid #b98300; border-radius: 8px; transform: translateX(-50%);
  cursor: default; }
.sapiens-banner > .sapiens-text { min-width: 0; }
.sapiens-banner .sapiens-button { color: #3a2a00; background: #fff6e0; border-color: #b98300;
  white-space: nowrap; flex: none; }
.sapiens-clip { padding: 8px 14px 6px; border-top: 1px solid var(--line); }
.sapiens-clipBar { display: flex; flex-wrap: wrap; gap: 6px; align-items: center; margin-bottom: 6px; }
.sapiens-clipBar .sapiens-number { width: 70px; }
.sapiens-gap { width: 8px; }
.sapiens-legend { display: flex; gap: 5px; align-items: center; margin-left: auto; color: var(--soft);
  font-size: 12px; }
.sapiens-legendSign { color: #e69500; font-size: 14px; }
.sapiens-legendText { margin-right: 8px; }
.sapiens-laneScroll { height: 134px; overflow-y: auto; }
.sapiens-lanes { position: relative; }
.sapiens-laneHead { position: sticky; top: 0; z-index: 1; background: var(--comfy-menu-bg, #202124); }
.sapiens-lane { display: flex; align-items: center; height: 26px; }
.sapiens-laneName { width: 190px; box-sizing: border-box; flex: none; padding: 0 8px; border: 0; background: none;
  color: var(--soft); font: inherit; font-size: 12px; line-height: 24px; text-align: left;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; border-radius: 4px; }
button.sapiens-laneName { cursor: pointer; }
.sapiens-lane.sapiens-chosen .sapiens-laneName { color: inherit; font-weight: 650;
  background: var(--tint); }
.sapiens-ruler, .sapiens-track { position: relative; flex: 1; height: 22px; margin: 0 16px;
  cursor: pointer; touch-action: none; }
.sapiens-track::before { content: ""; position: absolute; inset: 3px -12px; border-radius: 4px;
  background: color-mix(in srgb, var(--fg-color, #ddd) 7%, transparent); }
.sapiens-chosen .sapiens-track::before { background: color-mix(in srgb, var(--accent) 18%, transparent); }
.sapiens-tick { position: absolute; top: 3px; font-size: 11px; color: var(--soft);
  transform: translateX(-50%); pointer-events: none; font-variant-numeric: tabular-nums; }
.sapiens-noKeys { position: absolute; left: 0; line-height: 22px; font-size: 12px; color: var(--soft);
  pointer-events: none; }
.sapiens-held { position: absolute; top: 10px; height: 2px; background: #e69500; }
.sapiens-key { position: absolute; top: -1px; width: 24px; height: 24px; margin-left: -12px; padding: 0;
  border: 0; background: none; cursor: ew-resize; touch-action: none; }
.sapiens-key::after { content: ""; position: absolute; inset: 7px; background: #ffb020;
  border: 1.5px solid #b36b00; transform: rotate(45deg); }
.sapiens-key.sapiens-asDetected::after { background: var(--comfy-menu-bg, #202124);
  border-color: #e69500; }
.sapiens-nowTrack { position: absolute; top: 2px; bottom: 0; left: 206px; right: 16px;
  pointer-events: none; z-index: 1; }
.sapiens-now { position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px;
  background: var(--accent); }
.sapiens-now::before { content: ""; position: absolute; left: -4px; top: -2px; border: 5px solid
  transparent; border-top: 7px solid var(--accent); }
.sapiens-overlay > .sapiens-status { padding: 4px 14px 6px; color: var(--soft); font-size: 12px;
  border-top: 1px solid var(--line); }
.sapiens-help { position: absolute; inset: 0; width: min(880px, calc(100vw - 64px)); max-height:
  calc(100vh - 96px); height: fit-content; margin: auto; padding: 16px 24px 20px; overflow-y: auto;
  background: var(--comfy-menu-bg, #202124); border: 1px solid var(--line); border-radius: 12px;
  box-shadow: 0 16px 64px #000a; box-sizing: border-box; outline: none; z-index: 2; }
.sapiens-sheet { position: absolute; inset: 0; display: flex; flex-direction: column; width: min(860px,
  calc(100vw - 64px)); height: calc(100vh - 120px); margin: auto; padding: 16px; background:
  var(--comfy-menu-bg, #202124); border: 1px solid var(--line); border-radius: 12px; box-shadow: 0
  16px 64px #000a; box-sizing: border-box; z-index: 2; }
.sapiens-sheet > * { flex: 1; min-height: 0; }
.sapiens-keyList { columns: 2; column-gap: 32px; margin: 12px 0; }
.sapiens-keyLine { display: flex; gap: 12px; padding: 4px 0; break-inside: avoid; }
.sapiens-keyNames { flex: none; width: 150px; font-weight: 600; }
.sapiens-keyText { margin: 0; }
@media (max-width: 900px) { .sapiens-lists, .sapiens-details { width: 190px; }
  .sapiens-keyList { columns: 1; } }
`;
