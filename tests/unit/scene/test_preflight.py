"""Findings of one canvas against its format, before anything is rendered."""

from typing import Any

import pytest

from scene.document import Document
from scene.preflight import Finding, Format, check

MEDIA = "0198c0de-0000-7000-8000-000000000001"
ZONES = [
    {"name": "title_safe", "x": 150, "y": 150, "width": 780, "height": 1330},
    {"name": "ui_overlay_bottom", "x": 0, "y": 1480, "width": 1080, "height": 440},
]


def social_format(**changes: Any) -> Format:
    given = {
        "name": "TikTok Video",
        "slug": "tiktok-video",
        "width": 1080,
        "height": 1920,
        "maxDuration": 60,
        "recommendedFormats": ["mp4", "mov"],
        "maxFileSize": 400_000_000,
        "supportedFeatures": {"maxLayers": 50},
        "safeZones": ZONES,
        "limits": {"minDuration": 3},
        "encoding": {"videoKbpsRecommended": 10_000, "audioKbps": 128},
    }
    return Format.model_validate({**given, **changes})


def still(**changes: Any) -> Format:
    features = {"supportsVideo": False, "supportsAudio": False, "maxLayers": 100}
    given = {
        "name": "LinkedIn Post",
        "maxDuration": None,
        "recommendedFormats": ["png", "jpg"],
        "maxFileSize": 5_000_000,
        "supportedFeatures": features,
    }
    return social_format(**{**given, **changes})


def headline(**changes: Any) -> dict[str, Any]:
    given = {
        "id": "headline",
        "type": "text",
        "name": "Headline",
        "x": 160,
        "y": 300,
        "width": 700,
        "height": 200,
        "duration": 10,
    }
    text = {"content": "The bright side", "fontSize": 80, **changes.pop("text", {})}
    return {**given, "properties": {"text": text}, **changes}


def picture(kind: str = "image", src: str = "pack:citrus", **media: Any) -> dict[str, Any]:
    box = {"x": 0, "y": 0, "width": 1080, "height": 1920, "duration": 10}
    properties = {"media": {"src": src, **media}}
    return {"id": kind, "type": kind, "name": kind.title(), "properties": properties, **box}


def found(elements: list[dict[str, Any]], asked: Format, **more: Any) -> list[Finding]:
    options = {name: more.pop(name) for name in ("file_type", "waiting", "known") if name in more}
    canvas = {"id": "c1", "width": asked.width, "height": asked.height}
    document = Document.model_validate(
        {"canvas": canvas, "duration": 10, "elements": elements, **more}
    )
    return check(document, asked, **options)


def rules(findings: list[Finding]) -> dict[str, str]:
    return {finding.rule: finding.severity for finding in findings}


def test_a_good_canvas_has_no_findings() -> None:
    assert found([picture(), headline()], social_format()) == []


def test_an_empty_canvas_is_a_warning() -> None:
    assert rules(found([], social_format())) == {"empty_canvas": "warning"}


def test_a_timeline_longer_than_the_format_plays_is_an_error() -> None:
    (finding,) = found([headline()], social_format(), duration=72)
    assert (finding.rule, finding.severity) == ("duration_max", "error")
    assert (finding.measured, finding.limit) == (72, 60)
    assert finding.message == "TikTok Video ends at 60 s; this runs 72 s. Cut 12 s."


def test_a_static_format_ignores_the_duration() -> None:
    assert found([headline()], still(), duration=900) == []


def test_a_timeline_shorter_than_the_format_accepts_is_a_warning() -> None:
    assert rules(found([headline()], social_format(), duration=2)) == {"duration_min": "warning"}


def test_too_many_layers_are_an_error_and_hidden_ones_do_not_count() -> None:
    layers = [headline(id=f"h{i}") for i in range(4)]
    asked = social_format(supportedFeatures={"maxLayers": 3})
    assert rules(found(layers, asked)) == {"layers_max": "error"}
    layers[0]["isHidden"] = True
    assert found(layers, asked) == []


def test_a_clip_on_a_static_format_shows_its_poster_frame() -> None:
    findings = found([picture("video"), headline()], still())
    assert rules(findings) == {"video_as_still": "info"}


def test_exporting_video_to_a_format_without_video_is_an_error_nobody_can_waive() -> None:
    (finding,) = found([headline()], still(maxFileSize=None), file_type="mp4")
    assert (finding.rule, finding.severity) == ("video_unsupported", "error")
    assert not finding.waivable


def test_a_video_of_an_empty_canvas_is_refused_where_no_video_is_taken() -> None:
    assert rules(found([], still(), file_type="mp4"))["video_unsupported"] == "error"


def test_a_file_type_the_format_does_not_recommend_is_a_warning() -> None:
    assert rules(found([headline()], social_format(), file_type="webm")) == {"file_type": "warning"}


@pytest.mark.parametrize(
    ("feature", "element", "rule"),
    [
        ("supportsText", headline(), "text_unsupported"),
        ("supportsStickers", picture("sticker"), "stickers_unsupported"),
        (
            "supportsFilters",
            picture(filters=[{"type": "sepia", "value": 1}]),
            "filters_unsupported",
        ),
    ],
)
def test_what_the_platform_cannot_show_is_an_error(
    feature: str, element: dict[str, Any], rule: str
) -> None:
    asked = social_format(supportedFeatures={feature: False})
    assert rules(found([element], asked))[rule] == "error"


def test_sound_on_a_silent_format_is_a_warning() -> None:
    asked = social_format(supportedFeatures={"supportsAudio": False})
    sound = picture("audio", src=f"media:{MEDIA}")
    assets = {MEDIA: {"mimeType": "audio/mpeg"}}
    assert rules(found([headline(), sound], asked, assets=assets)) == {
        "audio_unsupported": "warning"
    }


def test_a_text_outside_the_safe_area_is_a_warning_with_the_move_that_repairs_it() -> None:
    (finding,) = found([headline(x=100)], social_format())
    assert (finding.rule, finding.severity, finding.measured) == (
        "text_outside_safe",
        "warning",
        50,
    )
    assert finding.fix is not None
    assert finding.fix.label == "Move right 50 px"
    assert finding.fix.command["patch"] == {"x": 150, "y": 300}
    repaired = headline(**finding.fix.command["patch"])
    assert found([repaired], social_format()) == []


def test_a_text_under_the_controls_of_the_app_is_an_error() -> None:
    (finding,) = found([headline(y=1700)], social_format())
    assert finding.severity == "error"
    assert "under the app's own controls" in finding.message


def test_only_the_ink_counts_not_the_empty_part_of_a_wide_box() -> None:
    assert found([headline(x=0, width=1080, text={"textAlign": "center"})], social_format()) == []


def test_a_text_higher_than_its_box_is_an_error_and_the_fix_makes_it_fit() -> None:
    element = headline(height=90, text={"content": "one two three four five six seven eight"})
    (finding,) = found([element], social_format())
    assert (finding.rule, finding.severity) == ("text_overflow", "error")
    assert finding.fix is not None
    element["height"] = finding.fix.command["patch"]["height"]
    assert found([element], social_format()) == []


def test_a_word_wider_than_its_box_is_an_error() -> None:
    element = headline(width=200, text={"content": "Incomprehensibilities"})
    assert "text_overflow" in rules(found([element], social_format()))


def test_a_text_that_shrinks_to_fit_does_not_overflow() -> None:
    text = {"content": "one two three four five", "autoFit": {"mode": "shrink", "min": 8}}
    assert "text_overflow" not in rules(found([headline(height=90, text=text)], social_format()))


def test_a_text_too_small_for_a_phone_is_a_warning() -> None:
    assert rules(found([headline(text={"fontSize": 14})], social_format())) == {
        "text_small": "warning"
    }


def test_media_not_yet_known_is_a_warning_and_after_half_a_minute_an_error() -> None:
    element = picture(src=f"media:{MEDIA}")
    assert rules(found([element], social_format())) == {"media_pending": "warning"}
    late = found([element], social_format(), waiting={MEDIA: 31.0})
    assert rules(late) == {"media_pending": "error"}
    assert found([element], social_format(), known=frozenset({MEDIA})) == []


def test_a_packaged_picture_that_does_not_exist_is_an_error() -> None:
    assert rules(found([picture(src="pack:nowhere")], social_format())) == {
        "media_missing": "error"
    }


def test_a_file_far_too_large_is_an_error_and_one_a_little_too_large_a_warning() -> None:
    clip = [picture("video", src="pack:citrus"), headline()]
    small, tiny = social_format(maxFileSize=10_000_000), social_format(maxFileSize=1_000_000)
    assert rules(found(clip, small)) == {"file_size": "warning"}
    assert rules(found(clip, tiny)) == {"file_size": "error"}


def test_stills_count_against_their_own_limit() -> None:
    asked = social_format(limits={"imageMaxBytes": 100_000}, recommendedFormats=["mp4", "jpg"])
    assert found([picture()], asked) == []
    assert rules(found([picture()], asked, file_type="jpg")) == {"file_size": "error"}


def test_errors_come_first() -> None:
    findings = found([headline(x=100, y=1700, text={"fontSize": 14})], social_format())
    assert [finding.severity for finding in findings] == ["error", "warning"]
