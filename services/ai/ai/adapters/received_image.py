"""An image that came from outside: decoded under limits and encoded anew."""

import base64
import binascii
import io
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from ai.adapters.providers import ProviderFailed

LARGEST_PIXELS = 40_000_000


@dataclass(frozen=True)
class ReceivedImage:
    """PNG bytes with their size in pixels."""

    data: bytes
    width: int
    height: int


def decode(encoded: str) -> ReceivedImage:
    """Base64 of a PNG, JPEG or WebP → a clean PNG. Raises ProviderFailed."""
    try:
        raw = base64.b64decode(encoded, validate=True)
        with Image.open(io.BytesIO(raw), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > LARGEST_PIXELS:
                raise ProviderFailed("provider", "The provider's image has too many pixels.")
            picture = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
    except (binascii.Error, UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ProviderFailed("provider", "The provider's image could not be read.") from error
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=4)
    return ReceivedImage(out.getvalue(), picture.width, picture.height)
