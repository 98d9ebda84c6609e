"""Which column of a table means what: names as people write them to names of the schema."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from moodtune.catalog.schema import (
    ALBUM,
    ARTISTS,
    AUDIO_FEATURES,
    CARRIED_NUMBERS,
    DURATION_MS,
    EXPLICIT,
    GENRES,
    ISRC,
    MIN_OTHER_FEATURES,
    MUSICBRAINZ_ID,
    PATH,
    POPULARITY,
    RELEASE_DATE,
    REQUIRED_FEATURES,
    TITLE,
    TRACK_ID,
    URL,
    YEAR,
)

#: Other names of a column, the more telling first: where a table has two of them, the first one
#: in this order is read and the other is listed as unused. Upper and lower case, spaces,
#: underscores and punctuation make no difference, nor does a unit in parentheses.
ALIASES: Mapping[str, tuple[str, ...]] = {
    TRACK_ID: ("spotify_id", "spotify_track_id", "track_uri", "spotify_uri", "uri", "id"),
    TITLE: ("track_name", "track_title", "song_title", "song_name", "track", "song", "name"),
    ARTISTS: ("artist_names", "artist_name", "track_artists", "track_artist", "artist"),
    "loudness": ("loudness_db",),
    "tempo": ("tempo_bpm", "bpm", "beats_per_minute", "beats_per_minute_bpm"),
    DURATION_MS: ("track_duration_ms", "track_duration", "duration", "length", "length_duration"),
    POPULARITY: ("track_popularity",),
    GENRES: ("track_genres", "track_genre", "genre", "playlist_genre"),
    YEAR: ("release_year", "released_year"),
    RELEASE_DATE: ("track_album_release_date", "album_release_date"),
    EXPLICIT: ("track_explicit",),
    ALBUM: ("album_name", "track_album_name"),
    URL: ("track_url", "spotify_url"),
    PATH: ("file_path",),
    ISRC: ("track_isrc",),
    MUSICBRAINZ_ID: ("mbid", "recording_mbid", "musicbrainz_recordingid", "musicbrainz_trackid"),
}

_UNNAMED = re.compile(r"(_*unnamed[\s_:]*\d*(_level_\d+)?|index|column_0)?", re.IGNORECASE)
_SHOWN_COLUMNS = 30
_SHOWN_LETTERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """``columns``: schema name to name in the table; ``unused``: what nothing reads, in order."""

    columns: Mapping[str, str]
    unused: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """Audio features found, in schema order."""
        return tuple(name for name in AUDIO_FEATURES if name in self.columns)

    def without(self, names: Iterable[str]) -> "ColumnMap":
        """Return the map with the schema names ``names`` moved to what is unused."""
        gone = [name for name in names if name in self.columns]
        return ColumnMap(
            columns={k: v for k, v in self.columns.items() if k not in gone},
            unused=(*self.unused, *(self.columns[name] for name in gone)),
        )


def simplified(name: str) -> str:
    """Return what two spellings of one column name share.

    >>> simplified("Artist Name(s)") == simplified("artist_names")
    True
    """
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _names(canonical: str) -> tuple[str, ...]:
    return (canonical, *ALIASES.get(canonical, ()))


_CANONICAL = (
    *(TRACK_ID, TITLE, ARTISTS),
    *AUDIO_FEATURES,
    *CARRIED_NUMBERS,
    *(GENRES, RELEASE_DATE, EXPLICIT, ALBUM, URL, PATH, ISRC, MUSICBRAINZ_ID),
)
_MEANING: Mapping[str, tuple[str, int]] = {
    simplified(alias): (canonical, place)
    for canonical in _CANONICAL
    for place, alias in enumerate(_names(canonical))
}


def meaning(column: str) -> str | None:
    """Return the schema name that ``column`` stands for, or nothing."""
    found = _MEANING.get(simplified(column))
    return found[0] if found else None


def map_columns(names: Sequence[str]) -> ColumnMap:
    """Say which of ``names`` is which column of the schema.

    Of two that claim one meaning the exact schema name comes first, then the order of
    ``ALIASES``, then their order in the table. A leading index without a name is dropped.
    """
    if names and _UNNAMED.fullmatch(names[0]):
        names = names[1:]
    claims: dict[str, list[tuple[int, bool, int]]] = {}
    for position, name in enumerate(names):
        if found := _MEANING.get(simplified(name)):
            canonical, place = found
            claims.setdefault(canonical, []).append((place, name != canonical, position))
    best = {name: names[min(claims[name])[2]] for name in _CANONICAL if name in claims}
    read = set(best.values())
    return ColumnMap(columns=best, unused=tuple(name for name in names if name not in read))


def missing_of_a_track_table(found: ColumnMap) -> str | None:
    """Say what ``found`` lacks to be a table of tracks, as the rest of a sentence; or nothing."""
    faults = (_missing_identity(found), _missing_features(found))
    return "; ".join(fault for fault in faults if fault) or None


def _missing_identity(found: ColumnMap) -> str | None:
    if TRACK_ID in found.columns or (TITLE in found.columns and ARTISTS in found.columns):
        return None
    lacking = [name for name in (TRACK_ID, TITLE, ARTISTS) if name not in found.columns]
    return (
        "a table of tracks needs a track id (track_id, id, uri), or a title (title, track_name, "
        f"name) and artists (artists, artist_name){_nearest(lacking, found)}"
    )


def _missing_features(found: ColumnMap) -> str | None:
    lacking = [name for name in AUDIO_FEATURES if name not in found.columns]
    others = [name for name in found.features if name not in REQUIRED_FEATURES]
    absent = [name for name in REQUIRED_FEATURES if name in lacking]
    if not absent and len(others) >= MIN_OTHER_FEATURES:
        return None
    return (
        f"it needs {' and '.join(REQUIRED_FEATURES)} and at least {MIN_OTHER_FEATURES} other audio "
        f"features, and has {', '.join(found.features) or 'none'}; not found: "
        f"{', '.join(lacking)}{_nearest(lacking, found)}"
    )


def _nearest(lacking: Sequence[str], found: ColumnMap) -> str:
    """Name unused columns that may be a misspelt one of ``lacking``."""
    spellings = {simplified(alias): name for name in lacking for alias in _names(name)}
    guesses = []
    for column in found.unused:
        near = difflib.get_close_matches(simplified(column), spellings, n=1, cutoff=0.8)
        guesses += [f"is {_short(column)!r} meant to be {spellings[name]}?" for name in near]
    return f" ({' '.join(guesses[:3])})" if guesses else ""


def listed(names: Sequence[str]) -> str:
    """Return column names for a sentence, long lists and long names cut, and said to be."""
    shown = ", ".join(_short(name) for name in names[:_SHOWN_COLUMNS])
    rest = len(names) - _SHOWN_COLUMNS
    return f"{shown} and {rest} more" if rest > 0 else shown or "none"


def _short(name: str) -> str:
    return name if len(name) <= _SHOWN_LETTERS else name[: _SHOWN_LETTERS - 1] + "…"
