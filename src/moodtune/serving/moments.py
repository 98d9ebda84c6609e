"""The service's one clock of the calendar, and how moments are written."""

from datetime import UTC, date, datetime, time


def now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


def moment(at: datetime) -> str:
    """Return a moment in UTC as RFC 3339 has it, to the microsecond."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def begin_of(day: date) -> datetime:
    """Return the first moment of a day."""
    return datetime.combine(day, time(), tzinfo=UTC)
