"""The aggregate figures that samples are drawn from: shares, quantiles and ties, and no row.

``benchmarks/make_aggregates.py`` computes them from real tables. A figure that fewer than
``MIN_PEOPLE`` people stand behind is left out there.
"""

from functools import cache
from importlib import resources

import msgspec

MIN_PEOPLE = 5


class Feature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A numeric column of the tracks, and how its values are written."""

    name: str
    low: float
    high: float
    decimals: int
    log: bool = False  # quantiles are joined by straight lines in log10, not in the value


class Genre(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a genre's tracks, per feature in the order of ``Tracks.features``.

    ``zeros``         share of tracks whose value is exactly 0
    ``quantiles``     of the other tracks, at ``Tracks.levels``
    ``correlations``  of normal scores: the rows of the matrix below its diagonal, one by one
    """

    name: str
    explicit: float  # share of tracks
    major: float  # share of tracks in a major key
    zeros: list[float]
    quantiles: list[list[float]]
    correlations: list[float]


class Tracks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a catalog's tracks."""

    levels: list[float]
    features: list[Feature]
    genres: list[Genre]
    years: list[float]  # quantiles at ``levels``
    keys: list[float]  # shares of the pitch classes 0 to 11
    time_signatures: dict[str, float]
    artists_per_track: list[float]  # shares of tracks with 1, 2, 3, ... artists


class MoodSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Listener moods that people ticked together, by index, and the share of people who did."""

    ticked: list[int]
    share: float


class Blanks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share of people who left a question blank, by their answer to an earlier one."""

    question: str
    shares: dict[str, float]


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A column of the survey.

    The log-odds of an option are its ``base`` plus its ``ties`` to the moods that were ticked:
    of naming it rather than another option, or of ticking it where ``several`` may be ticked.
    """

    name: str
    options: list[str]
    base: list[float]
    ties: list[list[float]]  # [shape=(n_options, n_moods)]
    several: bool = False
    numbers: bool = False
    free_text: float = 0.0  # share of people with an answer of their own
    blanks: Blanks | None = None


class Listeners(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a survey's answers."""

    mood_column: str
    mood_position: int  # the mood column's place among all columns
    moods: list[str]
    mood_sets: list[MoodSet]
    questions: list[Question]


class Aggregates(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All figures that samples are drawn from."""

    about: str
    tracks: Tracks
    listeners: Listeners


@cache
def aggregates() -> Aggregates:
    """Return the figures that ship with the package."""
    text = resources.files(__package__).joinpath("aggregates.json").read_bytes()
    return msgspec.json.decode(text, type=Aggregates)
