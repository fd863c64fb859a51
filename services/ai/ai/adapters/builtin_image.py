"""`builtin` images: procedural backgrounds from a prompt's colours. No objects, no text, no key."""

import asyncio
import io
from collections.abc import Callable, Sequence
from decimal import Decimal

import numpy as np
from PIL import Image

from ai.adapters.chance import Chance
from ai.adapters.palettes import Array, palette_for, to_srgb
from ai.adapters.providers import ImageRequest, ImageResult, ProviderFailed

MODEL = "builtin-procedural-1"
LARGEST_SIDE = 4096
_WORKING_SIDE = 540


class BuiltinImage:
    """The same prompt, style, size and seed always give the same bytes."""

    name = "builtin"
    models: Sequence[str] = (MODEL,)

    async def paint(self, request: ImageRequest) -> ImageResult:
        if max(request.width, request.height) > LARGEST_SIDE:
            raise ProviderFailed("validation", f"at most {LARGEST_SIDE} pixels a side")
        seed = request.seed or 0
        encoded = await asyncio.to_thread(_render, request, seed)
        return ImageResult(
            images=(encoded,),
            mime_type="image/png",
            width=request.width,
            height=request.height,
            seed=seed,
            cost=Decimal(0),
        )


def _render(request: ImageRequest, seed: int) -> bytes:
    chance = Chance(request.prompt, request.style, request.width, request.height, seed)
    colours = palette_for(f"{request.prompt} {request.style or ''}", chance)
    painter = _painter(f"{request.prompt} {request.style or ''}", chance)
    scale = min(1.0, _WORKING_SIDE / min(request.width, request.height))
    width, height = round(request.width * scale), round(request.height * scale)
    picture = to_srgb(painter(width, height, colours, chance))
    image = Image.fromarray((picture * 255).astype(np.uint8), "RGB")
    image = image.resize((request.width, request.height), Image.Resampling.BICUBIC)
    dithered = _dither(np.asarray(image, dtype=np.int16), chance)
    out = io.BytesIO()
    Image.fromarray(dithered, "RGB").save(out, "PNG", compress_level=2)
    return out.getvalue()


Painter = Callable[[int, int, list[Array], Chance], Array]


def _painter(words: str, chance: Chance) -> Painter:
    lowered = words.lower()
    for hint, painter in (
        ("mesh", mesh),
        ("linear", linear),
        ("radial", radial),
        ("wave", waves),
        ("blob", blobs),
        ("noise", noise),
        ("cloud", noise),
    ):
        if hint in lowered:
            return painter
    return chance.pick((mesh, blobs, waves, radial))


def _grid(width: int, height: int) -> tuple[Array, Array]:
    short = min(width, height)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return x / short, y / short


def mesh(width: int, height: int, colours: list[Array], chance: Chance) -> Array:
    """Soft points of colour, each pulling on its surroundings."""
    x, y = _grid(width, height)
    right, bottom = width / min(width, height), height / min(width, height)
    total = np.zeros((height, width, 3), np.float32)
    weights = np.zeros((height, width, 1), np.float32)
    for number in range(7):
        px, py = chance.between(-0.1, 1.1) * right, chance.between(-0.1, 1.1) * bottom
        pull = 1 / (0.015 + (x - px) ** 2 + (y - py) ** 2) ** 1.3
        total += pull[..., None] * colours[number % len(colours)]
        weights += pull[..., None]
    return total / weights


def linear(width: int, height: int, colours: list[Array], chance: Chance) -> Array:
    x, y = _grid(width, height)
    angle = chance.between(0.9, 2.2)
    along = x * np.cos(angle) + y * np.sin(angle)
    return _blend(_normal(along), colours[:3])


def radial(width: int, height: int, colours: list[Array], chance: Chance) -> Array:
    x, y = _grid(width, height)
    right, bottom = width / min(width, height), height / min(width, height)
    px, py = chance.between(0.2, 0.8) * right, chance.between(0.15, 0.5) * bottom
    return _blend(_normal(np.sqrt((x - px) ** 2 + (y - py) ** 2)), colours)


def waves(width: int, height: int, colours: list[Array], chance: Chance) -> Array:
    x, y = _grid(width, height)
    field = y.copy()
    for _ in range(3):
        phase, pitch = chance.between(0, 6.28), chance.between(1.2, 4)
        field += chance.between(0.04, 0.11) * np.sin(pitch * x * 2 + phase + y)
    bands = 5
    steps = np.floor(_normal(field) * bands) / (bands - 1)
    return _blend(np.clip(steps, 0, 1).astype(np.float32), colours)


def blobs(width: int, height: int, colours: list[Array], chance: Chance) -> Array:
    x, y = _grid(width, height)
    right, bottom = width / min(width, height), height / min(width, height)
    picture = np.broadcast_to(colours[0], (height, width, 3)).copy()
    for number in range(6):
        px, py = chance.between(0, 1) * right, chance.between(0, 1) * bottom
        radius = chance.between(0.22, 0.55)
        wobble = 0.08 * np.sin(np.arctan2(y - py, x - px) * 3 + chance.between(0, 6.28))
        inside = np.clip((radius + wobble - np.hypot(x - px, y - py)) * 60, 0, 1)[..., None]
        picture += inside * 0.85 * (colours[1 + number % (len(colours) - 1)] - picture)
    return picture


def noise(width: int, height: int, colours: list[Array], chance: Chance) -> Array:
    """Fractal value noise on square cells."""
    total = np.zeros((height, width), np.float32)
    for octave in range(4):
        cells = 3 * 2**octave
        rows = round(cells * height / min(width, height)) + 2
        columns = round(cells * width / min(width, height)) + 2
        grid = _random(chance, rows * columns).reshape(rows, columns)
        layer = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)
        total += np.asarray(layer, dtype=np.float32) / 2**octave
    return _blend(_normal(total), colours)


def _random(chance: Chance, count: int) -> Array:
    # Raw PCG64 output is stable across numpy versions; the generator's methods are not.
    raw = np.random.PCG64(chance.below(2**63)).random_raw(count)
    return (raw >> np.uint64(40)).astype(np.float32) / np.float32(2**24)


def _normal(field: Array) -> Array:
    low, high = float(field.min()), float(field.max())
    return ((field - low) / max(high - low, 1e-6)).astype(np.float32)


def _blend(share: Array, colours: list[Array]) -> Array:
    """Through the colours in OKLab, eased so that no edge shows where one ends."""
    position = share * (len(colours) - 1)
    index = np.minimum(position.astype(np.int32), len(colours) - 2)
    part = position - index
    part = (part * part * (3 - 2 * part))[..., None]
    table = np.stack(colours)
    return (table[index] * (1 - part) + table[index + 1] * part).astype(np.float32)


def _dither(picture: np.ndarray, chance: Chance) -> np.ndarray:
    """±1 level of noise: without it slow gradients show bands after video encoding."""
    height, width, _ = picture.shape
    grain = (_random(chance, height * width) * 3).astype(np.int16) - 1
    return np.clip(picture + grain.reshape(height, width, 1), 0, 255).astype(np.uint8)
