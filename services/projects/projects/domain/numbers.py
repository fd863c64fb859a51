"""Rounding before a fact: pixels, font sizes and degrees 2 decimals, seconds and opacity 3 (D9)."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

_THREE = frozenset(
    {"startTime", "duration", "opacity", "startOffset", "fadeIn", "fadeOut", "playbackRate"}
)
_EXACT = frozenset({"cropData", "focus", "ext"})
_UNITS = {2: Decimal("0.01"), 3: Decimal("0.001"), 6: Decimal("0.000001")}


def rounded(value: float, places: int = 2) -> float:
    """Half away from zero; a whole number comes back as an int, so that equal means identical."""
    quantum = Decimal(str(value)).quantize(_UNITS[places], rounding=ROUND_HALF_UP)
    return int(quantum) if quantum == quantum.to_integral_value() else float(quantum)


def tidy(value: Any, name: str = "", exact: bool = False) -> Any:
    """Every number in a JSON value rounded by the name of its member; shares keep 6 decimals."""
    exact = exact or name in _EXACT
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return {key: tidy(inner, key, exact) for key, inner in members}
    if isinstance(value, list | tuple):
        return [tidy(inner, name, exact) for inner in cast("list[Any]", value)]
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    return rounded(float(value), 6 if exact else 3 if name in _THREE else 2)
