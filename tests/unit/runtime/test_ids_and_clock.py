"""Ids sort by time or come out the same; times survive JSON."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import clock
from runtime.ids import NAMESPACE, event_id, slug_id, uuid7


def test_new_ids_are_version_7_and_carry_the_time() -> None:
    before = clock.now()
    made = uuid7()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    moment = datetime.fromtimestamp((made.int >> 80) / 1000, UTC)
    assert timedelta(0) <= moment - before < timedelta(seconds=5)


def test_new_ids_do_not_repeat() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000


def test_an_event_id_depends_on_aggregate_and_version_only() -> None:
    aggregate = UUID(int=7)
    assert event_id(aggregate, 3) == uuid5(NAMESPACE, f"{aggregate}:3") == event_id(aggregate, 3)
    assert event_id(aggregate, 3) != event_id(aggregate, 4)


def test_ids_of_shipped_things_never_change() -> None:
    assert slug_id("format", "instagram-story") == UUID("9c12b555-89b5-501b-aee6-1e0310bc13fa")


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_cut_to_milliseconds_comes_back_from_json(moment: datetime) -> None:
    cut = clock.to_milliseconds(moment)
    assert datetime.fromisoformat(clock.iso(cut)) == cut
    assert len(clock.iso(moment)) == len("2026-01-02T03:04:05.678Z")


def test_a_time_is_told_in_utc() -> None:
    moment = datetime(2026, 5, 4, 1, 2, 3, 4999, tzinfo=timezone(timedelta(hours=2)))
    assert clock.iso(moment) == "2026-05-03T23:02:03.004Z"


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        clock.iso(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of this test
