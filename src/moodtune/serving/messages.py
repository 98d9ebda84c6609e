"""What is asked over HTTP, and what is answered; lists are ``ranking.query.Recommendations``.

Numbers are as in ``ranking.query.Query``; what a schema cannot say is checked where it is used.
"""

from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import Meta

from moodtune.ranking.query import Query
from moodtune.ranking.selection import MAX_N

#: What a query is that does not say.
_DEFAULTS = {field.name: field.default for field in msgspec.structs.fields(Query)}

_Text: TypeAlias = Annotated[str, Meta(max_length=500)]
_Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=500)]
_Share: TypeAlias = Annotated[float, Meta(ge=0, le=1e6)]
_Unit: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
_Day: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
_Year: TypeAlias = Annotated[int, Meta(ge=0, le=9999)]
_Tempo: TypeAlias = Annotated[float, Meta(ge=0, le=1000)]
_Seed: TypeAlias = Annotated[int, Meta(ge=-(2**53), le=2**53)]
#: A cell of a behavior table: several answers where several may be ticked; null where blank.
Answer: TypeAlias = str | list[str] | None
Answers: TypeAlias = dict[str, Answer]


class _Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client sends: unknown keys are refused."""


class JourneyRequest(_Request, frozen=True, kw_only=True):
    """Where a journey leads; without a start it begins where the answers or profile are."""

    goal: str | tuple[_Unit, _Unit]
    start: str | tuple[_Unit, _Unit] | None = None
    step: Annotated[float, Meta(gt=0, le=2)] | None = None


class RecommendationRequest(_Request, frozen=True, kw_only=True):
    """A query; exactly one of its first five, but a journey may begin at answers or a profile.

    ``answers``  as for ``POST /v1/mood``; they are not stored
    ``profile``  listener mood -> probability
    ``likes``    of other tracks than the feedback says, as if they were liked today
    ``today``    the day that feedback and what was shown are reckoned from; the clock's in UTC
    """

    mood: _Text | None = None
    blend: dict[str, _Share] | None = None
    answers: Answers | None = None
    profile: dict[str, _Unit] | None = None
    journey: JourneyRequest | None = None
    n: Annotated[int, Meta(ge=1, le=MAX_N)] | None = None
    artist_cap: Annotated[int, Meta(ge=1, le=MAX_N)] = _DEFAULTS["artist_cap"]
    artist_gap: Annotated[int, Meta(ge=0, le=MAX_N)] = _DEFAULTS["artist_gap"]
    genres: tuple[_Text, ...] = ()
    not_genres: tuple[_Text, ...] = ()
    year: tuple[_Year, _Year] | None = None
    tempo: tuple[_Tempo, _Tempo] | None = None
    max_popularity: Annotated[float, Meta(ge=0, le=100)] | None = None
    no_explicit: bool = _DEFAULTS["no_explicit"]
    exclude: tuple[_Text, ...] = ()
    exclude_songs: tuple[tuple[_Text, _Text], ...] = ()
    minutes: Annotated[float, Meta(gt=0, le=1440)] | None = None
    diversity: _Unit = _DEFAULTS["diversity"]
    seed: _Seed | None = None
    likes: tuple[_Text, ...] | None = None
    today: _Day | None = None


class SessionRequest(_Request, frozen=True, kw_only=True):
    """A token, for a cookie."""

    token: Annotated[str, Meta(min_length=1, max_length=200)]


class MoodRequest(_Request, frozen=True, kw_only=True):
    """What a listener has answered so far: column -> cell."""

    answers: Answers = {}


class FeedbackRequest(_Request, frozen=True, kw_only=True):
    """What a listener did with a track that was listed for a mood.

    ``key``  names the event, so that it can be sent again; made where it is left out
    """

    track_id: _Id
    mood: _Text
    action: Literal["like", "skip", "ban"]
    key: Annotated[str, Meta(pattern=r"^[0-9A-Za-z_:~-][0-9A-Za-z._:~-]{0,99}$")] | None = None


class PlaylistRequest(_Request, frozen=True, kw_only=True):
    """A list to keep."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    track_ids: Annotated[list[_Id], Meta(min_length=1)]


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a client gets."""


class Me(_Answer, frozen=True, kw_only=True):
    """Who is asking."""

    listener: str
    admin: bool
    local: bool
    signed_in: bool


class GenreCount(_Answer, frozen=True, kw_only=True):
    """A genre, and how many tracks have it."""

    name: str
    tracks: int


class CatalogAnswer(_Answer, frozen=True, kw_only=True):
    """What there is to choose from, and which limits can be kept.

    ``year``, ``tempo``  the least and the greatest that a track has; null where none has any
    ``questions``        whether the model can ask a listener
    """

    tracks: int
    synthetic: bool
    generation: int
    genres: list[GenreCount]
    year: tuple[int, int] | None
    tempo: tuple[float, float] | None
    popularity: bool
    explicit: bool
    minutes: bool
    questions: bool


class MoodAnswer(_Answer, frozen=True, kw_only=True):
    """A mood; one that is not offered is listed only by name.

    ``valence, arousal``  where the taxonomy puts the word on the plane
    ``here``              valence and arousal where the catalog's tracks of the mood lie: where a
                          journey that names it begins or ends
    """

    name: str
    valence: float
    arousal: float
    here: tuple[float, float]
    offered: bool


class ListenerMoodAnswer(_Answer, frozen=True, kw_only=True):
    """A mood that a listener can be in, and the song moods that it wants."""

    name: str
    phrases: list[str]
    weights: dict[str, float]


class MoodsAnswer(_Answer, frozen=True, kw_only=True):
    """The taxonomy."""

    moods: list[MoodAnswer]
    listener_moods: list[ListenerMoodAnswer]


class QuestionAnswer(_Answer, frozen=True, kw_only=True):
    """A question.

    ``options``    the answers that can be chosen; none for a number or a date
    ``blank``      whether leaving it blank says something too: then null is an answer
    ``several``    whether several may be chosen
    ``low, high``  what most numbers or dates lie between
    """

    column: str
    wording: str
    kind: Literal["one", "several", "number", "date"]
    options: list[str]
    blank: bool
    several: bool
    low: str | None
    high: str | None


class QuestionsAnswer(_Answer, frozen=True, kw_only=True):
    """The questions, the one that tells most first."""

    questions: list[QuestionAnswer]


class MoodProfileAnswer(_Answer, frozen=True, kw_only=True):
    """How likely each listener mood is, whether that is sure, and what to ask next.

    ``left``  how many questions there are to come at most
    """

    probabilities: dict[str, float]
    sure: bool
    next: QuestionAnswer | None
    left: int


class FeedbackAnswer(_Answer, frozen=True, kw_only=True):
    """The event as it is stored."""

    key: str
    track_id: str
    mood: str
    action: Literal["like", "skip", "ban"]
    at: str


class TrackLine(_Answer, frozen=True, kw_only=True):
    """A track in a list."""

    track_id: str
    title: str
    artist: str
    mood: str
    url: str | None


class TracksAnswer(_Answer, frozen=True, kw_only=True):
    """Tracks, the best match first."""

    tracks: list[TrackLine]


class NearTrack(_Answer, frozen=True, kw_only=True):
    """A track that is like another."""

    track_id: str
    title: str
    artist: str
    mood: str
    url: str | None
    similarity: float


class TrackAnswer(_Answer, frozen=True, kw_only=True):
    """All that is known of a track; ``profile`` is song mood -> probability."""

    track_id: str
    title: str
    artist: str
    mood: str
    url: str | None
    year: int | None
    genres: list[str]
    profile: dict[str, float]
    valence: float
    arousal: float
    features: dict[str, float]
    nearest: list[NearTrack]


class MapAnswer(_Answer, frozen=True, kw_only=True):
    """The catalog's tracks on the plane, thinned; arrays of ``points`` numbers each, as base64.

    ``tracks``            tracks of the catalog
    ``valence, arousal``  uint16, little-endian: the place times 65535
    ``mood``              uint8, a place in ``moods``
    ``row``               uint32, little-endian, for ``GET /v1/map/{row}``
    """

    generation: int
    moods: list[str]
    points: int
    tracks: int
    valence: str
    arousal: str
    mood: str
    row: str


class PlaylistAnswer(_Answer, frozen=True, kw_only=True):
    """A list that is kept; tracks that the catalog no longer has have no title."""

    id: str
    name: str
    created_at: str
    tracks: list[TrackLine]


class PlaylistLine(_Answer, frozen=True, kw_only=True):
    """A kept list among others."""

    id: str
    name: str
    created_at: str
    n: int


class PlaylistsAnswer(_Answer, frozen=True, kw_only=True):
    """The lists that are kept, the newest first."""

    playlists: list[PlaylistLine]


class HealthAnswer(_Answer, frozen=True, kw_only=True):
    """That the service is there."""

    status: Literal["ok"]
    generation: int


#: Everything stored about a listener, as the store names it.
ExportAnswer: TypeAlias = dict[str, Any]
