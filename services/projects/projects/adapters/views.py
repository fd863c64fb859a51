"""Rows as the API shows them: the document, its tracks and duration."""

from collections.abc import Iterable, Sequence
from typing import Any

from projects.domain.json_values import JsonObject

_TRACK_TYPES = {
    "text": "text",
    "ai-text": "text",
    "audio": "audio",
    "video": "video",
    "image": "video",
    "ai-image": "video",
    "background": "video",
}


def duration_of(elements: Iterable[JsonObject]) -> float:
    """Seconds until the last element is gone."""
    ends = (float(e["startTime"]) + float(e["duration"]) for e in elements)
    longest = round(max(ends, default=0), 3)
    return int(longest) if longest == int(longest) else longest


def tracks_of(elements: Iterable[JsonObject]) -> list[JsonObject]:
    """The lanes in use, lowest first; their kind is that of what lies on them."""
    kinds: dict[int, str] = {}
    for element in elements:
        kind = _TRACK_TYPES.get(str(element["type"]), "graphic")
        kinds.setdefault(int(element["trackIndex"]), kind)
    return [
        {
            "id": f"track-{index}",
            "index": index,
            "name": f"Track {index + 1}",
            "type": kinds[index],
            "isMain": False,
            "muted": False,
            "hidden": False,
            "locked": False,
            "solo": False,
            "volume": 1,
        }
        for index in sorted(kinds)
    ]


def document(project: JsonObject, elements: Sequence[JsonObject]) -> JsonObject:
    """The whole document (PR01-PR18): elements at `projectData.timeline.elements`."""
    ordered = sorted(elements, key=lambda e: (e["trackIndex"], e["startTime"], e["id"]))
    data: dict[str, Any] = project["projectData"]
    timeline = {
        "duration": duration_of(ordered),
        "tracks": tracks_of(ordered),
        "elements": ordered,
    }
    whole: JsonObject = {
        "canvasConfig": data["canvasConfig"],
        "timeline": timeline,
        "aiGenerations": {"texts": [], "images": []},
        "customizations": data["customizations"],
    }
    return {**project, "projectData": whole}


def summary(project: JsonObject) -> JsonObject:
    """A project in lists: without its elements."""
    return {name: value for name, value in project.items() if name != "projectData"}
