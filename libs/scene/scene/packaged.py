"""Pictures shipped with the library, named `pack:<name>` in documents."""

from functools import lru_cache
from pathlib import Path

PACK = Path(__file__).parent / "pack"
_ENDINGS = (".png", ".jpg", ".webp")


@lru_cache(maxsize=256)
def packaged_picture(name: str) -> Path | None:
    """The file of `pack:<name>` (with or without the prefix); None when there is none."""
    plain = name.removeprefix("pack:")
    found = (PACK / f"{plain}{ending}" for ending in _ENDINGS)
    return next((path for path in found if path.parent == PACK and path.is_file()), None)


def packaged_names() -> tuple[str, ...]:
    """Every name that `pack:` knows."""
    return tuple(sorted(path.stem for path in PACK.iterdir() if path.suffix in _ENDINGS))
