"""Measuring and breaking text."""

import pytest

from scene.elements import AutoFit, Edges, TextBackground, TextProperties
from scene.fonts import families, family_named, registry
from scene.text import fitted_size, measure
from scene.textrun import text_run

PANGRAM = "The quick brown fox jumps over the lazy dog"


def text(content: str = PANGRAM, **more: object) -> TextProperties:
    return TextProperties.model_validate({"content": content, "fontSize": 40, **more})


def test_every_packaged_family_has_a_face_for_each_weight_it_names() -> None:
    for family in families().values():
        for weight in family.weights:
            assert registry().face(family.name, weight).alias == f"{family.name}/{weight}"


def test_heavier_weights_of_a_variable_font_are_wider() -> None:
    widths = [measure(text(fontWeight=weight)).width for weight in ("400", "700", "900")]
    assert widths == sorted(widths)
    assert widths[2] > widths[0] * 1.05


def test_an_unknown_family_gets_a_stand_in() -> None:
    assert family_named("Arial").name == "Inter"
    assert family_named("Nobody Knows Sans").name == "Inter"
    assert family_named("'Playfair Display', serif").name == "Playfair Display"


def test_width_grows_with_the_size_in_proportion() -> None:
    small, large = measure(text(), None, 20), measure(text(), None, 80)
    assert large.width == pytest.approx(small.width * 4, rel=0.002)


def test_no_line_is_wider_than_its_box_and_no_word_is_lost() -> None:
    for width in range(150, 900, 37):
        found = measure(text(), width)
        assert all(line.width <= width + 1 for line in found.lines)
        assert " ".join(line.text for line in found.lines) == PANGRAM


def test_a_word_wider_than_the_box_is_never_broken() -> None:
    found = measure(text("Donaudampfschifffahrt now"), 100)
    assert [line.text for line in found.lines] == ["Donaudampfschifffahrt", "now"]
    assert found.widest_word > 100


def test_lines_advance_by_size_times_line_height() -> None:
    found = measure(text("one\ntwo\n\nfour", lineHeight=1.5))
    assert [line.text for line in found.lines] == ["one", "two", "", "four"]
    assert found.height == pytest.approx(4 * 40 * 1.5)


def test_padding_counts_to_the_size() -> None:
    plain = measure(text("Hi"))
    padded = measure(text("Hi", padding=Edges(top=1, right=2, bottom=3, left=4)))
    assert (padded.width - plain.width, padded.height - plain.height) == pytest.approx((6, 4))


def test_letter_spacing_widens_between_letters_only() -> None:
    plain, spaced = measure(text("abcd")), measure(text("abcd", letterSpacing=10))
    assert spaced.width == pytest.approx(plain.width + 30, abs=1)


def test_right_to_left_text_falls_back_to_a_face_that_has_it() -> None:
    found = text_run(text("مرحبا بالعالم"), 400, None)
    assert found.rtl
    assert any(face.startswith("Noto Sans Arabic/") for face in found.faces)
    assert 100 < found.lines[0].width < 400


def test_too_many_lines_end_in_an_ellipsis() -> None:
    found = measure(text(maxLines=2, overflow="ellipsis"), 200)
    assert found.exceeded
    assert len(found.lines) == 2
    assert found.lines[1].text.endswith("…")
    assert found.lines[1].width <= 201


def test_auto_fit_shrinks_until_the_text_fits_and_no_further() -> None:
    shrinking = text(autoFit=AutoFit(mode="shrink"), fontSize=200)
    size = fitted_size(shrinking, 300, 120)
    assert measure(shrinking, 300, size).height <= 120.5
    assert measure(shrinking, 300, size + 1).height > 120.5
    assert fitted_size(shrinking, 10_000, 10_000) == 200


def test_auto_fit_can_also_grow() -> None:
    growing = text("Big", autoFit=AutoFit(mode="fit", max=500), fontSize=10)
    assert fitted_size(growing, 400, 400) > 100


def test_alignment_places_lines_in_the_box() -> None:
    for align, share in (("left", 0.0), ("center", 0.5), ("right", 1.0)):
        run = text_run(text("Hi", textAlign=align), 300, 100)
        assert run.lines[0].x == pytest.approx((300 - run.lines[0].width) * share, abs=0.01)


def test_a_plate_lies_behind_each_line_when_asked() -> None:
    plate = TextBackground(color="#123456", padding_x=10, padding_y=5, per_line=True)
    run = text_run(text("one two three four", background=plate), 200, None)
    assert len(run.plates) == len(run.lines) > 1
    assert run.plates[0].width == pytest.approx(run.lines[0].width + 20)


def test_measuring_is_fast_once_words_are_known() -> None:
    import time

    measure(text(), 300)
    started = time.perf_counter()
    for width in range(100):
        measure(text(), 300 + width)
    assert (time.perf_counter() - started) / 100 < 0.02
