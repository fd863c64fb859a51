"""The builtin providers: repeatable, within limits, honest about what they are."""

import io
from typing import Any

import pytest
from PIL import Image

from ai.adapters.builtin_image import BuiltinImage
from ai.adapters.builtin_text import BuiltinText
from ai.adapters.providers import ImageRequest, ProviderFailed, TextRequest

TEXTS = BuiltinText()
IMAGES = BuiltinImage()


def text(seed: int = 1, prompt: str = "forest morning", **context: Any) -> TextRequest:
    return TextRequest(prompt, {"contentType": "headline", **context}, "m", seed=seed)


async def test_the_same_request_and_seed_give_the_same_text() -> None:
    assert await TEXTS.write(text(7)) == await TEXTS.write(text(7))


async def test_many_seeds_give_many_texts() -> None:
    found = {(await TEXTS.write(text(seed, tone="playful"))).text for seed in range(60)}
    assert len(found) > 20


@pytest.mark.parametrize("limit", [8, 20, 34, 80])
@pytest.mark.parametrize("kind", ["headline", "caption", "cta", "hashtags", "description"])
async def test_no_text_is_longer_than_asked(kind: str, limit: int) -> None:
    for seed in range(20):
        made = await TEXTS.write(
            TextRequest("coffee at dawn", {"contentType": kind, "maxLength": limit}, "m", seed=seed)
        )
        assert all(len(one) <= limit for one in (made.text, *made.alternatives))


async def test_the_topic_is_in_the_headline_and_nothing_is_left_unfilled() -> None:
    for seed in range(40):
        made = await TEXTS.write(text(seed, platform="tiktok", tone="bold"))
        assert "{" not in made.text
        assert made.text[0].isupper()


async def test_hashtags_keep_to_the_platforms_cap() -> None:
    context = {"contentType": "hashtags", "platform": "instagram", "keywords": list("abcdefghij")}
    made = await TEXTS.write(TextRequest("letters", context, "m"))
    assert made.text == "#A #B #C #D #E"


async def test_without_a_topic_it_asks_instead_of_inventing() -> None:
    with pytest.raises(ProviderFailed, match="what it is about") as refused:
        await TEXTS.write(text(prompt="write me a headline please"))
    assert refused.value.is_refusal


async def test_it_costs_nothing_and_counts_no_tokens() -> None:
    made = await TEXTS.write(text())
    assert made.cost == 0
    assert made.tokens_used is None


async def test_the_same_request_and_seed_paint_the_same_bytes() -> None:
    request = ImageRequest("sunset waves", 320, 200, "m", seed=4)
    first, second = await IMAGES.paint(request), await IMAGES.paint(request)
    assert first.images == second.images


@pytest.mark.parametrize("style", ["mesh", "linear", "radial", "waves", "blobs", "noise"])
async def test_every_style_fills_the_size_that_was_asked_for(style: str) -> None:
    made = await IMAGES.paint(ImageRequest(f"forest {style}", 270, 480, "m", seed=1))
    with Image.open(io.BytesIO(made.images[0])) as picture:
        assert picture.size == (270, 480)
        assert len(picture.getcolors(270 * 480) or []) > 12


async def test_a_forest_is_green_and_a_sunset_is_warm() -> None:
    async def mean(prompt: str) -> tuple[float, ...]:
        made = await IMAGES.paint(ImageRequest(prompt, 120, 120, "m", seed=2))
        with Image.open(io.BytesIO(made.images[0])) as picture:
            return picture.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[return-value]

    red, green, blue = await mean("forest mesh")
    assert green > red
    assert green > blue
    red, _, blue = await mean("sunset mesh")
    assert red > blue


async def test_an_image_beyond_the_limit_is_refused() -> None:
    with pytest.raises(ProviderFailed, match="4096"):
        await IMAGES.paint(ImageRequest("x", 5000, 100, "m"))
