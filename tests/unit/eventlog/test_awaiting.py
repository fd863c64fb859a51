"""Reading the header Multicanvas-After."""

from eventlog.awaiting import Written, parse_after


def test_pairs_are_read_and_what_is_none_is_skipped() -> None:
    assert parse_after("projects/a-1=3, identity/u=12 ,, nonsense, ai/=4, media/x=two") == [
        Written("projects", "a-1", 3),
        Written("identity", "u", 12),
    ]


def test_no_header_waits_for_nothing() -> None:
    assert parse_after(None) == []
    assert parse_after("") == []
