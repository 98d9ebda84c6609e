"""An index as arrays: made once, kept beside the model, and used as it lies on disk.

What `TrackIndex` makes of a catalog's frame when a query first needs it takes seconds for a
million tracks. Here it is a set of named arrays instead, which a file holds
(`moodtune.artifacts.arrays`) and every process maps: nothing is read before a query comes to it,
and all processes share what has been. Both kinds of index give the same lists to the bit.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import DTYPES, DURATION_MS, EXPLICIT, GENRES, TITLE, URL
from moodtune.features.code_lists import Lists
from moodtune.moods.scores import MoodScores
from moodtune.moods.song_model import SongModel
from moodtune.moods.taxonomy import Taxonomy
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.ranking.blocks import Blocks
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.limits import LIMITED
from moodtune.ranking.texts import Texts
from moodtune.ranking.track_ids import IdTable

IndexArrays: TypeAlias = Mapping[str, NDArray[Any]]

#: The arrays of each kind of part, and their types and axes: n tracks, m moods, k features; an
#: axis of another letter is as long as the part has it everywhere, and ``+`` stands for one more.
_Form: TypeAlias = dict[str, tuple[str, tuple[str, ...]]]
_BLOCKS: _Form = {
    "rows": ("i4", ("n",)),
    "starts": ("i8", ("b+",)),
    "leading": ("i2", ("b",)),
    "highest": ("f4", ("m", "b")),
    "least": ("f4", ("b",)),
    "probabilities": ("f4", ("m", "n")),
    "strongest": ("f4", ("n",)),
}
_IDS: _Form = {
    "fingerprints": ("u8", ("i",)),
    "firsts": ("i8", ("f",)),
    "words": ("u8", ("i", "w")),
    "rows": ("i4", ("i",)),
}
_TEXTS: _Form = {"starts": ("i8", ("n+",)), "data": ("u1", ("c",)), "blank": ("b1", ("n",))}
_WORDS: _Form = {"starts": ("i8", ("q+",)), "data": ("u1", ("c",)), "blank": ("b1", ("q",))}
_LISTS: _Form = {"starts": ("i8", ("n+",)), "codes": ("i4", ("c",))}
_TURNED: _Form = {"starts": ("i8", ("t+",)), "codes": ("i4", ("c",))}
_ALONE: _Form = {
    "features": ("f4", ("n", "k")),
    "leading": ("i2", ("n",)),
    "strongest": ("f4", ("n",)),
    "durations": ("i8", ("n",)),
    "clean": ("b1", ("n",)),
    "explicit_blank": ("i8", ()),
    "genre_positions": ("i4", ("g",)),
}
PARTS: dict[str, _Form] = {
    "block": _BLOCKS,
    "ids": _IDS,
    "artists": _LISTS,
    "artists_turned": _TURNED,
    "genre_names": _WORDS,
    "genres": _LISTS,
    "genres_turned": _TURNED,
    "track_ids": _TEXTS,
    "titles": _TEXTS,
    "artist_names": _TEXTS,
    "urls": _TEXTS,
}
#: The column without which a catalog has no such array or part.
_NEEDS = {
    "durations": DURATION_MS,
    "clean": EXPLICIT,
    "explicit_blank": EXPLICIT,
    "genre_positions": GENRES,
    "genre_names": GENRES,
    "genres": GENRES,
    "genres_turned": GENRES,
    "urls": URL,
}

_NUMBER, _IN_BLOCKS = "number_", "in_blocks_"

_NUMERIC = tuple(name for name, kind in DTYPES.items() if kind.is_numeric())


def arrays_of(index: TrackIndex) -> dict[str, NDArray[Any]]:
    """Return everything that queries are answered from, as plain arrays."""
    return dict(_arrays(index))


def _arrays(index: TrackIndex) -> Iterator[tuple[str, NDArray[Any]]]:
    has = [name for name in DTYPES if index.columns.has(name)]
    parts = _parts(index)
    made = {
        f"{name}_{each}": as_array(getattr(part, each))
        for name, part in parts.items()
        for each in PARTS[name]
    }
    for name in names_of(has, index.song_model.features):
        yield name, made[name] if name in made else alone(index, name)


def names_of(has: Collection[str], features: tuple[str, ...]) -> list[str]:
    """Return the names of all arrays of an index of a catalog that ``has`` these columns."""
    return sorted(["columns", *(name for name, _ in _expected(has, features))])


def as_array(value: NDArray[Any] | bytes | memoryview) -> NDArray[Any]:
    """Return text as an array of its bytes; an array as it is."""
    return value if isinstance(value, np.ndarray) else np.frombuffer(value, np.uint8)


def alone(index: TrackIndex, name: str) -> NDArray[Any]:
    """Return an array of an index that is of no part."""
    columns = index.columns
    if name == "columns":
        return np.array([column for column in DTYPES if columns.has(column)])
    if name in ("features", "genre_positions", "leading", "strongest"):
        found: NDArray[Any] = getattr(index, name)
        return found
    if name.startswith(_IN_BLOCKS):
        return index.in_blocks(name.removeprefix(_IN_BLOCKS))
    return _alone_in_a_column(columns, name)


def _alone_in_a_column(columns: TrackColumns, name: str) -> NDArray[Any]:
    if name.startswith(_NUMBER):
        return columns.numbers(name.removeprefix(_NUMBER))
    if name == "explicit_blank":
        return np.array(columns.explicit_blank)
    return columns.durations_ms if name == "durations" else columns.clean


def _parts(index: TrackIndex) -> dict[str, Blocks | IdTable | Lists | Texts]:
    columns = index.columns
    parts: dict[str, Blocks | IdTable | Lists | Texts] = {
        "block": index.blocks,
        "ids": columns.ids,
        "artists": columns.artists,
        "artists_turned": columns.artists.turned,
        "track_ids": columns.track_ids,
        "titles": columns.titles,
        "artist_names": columns.artist_names,
    }
    if columns.has(GENRES):
        parts |= {"genres": columns.genres, "genres_turned": columns.genres.turned}
        parts["genre_names"] = columns.genre_names
    if columns.urls is not None:
        parts["urls"] = columns.urls
    return parts


def _number(name: str) -> str:
    return f"{_NUMBER}{name}"


def _in_blocks(name: str) -> str:
    return f"{_IN_BLOCKS}{name}"


def index_of(
    arrays: IndexArrays,
    tracks: Callable[[], pl.DataFrame],
    *,
    taxonomy: Taxonomy,
    song_model: SongModel,
    scores: MoodScores,
    histories: CollaborativeModel | None = None,
) -> TrackIndex:
    """Return the index that ``arrays_of`` gave the arrays of; ValueError if they do not fit.

    ``tracks``  returns the catalog's frame, for what is seldom asked: songs by name, taste
    """
    sizes = {"n": len(scores), "m": len(scores.moods), "k": len(song_model.features)}
    _check(arrays, song_model.features, sizes)
    return _StoredIndex(
        arrays=arrays,
        columns=_StoredColumns(arrays, song_model.features, tracks),
        taxonomy=taxonomy,
        song_model=song_model,
        scores=scores,
        made_of=scores,
        histories=histories,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _StoredIndex(TrackIndex):
    """An index whose parts are ``arrays`` of a file; what they do not hold is made as ever."""

    arrays: IndexArrays
    made_of: MoodScores

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.made_of is not self.scores:
            raise ValueError("an index of other scores; make one of the columns and these scores")

    def in_blocks(self, name: str) -> NDArray[Any]:
        return self.arrays[_in_blocks(name)]

    @cached_property
    def features(self) -> NDArray[np.float32]:
        return self.arrays["features"]

    @cached_property
    def genre_positions(self) -> NDArray[np.int32]:
        return self.arrays["genre_positions"]

    @cached_property
    def leading(self) -> NDArray[np.int16]:
        return self.arrays["leading"]

    @cached_property
    def strongest(self) -> NDArray[np.float32]:
        return self.arrays["strongest"]

    @cached_property
    def blocks(self) -> Blocks:
        return Blocks(**_part(self.arrays, "block"))


class _StoredColumns(TrackColumns):
    """The columns of a catalog, as arrays that were made before."""

    def __init__(
        self, arrays: IndexArrays, features: tuple[str, ...], tracks: Callable[[], pl.DataFrame]
    ) -> None:
        super().__init__(tracks)
        self._arrays = arrays
        self._names = frozenset(arrays["columns"].tolist())
        self._features = features

    def __len__(self) -> int:
        return len(self._arrays["leading"])

    def has(self, name: str) -> bool:
        return name in self._names

    def numbers(self, name: str) -> NDArray[np.float32]:
        if name in self._features:
            column: NDArray[np.float32] = self._arrays["features"][:, self._features.index(name)]
            return column
        return self._arrays[_number(name)]

    @cached_property
    def durations_ms(self) -> NDArray[np.int64]:
        return self._arrays["durations"]

    @cached_property
    def artists(self) -> Lists:
        return self._lists("artists", ())

    @cached_property
    def genres(self) -> Lists:
        if not self.has(GENRES):
            return super().genres
        words = self._texts("genre_names")
        return self._lists("genres", tuple(words[i] or "" for i in range(len(words.blank))))

    @cached_property
    def clean(self) -> NDArray[np.bool_]:
        return self._arrays["clean"]

    @cached_property
    def explicit_blank(self) -> int:
        return int(self._arrays["explicit_blank"])

    @cached_property
    def track_ids(self) -> Texts:
        return self._texts("track_ids")

    @cached_property
    def titles(self) -> Texts:
        return self._texts("titles")

    @cached_property
    def artist_names(self) -> Texts:
        return self._texts("artist_names")

    @cached_property
    def urls(self) -> Texts | None:
        return self._texts("urls") if self.has(URL) else None

    @cached_property
    def ids(self) -> IdTable:
        return IdTable(**_part(self._arrays, "ids"))

    def _texts(self, name: str) -> Texts:
        part = _part(self._arrays, name)
        return Texts(starts=part["starts"], data=part["data"].data, blank=part["blank"])

    def _lists(self, name: str, names: tuple[str, ...]) -> Lists:
        part, turned = _part(self._arrays, name), _part(self._arrays, f"{name}_turned")
        known = Lists(names=(), starts=turned["starts"], codes=turned["codes"])
        return Lists(names=names, starts=part["starts"], codes=part["codes"], known=known)


def _part(arrays: IndexArrays, name: str) -> dict[str, NDArray[Any]]:
    return {each: arrays[f"{name}_{each}"] for each in PARTS[name]}


def _check(arrays: IndexArrays, features: tuple[str, ...], sizes: Mapping[str, int]) -> None:
    """Raise ValueError for other arrays than an index has, or of other types or lengths.

    What lies in them is not looked at: an index of ten million tracks is open at once.
    """
    if "columns" not in arrays or arrays["columns"].dtype.kind != "U":
        raise ValueError("the index does not name its columns")
    expected = dict(_expected(arrays["columns"].tolist(), features))
    if odd := {"columns", *expected} ^ set(arrays):
        raise ValueError(f"the index should have these arrays or no such: {', '.join(sorted(odd))}")
    known: dict[tuple[str, str], int] = {}
    for name, (part, dtype, axes) in expected.items():
        array = arrays[name]
        if array.dtype != np.dtype(dtype) or array.ndim != len(axes):
            raise ValueError(f"the index's {name} is {array.dtype} with {array.ndim} axes")
        for axis, length in zip(axes, array.shape, strict=True):
            letter, more = axis[0], len(axis) - 1
            wanted = sizes.get(letter, known.setdefault((part, letter), length - more))
            if length - more != wanted:
                raise ValueError(f"the index's {name} is of {length}, expected {wanted + more}")
    for part, form in PARTS.items():
        starts = arrays.get(f"{part}_starts")
        filled = next((f"{part}_{each}" for each in ("codes", "data") if each in form), "leading")
        if starts is not None and [starts[0], starts[-1]] != [0, len(arrays[filled])]:
            raise ValueError(f"the index's {part}_starts do not go from 0 to its end")


def _expected(
    columns: Collection[str], features: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, str, tuple[str, ...]]]]:
    """Yield the name of each array, and its part, type and axes."""
    for name, (dtype, axes) in _ALONE.items():
        if _NEEDS.get(name, TITLE) in columns:
            yield name, ("", dtype, axes)
    for name in set(columns).intersection(_NUMERIC).difference(features):
        yield _number(name), ("", "f4", ("n",))
    for name in set(columns).intersection(LIMITED):
        yield _in_blocks(name), ("", "b1" if name == EXPLICIT else "f4", ("n",))
    for name, form in PARTS.items():
        if _NEEDS.get(name, TITLE) in columns:
            for each, (dtype, axes) in form.items():
                yield f"{name}_{each}", (name, dtype, axes)
