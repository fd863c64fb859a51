"""CSS colour filters as matrices on non-linear sRGB (Filter Effects Module Level 1)."""

from collections.abc import Iterable

from scene.elements import Filter

# Rows R, G, B; columns R, G, B and a constant, all in 0–1.
Matrix = tuple[tuple[float, float, float, float], ...]


def colour_matrix(kind: str, value: float) -> Matrix | None:
    """The matrix of one filter, None for `blur`. Sepia and grayscale are held to 1, as in CSS."""
    match kind:
        case "brightness":
            return _scaled(value, 0.0)
        case "contrast":
            return _scaled(value, 0.5 - 0.5 * value)
        case "saturation":
            return _saturate(value)
        case "grayscale":
            return _grayscale(1 - min(1.0, value))
        case "sepia":
            return _sepia(1 - min(1.0, value))
        case _:
            return None


def colour_matrices(filters: Iterable[Filter]) -> tuple[Matrix, ...]:
    """One matrix per colour filter, in order; each result is clamped to 0–1 before the next."""
    found = (colour_matrix(one.type, one.value) for one in filters)
    return tuple(matrix for matrix in found if matrix is not None)


def blur_sigma(filters: Iterable[Filter]) -> float:
    """The σ in canvas pixels of all blurs together (variances add up)."""
    return sum(one.value**2 for one in filters if one.type == "blur") ** 0.5


def _scaled(factor: float, constant: float) -> Matrix:
    return (
        (factor, 0.0, 0.0, constant),
        (0.0, factor, 0.0, constant),
        (0.0, 0.0, factor, constant),
    )


def _saturate(s: float) -> Matrix:
    return (
        (0.213 + 0.787 * s, 0.715 - 0.715 * s, 0.072 - 0.072 * s, 0.0),
        (0.213 - 0.213 * s, 0.715 + 0.285 * s, 0.072 - 0.072 * s, 0.0),
        (0.213 - 0.213 * s, 0.715 - 0.715 * s, 0.072 + 0.928 * s, 0.0),
    )


def _grayscale(rest: float) -> Matrix:
    return (
        (0.2126 + 0.7874 * rest, 0.7152 - 0.7152 * rest, 0.0722 - 0.0722 * rest, 0.0),
        (0.2126 - 0.2126 * rest, 0.7152 + 0.2848 * rest, 0.0722 - 0.0722 * rest, 0.0),
        (0.2126 - 0.2126 * rest, 0.7152 - 0.7152 * rest, 0.0722 + 0.9278 * rest, 0.0),
    )


def _sepia(rest: float) -> Matrix:
    return (
        (0.393 + 0.607 * rest, 0.769 - 0.769 * rest, 0.189 - 0.189 * rest, 0.0),
        (0.349 - 0.349 * rest, 0.686 + 0.314 * rest, 0.168 - 0.168 * rest, 0.0),
        (0.272 - 0.272 * rest, 0.534 - 0.534 * rest, 0.131 + 0.869 * rest, 0.0),
    )
