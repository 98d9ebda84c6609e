"""Tracks by the beginnings of words in their titles and artists, however they are spelled.

A track is found where every word of the text begins a word of its title or of its artists. Found
tracks stand in this order: the title is the text, the title begins with it, an artist does, any
other; within each the most popular first, then by id.

Words are folded: compatibility and accents (NFKD without marks), case, apostrophes, and letters
that Unicode does not take apart (ß, ø, ł). All that is looked up is made once, when a model comes.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.catalog.schema import ARTISTS, POPULARITY, TITLE

#: A track's place among all: 0 is the most popular, ties by id.
Places = NDArray[np.uint32]

#: Letters that stay whole under NFKD, and what people type for them.
_WHOLE = {
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
    "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n",  # noqa: RUF001 -- letters of names
}  # fmt: skip
_MARKS = r"\p{M}+"
_APOSTROPHES = r"['’ʼ`´]"  # noqa: RUF001 -- typed so
_BETWEEN = r"[^\p{L}\p{N}]+"
_TEXT, _PLACE = "text", "place"
_LAST = "\U0010ffff"
#: Words of a text beyond these say nothing that the first have not said.
_MOST_WORDS = 8


def folded(texts: pl.Series) -> pl.Series:
    """Return texts as words of letters and digits with single spaces between, folded."""
    return (
        texts.str.normalize("NFKD")
        .str.to_lowercase()
        .str.replace_all(_MARKS, "")
        .str.replace_many(list(_WHOLE), list(_WHOLE.values()))
        .str.replace_all(_APOSTROPHES, "")
        .str.replace_all(_BETWEEN, " ")
        .str.strip_chars(" ")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    """Distinct texts in order; text i is of the tracks ``places[starts[i]:starts[i + 1]]``."""

    texts: pl.Series
    starts: NDArray[np.int64]
    places: Places

    @classmethod
    def of(cls, pairs: pl.DataFrame) -> "_Lexicon":
        """Return the tracks of each text; ``pairs`` has the columns ``text`` and ``place``."""
        ordered = pairs.filter(pl.col(_TEXT) != "").unique().sort(_TEXT, _PLACE)
        counts = ordered.group_by(_TEXT, maintain_order=True).len()
        return cls(
            texts=counts[_TEXT],
            starts=np.concatenate([[0], np.cumsum(counts["len"].to_numpy())]).astype(np.int64),
            places=ordered[_PLACE].to_numpy().astype(np.uint32),
        )

    def beginning(self, prefix: str) -> Places:
        """Return the tracks of all texts that begin so; a track may come again."""
        low, high = self.texts.search_sorted(pl.Series([prefix, prefix + _LAST]))
        return self.places[self.starts[low] : self.starts[high]]

    def equal(self, text: str) -> Places:
        """Return the tracks of one text."""
        low, high = (self.texts.search_sorted(text, side) for side in ("left", "right"))
        return self.places[self.starts[low] : self.starts[high]]


class TrackSearch:
    """What a catalog's tracks are found by."""

    def __init__(self, tracks: pl.DataFrame) -> None:
        self._rows = _by_standing(tracks)
        places = np.empty(tracks.height, dtype=np.uint32)
        places[self._rows] = np.arange(tracks.height, dtype=np.uint32)
        place = pl.Series(_PLACE, places)
        titles = pl.DataFrame([folded(tracks[TITLE].fill_null("")).alias(_TEXT), place])
        artists = pl.DataFrame([tracks[ARTISTS].alias(_TEXT), place]).explode(_TEXT).drop_nulls()
        artists = artists.with_columns(folded(artists[_TEXT]))
        self._titles, self._artists = _Lexicon.of(titles), _Lexicon.of(artists)
        words = pl.concat([titles, artists]).with_columns(pl.col(_TEXT).str.split(" "))
        self._words = _Lexicon.of(words.explode(_TEXT))

    def find(self, text: str, limit: int) -> list[int]:
        """Return the rows of at most ``limit`` tracks, the best match first."""
        wanted = folded(pl.Series([text]))[0]
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
        places = self._words.beginning(words[0])
        for word in words[1:]:
            has = np.zeros(len(self._rows), dtype=np.bool_)
            has[self._words.beginning(word)] = True
            places = places[has[places]]
        return places

    def _first(self, places: Places, n: int) -> list[int]:
        """Return the n best of the places, each once."""
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
