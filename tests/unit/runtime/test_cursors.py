"""A cursor leads on in the list it came from, and nowhere else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.cursors import Cursors, Page
from runtime.problems import Unprocessable

CURSORS = Cursors(b"c" * 32)


@given(st.lists(st.one_of(st.text(), st.integers(-(2**53), 2**53), st.none()), max_size=4))
def test_a_position_comes_back(position: list[Any]) -> None:
    cursor = CURSORS.sign(position, purpose="projects|u1")
    assert CURSORS.read(cursor, purpose="projects|u1") == position


def test_a_cursor_of_another_list_or_installation_is_refused() -> None:
    cursor = CURSORS.sign(["a"], purpose="projects|u1")
    for cursors, purpose in ((CURSORS, "projects|u2"), (Cursors(b"d" * 32), "projects|u1")):
        with pytest.raises(Unprocessable):
            cursors.read(cursor, purpose=purpose)


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused(text: str) -> None:
    with pytest.raises(Unprocessable):
        CURSORS.read(text, purpose="x")


def test_a_page_speaks_camel_case() -> None:
    assert Page[int](items=[1], next_cursor="n").model_dump(by_alias=True) == {
        "items": [1],
        "nextCursor": "n",
    }
