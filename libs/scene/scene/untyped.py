"""skia-python ships no type information: whatever it gives is `Any`, said once, here."""

import importlib
from typing import Any

skia: Any = importlib.import_module("skia")
textlayout: Any = skia.textlayout
