"""The renderer alone: a frozen document and a folder of assets in, a checked file out."""

from render.renderer.errors import RenderFailure
from render.renderer.options import ExportSettings
from render.renderer.run import Progress, Rendered, fingerprint, render

__all__ = ["ExportSettings", "Progress", "RenderFailure", "Rendered", "fingerprint", "render"]
