"""Hashes, the display list, and the moment a still shows."""

from pathlib import Path
from typing import Any

import orjson

from scene.bounds import painted_bounds
from scene.display import DisplayList, poster_time
from scene.display import compile as compile_display
from scene.document import Document, document_hash, element_hash, project_hash

GOLDEN = Path(__file__).parents[2] / "data" / "scene" / "display_list.json"


def shape(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "type": "shape",
        "x": 10,
        "y": 20,
        "width": 100,
        "height": 50,
        "duration": 5,
        "properties": {"shape": {"shapeType": "rectangle", "fill": "#ff0000"}},
        **more,
    }


def made(*elements: dict[str, Any], **more: Any) -> Document:
    return Document.model_validate(
        {
            "canvas": {"id": "c", "width": 400, "height": 800},
            "duration": 5,
            "elements": elements,
            **more,
        }
    )


def test_the_hash_sees_meaning_not_spelling() -> None:
    plain = made(shape("a"), shape("b"))
    spelled = made(
        shape("b"),
        shape("a", opacity=1, isHidden=False, syncGroup=None, createdBy="ann"),
        projectId="p",
        version=9,
    )
    assert document_hash(plain) == document_hash(spelled)
    assert document_hash(plain).startswith("1-")


def test_the_hash_sees_every_change_that_counts() -> None:
    first = document_hash(made(shape("a")))
    others = [
        made(shape("a", x=10.01)),
        made(shape("a"), shape("b")),
        made(shape("a"), duration=6),
        made(shape("a"), tracks=[{"index": 0, "hidden": True}]),
    ]
    assert len({first, *map(document_hash, others)}) == 5
    assert element_hash(shape("a")) == element_hash(shape("a", rotation=0))
    assert project_hash({"a": first}) != project_hash({"b": first})


def test_a_document_survives_its_json() -> None:
    document = made(shape("a", opacity=0.5), assets={"m": {"width": 3, "sha256": "x"}})
    again = Document.from_json(document.to_json())
    assert again == document
    assert b"isHidden" not in document.to_json()


def test_paint_order_is_z_index_track_start_and_id() -> None:
    document = made(
        shape("d", zIndex=2),
        shape("c", trackIndex=1),
        shape("b"),
        shape("a"),
        shape("hidden", isHidden=True),
    )
    items = compile_display(document, 1.0).items
    assert [item.id for item in items] == ["a", "b", "c", "d"]


def test_elements_are_seen_from_their_start_until_their_end() -> None:
    document = made(shape("a", startTime=1, duration=2))
    seen = [len(compile_display(document, time).items) for time in (0.99, 1.0, 2.99, 3.0)]
    assert seen == [0, 1, 1, 0]
    assert len(compile_display(document, None).items) == 1


def test_hidden_tracks_are_not_drawn() -> None:
    document = made(shape("a", trackIndex=3), tracks=[{"index": 3, "hidden": True}])
    assert compile_display(document, 1.0).items == ()


def test_the_display_list_says_everything_and_is_stable() -> None:
    document = made(
        shape("plate", rotation=15, opacity=0.5),
        {
            "id": "words",
            "type": "text",
            "x": 20,
            "y": 100,
            "width": 300,
            "height": 200,
            "duration": 5,
            "zIndex": 3,
            "properties": {
                "text": {
                    "content": "Spring sale\nnow",
                    "fontSize": 48,
                    "fontWeight": "700",
                    "textAlign": "center",
                    "textShadow": "0 2px 4px #000",
                    "background": {"color": "#fff", "paddingX": 8},
                },
                "animations": [{"type": "slideIn", "duration": 2}],
            },
        },
        {
            "id": "clip",
            "type": "video",
            "width": 400,
            "height": 300,
            "duration": 5,
            "zIndex": 2,
            "properties": {
                "media": {
                    "src": "media:00000000-0000-4000-8000-000000000001",
                    "startOffset": 1.5,
                    "playbackRate": 2,
                    "filters": [{"type": "sepia", "value": 0.4}],
                }
            },
        },
    )
    listing = compile_display(document, 1.0)
    assert DisplayList.from_json(listing.to_json()) == listing
    found = orjson.loads(listing.to_json())
    assert found == orjson.loads(GOLDEN.read_bytes())
    assert found["items"][1]["sourceTime"] == 3.5


def test_painted_bounds_follow_rotation_and_motion() -> None:
    turned = compile_display(made(shape("a", rotation=90)), 0.0).items[0]
    bounds = painted_bounds(turned)
    assert round(bounds.right - bounds.left) == 50
    assert round(bounds.bottom - bounds.top) == 100


def test_a_still_shows_the_moment_that_shows_most() -> None:
    fade = {"type": "fadeIn", "startTime": 0, "duration": 1}
    faded = shape("a", properties={"shape": {}, "animations": [fade]})
    late = shape("b", startTime=2, duration=2)
    assert 2 <= poster_time(made(faded, late)) < 4
    assert poster_time(made()) == 2.5
