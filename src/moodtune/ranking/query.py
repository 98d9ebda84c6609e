"""What is asked, and what is answered."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.journeys import Journey, JourneyReport
from moodtune.ranking.stops import Stop

#: Places of a list that says neither how many nor how long.
DEFAULT_N = 10


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is asked: ids and values, never file names.

    Exactly one of ``mood``, ``blend``, ``listener_profile`` and ``journey`` is given; but a journey
    without a start begins where the listener of ``listener_profile`` is.
    """

    mood: str | None = None  # a song mood, or a phrase of a listener mood
    blend: Mapping[str, float] | None = None  # song mood -> share, normalised when used
    listener_profile: Mapping[str, float] | None = None  # listener mood -> probability
    journey: Journey | None = None  # from one mood to another
    n: int | None = None  # places at most; DEFAULT_N, or with ``minutes`` as many as fit
    artist_cap: int = 2  # tracks per artist at most; every artist of a track counts
    artist_gap: int = 0  # places that lie between two tracks of one artist at least
    genres: tuple[str, ...] = ()  # any of them, whatever their case
    not_genres: tuple[str, ...] = ()  # none of them; wins over ``genres``
    year: tuple[int, int] | None = None  # first and last year that pass
    tempo: tuple[float, float] | None = None  # lowest and highest BPM that pass
    max_popularity: float | None = None  # in [0, 100]
    no_explicit: bool = False
    exclude: tuple[str, ...] = ()  # track ids; every id of the same song is excluded with it
    exclude_songs: tuple[tuple[str, str], ...] = ()  # (title, artists joined by ``;`` or ``, ``)
    minutes: float | None = None  # length of the whole list at most
    diversity: float = 0  # in [0, 1]: how much being unlike the rest of the list counts
    seed: int | None = None  # draws the order of tracks that fit about equally; None: by id
    likes: tuple[str, ...] | None = None  # track ids; None: nobody was asked
    feedback: tuple[FeedbackEvent, ...] = ()  # what was liked, skipped and banned, in which mood
    shown: tuple[ShownEvent, ...] = ()  # what was listed, and when
    today: str | None = None  # the day, as in 2026-11-23; feedback and shown need it


class Trait(msgspec.Struct, frozen=True, kw_only=True):
    """A feature of a track that speaks for the mood of its place.

    ``value``   in ``unit``, as the catalog has it
    ``rank``    among the catalog's tracks, in [0, 1]: low, middling or high is meant by it
    ``speaks``  how much it speaks for the mood, a logarithm of odds (``SongModel.contributions``);
                below 0 it speaks against it
    """

    feature: str
    value: float
    unit: str
    rank: float
    speaks: float


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """What a track stands beside: the one of those listed before it that it is most alike to.

    ``similarity``  in [0, 1], as ``ranking.variety`` has it; of equals the first one listed
    """

    rank: int
    track_id: str
    similarity: float


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """One place of the list, and why: in numbers, and in a sentence made from nothing else.

    ``valence``, ``arousal``  where the track lies on the plane, both in [0, 1]
    ``score``  the sum of ``parts``, rounding aside: how well the track fits its place. Asked for
               diversity d it is the worth by maximal marginal relevance, (1 - d) * fit
               - d * similarity to the nearest track before: the part ``diversity`` is the
               price, -d * (fit + similarity). A seed draws the order of tracks that fit about
               equally; the score is about the fit, not about the lot.
    ``why``    ``sentences.sentence`` of the other fields; on a journey it says what changes from
               the track before rather than what the track stands beside
    """

    rank: int  # from 1
    track_id: str
    title: str
    artist: str
    mood: str  # the mood that this place is given to
    valence: float
    arousal: float
    score: float
    why: str
    url: str | None = None
    instead_of: str | None = None  # the mood whose turn it was, where another took the place
    parts: Mapping[str, float] = {}  # what the score is made of, by the names in ``score_parts``
    traits: tuple[Trait, ...] = ()  # what speaks most for the mood, most first; none on a journey
    shown_days_ago: int | None = None  # by the query's ``shown``, before today; None: not at all
    beside: Beside | None = None  # None at the first place
    stop: Stop | None = None  # where it lies on a journey, and what changes there


class Listed(NamedTuple):
    """A place of a list without its reasons."""

    track_id: str
    mood: str  # the mood that this place is given to
    score: float


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """How near the list comes to the shares that were asked for.

    ``given``  song mood -> share of the places; sums to 1, or to 0 without any place
    ``l1``     sum of |asked - given|, in [0, 2]
    ``kl``     Kullback-Leibler divergence of calibrated recommendation, at least 0
               (``ranking.mix`` has the formula)
    """

    given: Mapping[str, float]
    l1: float
    kl: float


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """What diversity cost: means over the list.

    ``similarity``  of all pairs of tracks, in [0, 1]; None with fewer than two
    ``fit``         of each track to its place: its score without the price; None without any
    The same of the list without diversity, so that the price is seen; None where the list itself
    is that list.
    """

    similarity: float | None
    fit: float | None
    similarity_without: float | None = None
    fit_without: float | None = None


class Recommendations(msgspec.Struct, frozen=True, kw_only=True):
    """The list, and what a reader needs to understand it; the object that ``--json`` prints."""

    query: Query
    listener_profile: Mapping[str, float] | None
    profile: Mapping[str, float]  # song mood -> share asked for, sums to 1
    recommendations: tuple[Recommendation, ...]
    notes: tuple[str, ...] = ()
    mix: Mix
    spread: Spread
    journey: JourneyReport | None = None
