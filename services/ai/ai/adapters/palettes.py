"""Words to colours: what a prompt suggests decides the palette, chance only what is left open."""

import re

import numpy as np
from numpy.typing import NDArray

from ai.adapters.chance import Chance

Array = NDArray[np.float32]
Oklch = tuple[float, float, float]

PALETTES: dict[str, tuple[Oklch, ...]] = {
    "sunset": ((0.72, 0.17, 55), (0.62, 0.2, 25), (0.45, 0.16, 350), (0.85, 0.11, 85)),
    "ocean": ((0.55, 0.12, 235), (0.75, 0.1, 205), (0.35, 0.09, 255), (0.88, 0.06, 195)),
    "forest": ((0.45, 0.09, 150), (0.62, 0.12, 140), (0.3, 0.06, 165), (0.82, 0.1, 115)),
    "morning": ((0.9, 0.07, 85), (0.8, 0.1, 60), (0.75, 0.08, 20), (0.88, 0.05, 220)),
    "night": ((0.22, 0.07, 275), (0.32, 0.1, 290), (0.18, 0.04, 255), (0.5, 0.13, 305)),
    "luxury": ((0.25, 0.02, 60), (0.72, 0.1, 85), (0.35, 0.03, 50), (0.5, 0.06, 75)),
    "neon": ((0.65, 0.28, 330), (0.7, 0.2, 200), (0.55, 0.26, 290), (0.85, 0.22, 130)),
    "coffee": ((0.4, 0.06, 55), (0.62, 0.07, 65), (0.85, 0.04, 80), (0.28, 0.05, 45)),
    "berry": ((0.5, 0.2, 5), (0.62, 0.19, 345), (0.35, 0.13, 320), (0.82, 0.09, 10)),
    "citrus": ((0.85, 0.17, 100), (0.78, 0.17, 70), (0.88, 0.14, 120), (0.68, 0.19, 45)),
    "pastel": ((0.9, 0.05, 20), (0.9, 0.05, 140), (0.9, 0.05, 260), (0.93, 0.04, 90)),
    "mono": ((0.95, 0.003, 250), (0.75, 0.004, 250), (0.5, 0.004, 250), (0.3, 0.004, 250)),
}
HINTS: dict[str, tuple[str, ...]] = {
    "sunset": ("sunset", "dusk", "autumn", "fire", "warm", "desert"),
    "ocean": ("ocean", "sea", "water", "lake", "sky", "blue", "ice", "winter"),
    "forest": ("forest", "tree", "garden", "green", "nature", "leaf", "jungle"),
    "morning": ("morning", "sunrise", "dawn", "light", "breakfast"),
    "night": ("night", "space", "galaxy", "dark", "midnight", "star"),
    "luxury": ("luxury", "gold", "elegant", "premium", "black"),
    "neon": ("neon", "cyber", "party", "club", "electric"),
    "coffee": ("coffee", "espresso", "chocolate", "wood", "brown", "earth"),
    "berry": ("berry", "rose", "love", "pink", "red", "wine"),
    "citrus": ("citrus", "lemon", "orange", "summer", "yellow", "fresh"),
    "pastel": ("pastel", "soft", "baby", "spring", "candy"),
    "mono": ("mono", "minimal", "grey", "gray", "white", "business", "professional"),
}


def palette_for(prompt: str, chance: Chance) -> list[Array]:
    """Four colours in OKLab for a prompt; two hints in it are mixed half and half."""
    words = set(re.findall(r"\w+", prompt.lower()))
    named = [name for name, hints in HINTS.items() if words & set(hints)]
    if not named:
        turn = chance.between(0, 360)
        base = PALETTES[chance.pick(("ocean", "sunset", "pastel", "berry"))]
        return [_oklab((light, chroma, hue + turn)) for light, chroma, hue in base]
    if len(named) == 1:
        return [_oklab(colour) for colour in PALETTES[named[0]]]
    first, second = PALETTES[named[0]], PALETTES[named[1]]
    return [_oklab(colour) for colour in (first[0], second[0], first[2], second[3])]


def _oklab(colour: Oklch) -> Array:
    light, chroma, hue = colour
    angle = np.deg2rad(hue)
    return np.array([light, chroma * np.cos(angle), chroma * np.sin(angle)], dtype=np.float32)


def to_srgb(oklab: Array) -> Array:
    """OKLab in the last axis → sRGB 0–1, clipped to the gamut."""
    light, a, b = oklab[..., 0], oklab[..., 1], oklab[..., 2]
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        axis=-1,
    )
    linear = np.clip(linear, 0, 1)
    encoded = np.where(
        linear <= 0.0031308, 12.92 * linear, 1.055 * np.power(linear, 1 / 2.4) - 0.055
    )
    return encoded.astype(np.float32)
