"""Moments as the store writes them: text that sorts by time."""

from datetime import UTC, date, datetime, timedelta

from moodtune.errors import QueryError
from moodtune.tables.text import quoted


def days_before(day: date, days: int) -> date:
    """Return the day so many days earlier, or the first there is.

    >>> days_before(date(1, 1, 5), 60)
    datetime.date(1, 1, 1)
    """
    return day - timedelta(days=min(days, day.toordinal() - 1))


def written(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC with microseconds; QueryError without a time zone.

    >>> written(datetime(2026, 11, 23, 18, 30, tzinfo=UTC))
    '2026-11-23T18:30:00.000000Z'
    """
    if moment.tzinfo is None:
        raise QueryError(f"a moment needs its time zone, got {moment.isoformat()}")
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    return plain.isoformat(timespec="microseconds") + "Z"


def rewritten(text: str) -> str:
    """Return a moment that is text already in the same form; QueryError if it is none."""
    try:
        return written(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise QueryError(
            "at must be a moment as RFC 3339 has it, as in 2026-11-23T18:30:00Z, "
            f"got {quoted(text)}"
        ) from None
