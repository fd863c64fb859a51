"""Times as the API writes them: UTC, milliseconds."""

from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware, UTC, cut to milliseconds so that it survives JSON unchanged."""
    return to_milliseconds(datetime.now(UTC))


def to_milliseconds(moment: datetime) -> datetime:
    """The same moment in UTC, cut to milliseconds. `moment` must be aware."""
    if moment.tzinfo is None:
        raise ValueError("a time without zone means nothing")
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    return to_milliseconds(moment).isoformat(timespec="milliseconds")[:-6] + "Z"
