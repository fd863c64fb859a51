"""Contact sheet: shipped templates laid out on several formats, as PNG files to look at.

python -m bench.template_sheet FOLDER [template slug ...]
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scene.display import compile as display_list
from scene.display import poster_time
from scene.document import Document
from scene.draw import MissingPicture, paint
from scene.layout import Frame, relayout, restyled
from scene.layout.shaping import shaped
from scene.packaged import packaged_picture
from scene.untyped import skia

DATA = Path(__file__).resolve().parent.parent / "services/projects/projects/data"
SHOWN = (
    "instagram-story",
    "tiktok-video",
    "instagram-feed-portrait",
    "instagram-square",
    "linkedin-post-landscape",
    "youtube-video",
)
HEIGHT, GAP = 620, 24
STAND_INS = {"text": "Text", "image": "pack:citrus", "video": "pack:can-trio"}


class Packaged:
    """Pictures of the pack, decoded once."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def picture(self, source: str, time: float | None) -> Any:
        if source not in self._known:
            path = packaged_picture(source)
            if path is None:
                raise MissingPicture(source)
            self._known[source] = skia.Image.open(str(path))
        return self._known[source]


def formats() -> dict[str, Mapping[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / "social_formats.json").read_text())
    return {each["slug"]: each for each in found}


def filled(template: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The template's layers as elements, placeholders replaced by their defaults."""
    values = {
        "{{" + p["id"] + "}}": p.get("defaultValue") or STAND_INS[p["type"]]
        for p in template["placeholders"]
    }
    data = template["templateData"]
    text = json.dumps(data["layers"])
    for mark, value in values.items():
        text = text.replace(mark, json.dumps(value)[1:-1])
    layers: list[dict[str, Any]] = json.loads(text)
    return [_element(layer, order, data["animations"]) for order, layer in enumerate(layers)]


def _element(
    layer: Mapping[str, Any], order: int, animations: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    own = [a for a in animations if a["layerId"] == layer["id"]]
    kept = ("type", "startTime", "duration", "easing", "properties")
    moves = [{name: animation[name] for name in kept} for animation in own]
    properties = {**layer["properties"], **({"animations": moves} if moves else {})}
    kind = "ai-image" if layer["type"] == "ai-generated" else layer["type"]
    return {**layer, "type": kind, "properties": properties, "zIndex": order, "trackIndex": order}


def with_sizes(elements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Natural sizes of packaged pictures, as a project knows them for its media."""
    for element in elements:
        media = element["properties"].get("media")
        path = packaged_picture(media["src"]) if media else None
        if media and path:
            image = skia.Image.open(str(path))
            media.update(naturalWidth=image.width(), naturalHeight=image.height())
    return elements


def document(
    template: Mapping[str, Any], target: Mapping[str, Any], source: Mapping[str, Any]
) -> Document:
    base, frame = _frame(source), _frame(target)
    elements = with_sizes(filled(template))
    placed = relayout(base, elements, frame, measure=shaped)
    moved = [restyled(element, placed[element["id"]], base, frame) for element in elements]
    canvas = template["templateData"]["canvas"]
    return Document.model_validate(
        {
            "canvas": {
                "id": target["slug"],
                "width": target["width"],
                "height": target["height"],
                "config": {"backgroundColor": canvas["backgroundColor"]},
            },
            "duration": max(e["startTime"] + e["duration"] for e in elements),
            "elements": moved,
        }
    )


def _frame(given: Mapping[str, Any]) -> Frame:
    return Frame.of(given["width"], given["height"], given["safe_zones"])


def sheet(template: Mapping[str, Any], slugs: Sequence[str], path: Path, guides: bool) -> None:
    known = formats()
    source = known[template["formatSlug"]]
    sizes = [known[slug] for slug in slugs]
    widths = [HEIGHT * s["width"] / s["height"] for s in sizes]
    surface = skia.Surface(int(sum(widths) + GAP * (len(widths) + 1)), HEIGHT + 2 * GAP)
    canvas = surface.getCanvas()
    canvas.clear(0xFF6A6E75)
    x, pictures = float(GAP), Packaged()
    for size, width in zip(sizes, widths, strict=True):
        made = document(template, size, source)
        canvas.save()
        canvas.translate(x, GAP)
        canvas.scale(width / size["width"], HEIGHT / size["height"])
        paint(canvas, display_list(made, poster_time(made)), pictures)
        if guides:
            safe = _frame(size).safe
            line = skia.Paint(Style=skia.Paint.kStroke_Style, Color=0x80FF00FF, StrokeWidth=3)
            canvas.drawRect(skia.Rect.MakeXYWH(*safe), line)
        canvas.restore()
        x += width + GAP
    surface.makeImageSnapshot().save(str(path), skia.kPNG)


def main(folder: Path, wanted: Sequence[str], guides: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted((DATA / "templates").glob("*.json")):
        template = json.loads(path.read_text())
        if not wanted or template["slug"] in wanted:
            slugs = [template["formatSlug"], *SHOWN]
            sheet(template, list(dict.fromkeys(slugs)), folder / f"{path.stem}.png", guides)


if __name__ == "__main__":
    names = [name for name in sys.argv[1:] if not name.startswith("--")]
    main(Path(names[0]), names[1:], "--guides" in sys.argv)
