"""The English texts that translations start from are those of the nodes."""

import importlib.util
import json

from base_folder import ROOT


def test_the_english_texts_are_up_to_date(comfyui):
    spec = importlib.util.spec_from_file_location("make_locales", ROOT / "docs/make_locales.py")
    make_locales = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_locales)
    known = comfyui.nodes.NODE_CLASS_MAPPINGS
    ours = [known[name] for name in known if name.startswith("Sapiens")]
    written = json.loads((ROOT / "locales/en/nodeDefs.json").read_text(encoding="utf-8"))
    assert make_locales.texts_of(ours) == written, "run python docs/make_locales.py"
