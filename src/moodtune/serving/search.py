"""Tracks by the beginnings of words in their titles and artists, however they are spelled.

A track is found where every word of the text begins a word of its title or of its artists. Found
tracks stand in this order: the title is the text, the title begins with it, an artist does, any
other; within each the most popular first, then by id.

Words are folded: compatibility and accents (NFKD without marks), case, apostrophes, and letters
that Unicode does not take apart (ß, ø, ł). All that is looked up is made once, when a model comes.
"""

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import ARTISTS, POPULARITY, TITLE

#: A track's place among all: 0 is the most popular, ties by id.
Places = NDArray[np.uint32]

#: Letters that stay whole under NFKD, and what people type for them; apostrophes are not typed.
_WHOLE = {
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h",
    "ŋ": "n", "ı": "i", "'": "", "’": "", "ʼ": "", "`": "", "´": "",  # noqa: RUF001 -- as typed
}  # fmt: skip
_MARKS, _BETWEEN = r"\p{M}+", r"[^\p{L}\p{N}]+"
#: The same for a text in ASCII, as the standard library takes it.
_ASCII_APOSTROPHES, _ASCII_BETWEEN = re.compile("['`]"), re.compile("[^0-9a-z]+")
_TEXT, _PLACE = "text", "place"
#: Above every byte that UTF-8 has.
_LAST = b"\xff"
#: Words of a text beyond these say nothing that the first have not said.
_MOST_WORDS = 8
#: Fewer postings than one in so many tracks are sorted; more are marked among all.
_FEW = 32


def folded(text: str) -> str:
    """Return a text as words of letters and digits with single spaces between, folded.

    >>> folded("  Sigur Rós: Ágætis_byrjun!"), folded("Don't Stop")
    ('sigur ros agaetis byrjun', 'dont stop')
    """
    if not text.isascii():
        return str(all_folded(pl.Series([text]))[0])
    return _ASCII_BETWEEN.sub(" ", _ASCII_APOSTROPHES.sub("", text.lower())).strip()


def all_folded(texts: pl.Series) -> pl.Series:
    """Return `folded` texts, all at once."""
    return (
        texts.str.normalize("NFKD")
        .str.to_lowercase()
        .str.replace_many(list(_WHOLE), list(_WHOLE.values()))
        .str.replace_all(_MARKS, "")
        .str.replace_all(_BETWEEN, " ")
        .str.strip_chars(" ")
    )


class _Lexicon:
    """Distinct texts in order, and the tracks of each; ``pairs`` has ``text`` and ``place``.

    The texts lie one after another as UTF-8, whose bytes sort as its characters do, so that looking
    one up makes no more objects than it compares.
    """

    def __init__(self, pairs: pl.DataFrame) -> None:
        ordered = pairs.filter(pl.col(_TEXT) != "").unique().sort(_TEXT, _PLACE)
        counts = ordered.group_by(_TEXT, maintain_order=True).len()
        self._bytes = "".join(counts[_TEXT]).encode()
        self._ends = _sums(counts[_TEXT].str.len_bytes())
        self._starts = _sums(counts["len"])
        self._places = ordered[_PLACE].to_numpy().astype(np.uint32)

    def beginning(self, prefix: str) -> Places:
        """Return the tracks of all texts that begin so; a track may come again."""
        return self._between(prefix.encode(), prefix.encode() + _LAST)

    def equal(self, text: str) -> Places:
        """Return the tracks of one text."""
        return self._between(text.encode(), text.encode() + b"\x00")

    def _between(self, low: bytes, high: bytes) -> Places:
        return self._places[self._starts[self._find(low)] : self._starts[self._find(high)]]

    def _find(self, text: bytes) -> int:
        """Return how many texts stand before one."""
        low, high = 0, len(self._ends) - 1
        while low < high:
            middle = (low + high) // 2
            if self._bytes[self._ends[middle] : self._ends[middle + 1]] < text:
                low = middle + 1
            else:
                high = middle
        return low


def _sums(counts: pl.Series) -> NDArray[np.int64]:
    """Return the sums of the first 0, 1, 2, ... of some counts."""
    sums: NDArray[np.int64] = np.concatenate([[0], np.cumsum(counts.to_numpy(), dtype=np.int64)])
    return sums


class TrackSearch:
    """What a catalog's tracks are found by."""

    def __init__(self, tracks: pl.DataFrame) -> None:
        self._rows = _by_standing(tracks)
        places = np.empty(tracks.height, dtype=np.uint32)
        places[self._rows] = np.arange(tracks.height, dtype=np.uint32)
        place = pl.Series(_PLACE, places)
        titles = pl.DataFrame([all_folded(tracks[TITLE].fill_null("")).alias(_TEXT), place])
        artists = pl.DataFrame([tracks[ARTISTS].alias(_TEXT), place]).explode(_TEXT).drop_nulls()
        artists = artists.with_columns(all_folded(artists[_TEXT]))
        self._titles, self._artists = _Lexicon(titles), _Lexicon(artists)
        words = pl.concat([titles, artists]).with_columns(pl.col(_TEXT).str.split(" "))
        self._words = _Lexicon(words.explode(_TEXT))

    def find(self, text: str, limit: int) -> list[int]:
        """Return the rows of at most ``limit`` tracks, the best match first."""
        wanted = folded(text)
        if not wanted:
            return []
        found: dict[int, None] = {}
        for places in (
            self._titles.equal(wanted),
            self._titles.beginning(wanted),
            self._artists.beginning(wanted),
            self._with_all(wanted.split(" ")[:_MOST_WORDS]),
        ):
            # Those found already stand among the first of the next kind, if they are there.
            for place in self._first(places, limit + len(found)):
                found.setdefault(place)
            if len(found) >= limit:
                break
        return [int(self._rows[place]) for place in list(found)[:limit]]

    def _with_all(self, words: list[str]) -> Places:
        """Return the tracks in which every word of a text begins one of theirs."""
        places, *others = sorted(map(self._words.beginning, dict.fromkeys(words)), key=len)
        for other in others:
            if not len(places):
                break  # the rarest words have nothing in common: the others need not be looked at
            has = np.zeros(len(self._rows), dtype=np.bool_)
            has[other] = True
            places = places[has[places]]
        return places

    def _first(self, places: Places, n: int) -> list[int]:
        """Return the n best of the places, each once."""
        if len(places) * _FEW < len(self._rows):
            few: list[int] = np.unique(places)[:n].tolist()
            return few
        has = np.zeros(len(self._rows), dtype=np.bool_)
        has[places] = True
        first: list[int] = np.flatnonzero(has)[:n].tolist()
        return first


def _by_standing(tracks: pl.DataFrame) -> NDArray[np.uint32]:
    """Return the rows of the tracks, the most popular first, ties by id."""
    if POPULARITY not in tracks.columns:
        return np.arange(tracks.height, dtype=np.uint32)  # sorted by id as they are
    popularity = tracks[POPULARITY].fill_null(-1).to_numpy()
    return np.argsort(-popularity, kind="stable").astype(np.uint32)
