"""What is asked, and what is answered."""

from collections.abc import Mapping

import msgspec


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked: ids and values, never file names.

    Exactly one of ``mood``, ``blend`` and ``listener_profile`` is given.
    """

    mood: str | None = None  # a song mood, or a phrase of a listener mood
    blend: Mapping[str, float] | None = None  # song mood -> share, normalised when used
    listener_profile: Mapping[str, float] | None = None  # listener mood -> probability
    n: int = 10
    artist_cap: int = 2  # tracks per artist at most; every artist of a track counts
    artist_gap: int = 0  # places that lie between two tracks of one artist at least
    genres: tuple[str, ...] = ()  # any of them, whatever their case
    not_genres: tuple[str, ...] = ()  # none of them; wins over ``genres``
    year: tuple[int, int] | None = None  # first and last year that pass
    tempo: tuple[float, float] | None = None  # lowest and highest BPM that pass
    max_popularity: float | None = None  # in [0, 100]
    no_explicit: bool = False
    exclude: tuple[str, ...] = ()  # track ids; every id of the same song is excluded with it
    exclude_songs: tuple[tuple[str, str], ...] = ()  # (title, artists joined by ``;``)
    minutes: float | None = None  # length of the whole list at most


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """One place of the list."""

    rank: int  # from 1
    track_id: str
    title: str
    artist: str
    mood: str  # the mood that this place is given to
    score: float
    why: str
    url: str | None = None


class Recommendations(msgspec.Struct, frozen=True, kw_only=True):
    """The list, and what a reader needs to understand it; the object that ``--json`` prints."""

    query: Query
    listener_profile: Mapping[str, float] | None
    profile: Mapping[str, float]  # song mood -> share, sums to 1
    recommendations: tuple[Recommendation, ...]
    notes: tuple[str, ...] = ()
