"""A sync group: what follows an edit, what does not, and how it comes back."""

from typing import Any

import pytest

from projects.domain import overrides
from projects.domain.refusals import Conflicting, Invalid, Unknown
from tests.support.projects_story import FORMATS, Story, look, places


def test_content_style_and_timing_are_copied_as_they_are() -> None:
    # given
    story = Story()
    head = story.text()
    # when
    story.edit(
        head,
        {
            "duration": 7.5,
            "opacity": 0.5,
            "rotation": 12,
            "properties": {"text": {"content": "New words", "color": "#ff0066"}},
        },
    )
    # then
    for member in story.group(head):
        assert (look(member)["content"], look(member)["color"]) == ("New words", "#ff0066")
        assert (member.values["duration"], member.values["opacity"]) == (7.5, 0.5)
        assert member.values["rotation"] == 12


def test_geometry_is_laid_out_for_each_format_and_font_scales_with_it() -> None:
    story = Story()
    head = story.text()
    first, second, third = story.group(head)
    assert len(set(places([first, second, third]))) == 3
    assert look(third)["fontSize"] < look(first)["fontSize"]
    safe = next(
        z for z in FORMATS["linkedin-post-landscape"].safe_zones if z["name"] == "title_safe"
    )
    assert third.values["x"] >= safe["x"] - 1
    assert third.values["x"] + third.values["width"] <= safe["x"] + safe["width"] + 1


def test_the_touched_element_alone_is_the_origin_and_all_facts_say_what_was_before() -> None:
    story = Story()
    head = story.text()
    version = story.project.version
    story.edit(head, {"properties": {"text": {"color": "#00ff00"}}})
    facts: list[Any] = [
        event for event in story.project.pending_events if event.originator_version > version
    ]
    assert [fact.origin for fact in facts] == [True, False, False]
    assert {fact.changes[0].before for fact in facts} == {"#000000"}


def test_an_override_stays_after_a_second_group_edit_and_everything_else_follows() -> None:
    # given
    story = Story()
    head = story.text()
    own = story.on(head, 1)
    story.edit(own.id, {"properties": {"text": {"color": "#111111"}}}, "canvas")
    # when
    outcome = story.edit(head, {"properties": {"text": {"color": "#eeeeee", "content": "Two"}}})
    story.edit(head, {"properties": {"text": {"color": "#dddddd"}}})
    # then
    kept = story.on(head, 1)
    assert (look(kept)["color"], look(kept)["content"]) == ("#111111", "Two")
    assert look(story.on(head, 2))["color"] == "#dddddd"
    assert [(s.element_id, s.paths, s.reason) for s in outcome.skipped] == [
        (own.id, ("properties.text.color",), "overridden")
    ]


def test_an_overridden_font_size_stays_while_the_words_follow() -> None:
    story = Story()
    head = story.text()
    own = story.on(head, 1)
    story.edit(own.id, {"properties": {"text": {"fontSize": 64}}}, "canvas")
    story.edit(head, {"properties": {"text": {"content": "Wake up where the birds sing"}}})
    assert look(story.on(head, 1))["fontSize"] == 64
    assert look(story.on(head, 1))["content"] == "Wake up where the birds sing"


def test_reset_brings_back_what_the_group_says() -> None:
    story = Story()
    head = story.text()
    own = story.on(head, 1)
    before = own.values
    story.edit(own.id, {"x": 111, "properties": {"text": {"color": "#111111"}}}, "canvas")
    edits = story.edits()
    # when one is reset, the other stays
    edits.reset(own.id, ["properties.text.color"])
    assert story.on(head, 1).overrides == ("x",)
    assert overrides.differing(edits.board, story.on(head, 1)) == [
        {"path": "x", "value": 111, "groupValue": before["x"]}
    ]
    # when everything is reset, nothing is left of it
    edits.reset(own.id, None)
    assert story.on(head, 1).values == before
    assert story.on(head, 1).overrides == ()


def test_moving_there_and_back_in_small_steps_ends_exactly_where_it_began() -> None:
    story = Story()
    box = story.shape()
    before = places(story.group(box))
    for x in (120, 260, 255, 91, 90):
        story.edit(box, {"x": x})
    story.edit(story.on(box, 2).id, {"width": 300})
    own = before[2][2]
    story.edit(story.on(box, 2).id, {"width": own})
    assert places(story.group(box)) == before


def test_after_a_move_on_another_canvas_that_canvas_leads() -> None:
    story = Story()
    box = story.shape()
    group = str(story.project.elements[box].sync_group)
    third = story.on(box, 2)
    story.edit(third.id, {"x": third.values["x"] + 30})
    assert story.project.groups[group].base == story.canvases[2]
    assert places([story.on(box, 0)]) != [(90, 700, 400, 200)]


def test_lengths_scale_with_the_font_of_a_text_and_with_the_area_of_a_shape() -> None:
    story = Story("instagram-square", "youtube-thumbnail")
    head = story.text(text={"letterSpacing": 10, "padding": {"left": 20}})
    box = story.shape()
    story.edit(box, {"properties": {"shape": {"borderRadius": 40}}})
    here, there = story.group(head)
    ratio = look(there)["fontSize"] / look(here)["fontSize"]
    assert look(there)["letterSpacing"] == pytest.approx(10 * ratio, abs=0.01)
    assert look(there)["padding"]["left"] == pytest.approx(20 * ratio, abs=0.01)
    area = (1280 * 720 / (1080 * 1080)) ** 0.5
    rounded = story.on(box, 1).values["properties"]["shape"]["borderRadius"]
    assert rounded == pytest.approx(40 * area, abs=0.01)


def test_a_length_set_on_a_following_canvas_is_scaled_back_for_the_others() -> None:
    story = Story("instagram-square", "youtube-thumbnail")
    box = story.shape()
    story.edit(story.on(box, 1).id, {"properties": {"shape": {"strokeWidth": 8}}})
    area = (1280 * 720 / (1080 * 1080)) ** 0.5
    stroke = story.on(box, 0).values["properties"]["shape"]["strokeWidth"]
    assert stroke == pytest.approx(8 / area, abs=0.01)
    assert story.on(box, 1).values["properties"]["shape"]["strokeWidth"] == 8


def test_a_canvas_with_sync_off_neither_sends_nor_receives() -> None:
    story = Story()
    head = story.text()
    story.edits().edit_canvas(story.canvases[1], {"syncEnabled": False})
    # receives nothing
    outcome = story.edit(head, {"properties": {"text": {"content": "Two"}}})
    assert look(story.on(head, 1))["content"] == "Fresh today"
    assert [s.reason for s in outcome.skipped] == ["sync_off"]
    # sends nothing
    story.edit(story.on(head, 1).id, {"properties": {"text": {"color": "#123456"}}})
    assert look(story.on(head, 0))["color"] == "#000000"


def test_sync_switched_on_again_turns_differences_into_overrides_and_adds_new_groups() -> None:
    story = Story()
    head = story.text()
    story.edits().edit_canvas(story.canvases[1], {"syncEnabled": False})
    story.edit(head, {"properties": {"text": {"content": "Two"}}})
    later = story.shape()
    assert len(story.group(later)) == 2
    # when
    story.edits().edit_canvas(story.canvases[1], {"syncEnabled": True})
    # then
    assert "properties.text.content" in story.on(head, 1).overrides
    assert len(story.group(later)) == 3
    story.edits().reset(story.on(head, 1).id, None)
    assert look(story.on(head, 1))["content"] == "Two"


def test_a_locked_element_refuses_edits_and_its_unlocking_patch_may_edit() -> None:
    story = Story()
    head = story.text()
    story.edit(head, {"isLocked": True})
    assert all(member.is_locked for member in story.group(head))
    with pytest.raises(Conflicting, match="locked"):
        story.edit(head, {"x": 5})
    with pytest.raises(Conflicting, match="locked"):
        story.edits().delete(head, "group")
    story.edit(head, {"isLocked": False, "opacity": 0.2})
    assert {m.values["opacity"] for m in story.group(head)} == {0.2}


def test_a_member_locked_on_its_own_canvas_is_left_alone() -> None:
    story = Story()
    head = story.text()
    own = story.on(head, 1)
    story.edit(own.id, {"isLocked": True}, "canvas")
    outcome = story.edit(head, {"properties": {"text": {"content": "Two"}}})
    assert look(story.on(head, 1))["content"] == "Fresh today"
    assert [(s.element_id, s.reason) for s in outcome.skipped] == [(own.id, "locked")]


def test_timing_that_would_collide_on_a_track_becomes_an_override_there() -> None:
    story = Story("instagram-story", "instagram-square")
    head = story.text(trackIndex=0, startTime=0, duration=2)
    square = story.canvases[1]
    story.shape(sync_to=None, canvasId=square, trackIndex=0, startTime=3, duration=2)
    outcome = story.edit(head, {"duration": 4})
    assert story.on(head, 0).values["duration"] == 4
    assert story.on(head, 1).values["duration"] == 2
    assert [(s.paths, s.reason) for s in outcome.skipped] == [(("duration",), "overlap")]
    assert story.on(head, 1).overrides == ("duration",)


def test_deleting_the_leading_canvas_makes_the_first_other_one_lead() -> None:
    story = Story()
    head = story.text()
    group = str(story.project.elements[head].sync_group)
    other = story.on(head, 1).id
    story.edits().delete_canvas(story.canvases[0])
    assert story.project.groups[group].base == story.canvases[0]
    story.edit(other, {"properties": {"text": {"content": "Still one"}}})
    assert {look(m)["content"] for m in story.group(other)} == {"Still one"}


def test_an_edit_that_changes_nothing_records_nothing() -> None:
    story = Story()
    head = story.text()
    version = story.project.version
    story.edit(head, {"opacity": 1, "properties": {"text": {"content": "Fresh today"}}})
    assert story.project.version == version


def test_replaying_the_events_gives_the_same_project_without_any_layout() -> None:
    story = Story()
    head, box = story.text(), story.shape()
    story.edit(head, {"properties": {"text": {"content": "Many more words than there were"}}})
    story.edit(story.on(box, 1).id, {"x": 200, "width": 300})
    story.edit(story.on(head, 2).id, {"y": 60}, "canvas")
    story.edits().add_canvas(
        FORMATS["instagram-square"], canvas_id=story.new_id(), name=None, copy_from=None
    )
    story.edits().delete_canvas(story.canvases[0])
    replayed = story.replayed()
    assert replayed.elements == story.project.elements
    assert replayed.groups == story.project.groups
    assert replayed.canvases == story.project.canvases


def test_a_longer_text_pushes_what_stands_below_and_a_shorter_one_lets_it_back() -> None:
    story = Story("instagram-square", "instagram-feed-portrait")
    head = story.text(x=140, y=120, width=800, height=130, text={"fontSize": 90})
    under = story.text("Second line below", x=140, y=300, width=800, height=90)
    before = places(story.group(under))
    # when
    story.edit(head, {"properties": {"text": {"content": "Fresh today and every single morning"}}})
    pushed = places(story.group(under))
    assert all(new[1] > old[1] for new, old in zip(pushed, before, strict=True))
    # when
    story.edit(head, {"properties": {"text": {"content": "Fresh today"}}})
    # then
    assert places(story.group(under)) == before


@pytest.mark.parametrize(
    ("patch", "pointers"),
    [
        ({"opacity": 2}, ["/opacity"]),
        ({"x": "left"}, ["/x"]),
        ({"colour": "red", "z": 1}, ["/colour", "/z"]),
        ({"syncGroup": "mine"}, ["/syncGroup"]),
        ({"type": "image"}, ["/type"]),
        ({"aiProvider": "skynet"}, ["/aiProvider"]),
        ({"properties": {"media": {"src": "http://x"}}}, ["/properties/media/src"]),
        ({"properties": {"text": {"content": "x" * 70_000}}}, ["/properties/text/content"]),
    ],
)
def test_ranges_and_unknown_members_are_refused_by_pointer(
    patch: dict[str, object], pointers: list[str]
) -> None:
    story = Story("instagram-story")
    head = story.text()
    with pytest.raises(Invalid) as refused:
        story.edit(head, patch)
    assert [fault.pointer for fault in refused.value.errors] == pointers


def test_what_is_not_there_is_unknown() -> None:
    story = Story("instagram-story")
    with pytest.raises(Unknown):
        story.edit(story.new_id(), {"x": 1})
    with pytest.raises(Unknown):
        story.edits().delete_canvas(story.new_id())


def test_numbers_are_rounded_before_they_become_facts() -> None:
    story = Story("instagram-story")
    head = story.text()
    story.edit(head, {"x": 10.005, "y": -0.125, "opacity": 0.12345, "duration": 2.0005})
    values = story.on(head, 0).values
    assert (values["x"], values["y"]) == (10.01, -0.13)
    assert (values["opacity"], values["duration"]) == (0.123, 2.001)


def test_another_picture_is_shown_whole_on_every_canvas() -> None:
    story = Story("instagram-story", "instagram-square")
    picture = story.edits().add(
        {
            "canvasId": story.canvases[0],
            "type": "image",
            "width": 500,
            "height": 500,
            "properties": {
                "media": {"src": "pack:citrus", "cropData": {"width": 0.5, "height": 0.5}}
            },
        },
        "all",
    )
    story.edit(picture, {"properties": {"media": {"src": "pack:dusk"}}})
    for member in story.group(picture):
        media = member.values["properties"]["media"]
        assert media["src"] == "pack:dusk"
        assert "cropData" not in media
