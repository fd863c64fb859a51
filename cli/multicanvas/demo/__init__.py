"""The main job, done once on real input through the public API, as any client would do it."""

from multicanvas.demo.story import tell

__all__ = ["tell"]
