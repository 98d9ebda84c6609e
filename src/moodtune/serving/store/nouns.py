"""What goes into the store and comes out of it; moments are RFC 3339 in UTC, with microseconds."""

from collections.abc import Mapping

import msgspec

from moodtune.preferences.events import FeedbackEvent, ShownEvent

#: What somebody answered: a question's column -> the option, or the options of a question of many.
Answers = Mapping[str, str | tuple[str, ...]]


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking."""

    listener: str
    admin: bool


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token when it is made, the only moment at which its secret is known."""

    id: int
    secret: str


class TokenEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is listed."""

    id: int
    listener: str
    admin: bool
    created_at: str


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """All that a list needs to know of its listener.

    ``feedback``  every ban, and the newest of the rest; oldest first
    ``shown``     what was listed on earlier days, newest day first, each track once a day
    """

    feedback: tuple[FeedbackEvent, ...] = ()
    shown: tuple[ShownEvent, ...] = ()


class SavedAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """A listener's latest answers, and when they were given."""

    answers: Answers
    at: str


class PlaylistEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A saved list as it is listed; ``n`` tracks."""

    id: str
    name: str
    created_at: str
    n: int


class Playlist(msgspec.Struct, frozen=True, kw_only=True):
    """A saved list with its tracks in order."""

    id: str
    name: str
    created_at: str
    track_ids: tuple[str, ...]
