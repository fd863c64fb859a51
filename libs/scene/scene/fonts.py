"""Typefaces: packaged families, one clone per weight under its own alias, explicit fallbacks.

`textlayout` does not apply a weight to a variable font by itself, so each weight becomes a clone
of the file's typeface, registered as `Inter/700` (`Inter/700i` for italics).
"""

import importlib
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from scene.untyped import skia, textlayout

DEFAULT_FAMILY = "Inter"
_PACKAGES = (
    "inter",
    "montserrat",
    "poppins",
    "playfair_display",
    "archivo",
    "noto_sans",
    "bebas_neue",
    "dm_serif_display",
    "space_grotesk",
    "oswald",
    "anton",
    "lora",
    "dm_sans",
    "fraunces",
    "sora",
    "manrope",
    "syne",
)
_FALLBACK_PACKAGES = ("noto_sans", "noto_sans_arabic", "noto_sans_thai")
# Scripts no wheel carries: used where the system has them, else the glyph's box is shown.
_FALLBACK_FILES = (
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
)
# One optical size per family keeps widths proportional to the size; social text is large.
_OPTICAL_SIZE = 72.0
_STAND_INS = {
    "arial": "Inter",
    "helvetica": "Inter",
    "helvetica neue": "Inter",
    "roboto": "Inter",
    "sans-serif": "Inter",
    "system-ui": "Inter",
    "arial black": "Archivo",
    "impact": "Anton",
    "georgia": "Lora",
    "times new roman": "Lora",
    "times": "Lora",
    "serif": "Lora",
    "futura": "Poppins",
}


@dataclass(frozen=True)
class FontFile:
    path: Path
    italic: bool
    weight: int | None
    """None: a variable file."""


@dataclass(frozen=True)
class Family:
    """A packaged family: its axes (tag → least, greatest) and files."""

    name: str
    version: str
    license: str
    axes: dict[str, tuple[float, float]]
    files: tuple[FontFile, ...]

    @property
    def weights(self) -> tuple[int, ...]:
        """Weights that can be asked for, ascending."""
        if "wght" in self.axes:
            least, greatest = self.axes["wght"]
            return tuple(w for w in range(100, 1000, 100) if least <= w <= greatest)
        return tuple(sorted({file.weight or 400 for file in self.files}))

    @property
    def has_italic(self) -> bool:
        return any(file.italic for file in self.files)


@dataclass(frozen=True)
class Face:
    """One weight of one family. `ascent` and `descent` are positive, per pixel of font size."""

    alias: str
    ascent: float
    descent: float
    typeface: Any = field(compare=False, repr=False)


@lru_cache(maxsize=1)
def families() -> dict[str, Family]:
    """Every packaged family by name; the same on every machine with the same lock file."""
    found = (_family(package) for package in _PACKAGES)
    return {family.name: family for family in found}


def family_named(name: str) -> Family:
    """The family asked for; a close stand-in or Inter when it is not packaged."""
    known = families()
    wanted = name.split(",")[0].strip().strip("'\"")
    by_lower = {family.lower(): family for family in known}
    found = by_lower.get(wanted.lower()) or _STAND_INS.get(wanted.lower(), DEFAULT_FAMILY)
    return known[found]


@lru_cache(maxsize=64)
def _family(package: str) -> Family:
    root = Path(str(importlib.import_module(f"fontpkg_{package}").ROOT))
    told: dict[str, Any] = orjson.loads((root / "metadata.json").read_bytes())
    return Family(
        name=told["family"],
        version=str(told["version"]),
        license=told["license"],
        axes={axis["tag"]: (axis["min"], axis["max"]) for axis in told["axes"]},
        files=tuple(
            FontFile(
                root / file["path"],
                file["style"] == "italic",
                None if file["variable"] else int(file["weight"] or 400),
            )
            for file in told["files"]
        ),
    )


class FontRegistry:
    """Loads faces on first use and hands them to Skia's paragraph builder."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._loader = skia.FontMgr.New_Custom_Empty()
        self._provider = textlayout.TypefaceFontProvider()
        self._faces: dict[str, Face] = {}
        self._bases: dict[Path, Any] = {}
        self._positions: list[Any] = []
        self.collection = textlayout.FontCollection()
        self.collection.setDefaultFontManager(self._provider)
        self.unicode = skia.Unicodes.ICU.Make()

    def face(self, family: str, weight: int, italic: bool = False) -> Face:
        """The nearest face there is: weights are clamped to what the family has."""
        return self._load(family_named(family), weight, italic)

    def by_alias(self, alias: str) -> Face:
        """The face of an alias such as `Inter/700i`, loaded when a display list came from afar."""
        loaded = self._faces.get(alias)
        if loaded is not None:
            return loaded
        family, _, style = alias.rpartition("/")
        for package in _FALLBACK_PACKAGES:
            if _family(package).name == family:
                return self._load(_family(package), int(style.rstrip("i")), style.endswith("i"))
        return self.face(family, int(style.rstrip("i")), style.endswith("i"))

    def aliases_for(self, face: Face, weight: int, text: str) -> tuple[str, ...]:
        """The face, then only those fallbacks that hold a character it lacks."""
        missing = _missing(face.typeface, text)
        chosen = [face.alias]
        for fallback in self._fallbacks(weight):
            if not missing:
                break
            left = _missing(fallback.typeface, missing)
            if left != missing:
                chosen.append(fallback.alias)
                missing = left
        return tuple(chosen)

    def _fallbacks(self, weight: int) -> Iterable[Face]:
        for package in _FALLBACK_PACKAGES:
            yield self._load(_family(package), weight, False)
        for path in _FALLBACK_FILES:
            if os.path.exists(path):
                yield self._system(Path(path))

    def _load(self, family: Family, weight: int, italic: bool) -> Face:
        weight = min(family.weights, key=lambda known: (abs(known - weight), known))
        italic = italic and family.has_italic
        alias = f"{family.name}/{weight}{'i' if italic else ''}"
        with self._lock:
            if alias not in self._faces:
                self._register(alias, self._instance(family, weight, italic))
            return self._faces[alias]

    def _system(self, path: Path) -> Face:
        alias = f"{path.stem}/400"
        with self._lock:
            if alias not in self._faces:
                self._register(alias, self._loader.makeFromFile(str(path)))
            return self._faces[alias]

    def _instance(self, family: Family, weight: int, italic: bool) -> Any:
        files = [file for file in family.files if file.italic == italic]
        exact = [file for file in files if file.weight in (None, weight)]
        file = (exact or files)[0]
        base = self._bases.get(file.path)
        if base is None:
            base = self._bases[file.path] = self._loader.makeFromFile(str(file.path))
        return base if file.weight is not None else self._clone(base, family, weight)

    def _clone(self, base: Any, family: Family, weight: int) -> Any:
        wanted = {"wght": float(weight), "opsz": _OPTICAL_SIZE, "wdth": 100.0}
        kinds = skia.FontArguments.VariationPosition
        coordinates = kinds.Coordinates(
            [
                kinds.Coordinate(int.from_bytes(tag.encode(), "big"), min(most, max(least, value)))
                for tag, value in wanted.items()
                if tag in family.axes
                for least, most in (family.axes[tag],)
            ]
        )
        position = kinds(coordinates)
        arguments = skia.FontArguments()
        arguments.setVariationDesignPosition(position)
        # Skia keeps a pointer to the position: dropped, the axes fall back to their defaults.
        self._positions.append((coordinates, position, arguments))
        return base.makeClone(arguments)

    def _register(self, alias: str, typeface: Any) -> None:
        self._provider.registerTypeface(typeface, skia.String(alias))
        metrics = skia.Font(typeface, 1000.0).getMetrics()
        self._faces[alias] = Face(
            alias, -metrics.fAscent / 1000.0, metrics.fDescent / 1000.0, typeface
        )


def _missing(typeface: Any, text: str) -> str:
    characters = [c for c in dict.fromkeys(text) if not c.isspace() and c.isprintable()]
    glyphs = typeface.unicharsToGlyphs([ord(c) for c in characters])
    return "".join(c for c, glyph in zip(characters, glyphs, strict=True) if glyph == 0)


@lru_cache(maxsize=1)
def registry() -> FontRegistry:
    """The process's faces."""
    return FontRegistry()
