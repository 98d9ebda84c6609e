"""A model whose columns are made so that each limit cuts through any list, and what it must list.

What a list of one mood must be is worked out here from the columns alone: best fit first, and
whatever a limit forbids passed over.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from moodtune.artifacts import ModelBundle, load_bundle, save_bundle
from moodtune.ranking.query import Query

#: Genres of the tracks, in turn; the last knows none.
GENRES = (["Jazz"], ["soul"], ["jazz", "metal"], ["metal"], [])
CALM = Query(mood="calm")


@dataclass(frozen=True)
class World:
    """The model, and where it lies."""

    bundle: ModelBundle
    model: Path

    @cached_property
    def tracks(self):
        return {t["track_id"]: t for t in self.bundle.tracks.to_dicts()}

    def predicted(self, *, n=10, passes=lambda _: True, cap=2, gap=0, mood="calm", added=0):
        """Return the ids of the list of one mood, by the plainest reading of what is asked."""
        taxonomy, scores = self.bundle.taxonomy, self.bundle.scores
        tracks = list(self.tracks.values())
        fits = scores.probabilities[:, taxonomy.names.index(mood)] + np.float32(added)
        music = [taxonomy.moods[m].offered for m in scores.leading]
        open_rows = [
            row
            for row in np.lexsort((np.arange(len(fits)), -fits)).tolist()
            if music[row] and passes(tracks[row])
        ]
        listed: list[int] = []
        while len(listed) < n:
            artists = [{a.lower() for a in tracks[row]["artists"]} for row in listed]
            near = set().union(*artists[max(0, len(listed) - gap) :])
            spent = {a for names in artists for a in names if sum(a in o for o in artists) >= cap}
            listed.append(
                next(
                    row
                    for row in open_rows
                    if row not in listed
                    and (near | spent).isdisjoint(a.lower() for a in tracks[row]["artists"])
                )
            )
        return [tracks[row]["track_id"] for row in listed]


@dataclass(frozen=True)
class Case:
    """An option: what is typed, the same as a Query, and what the list must be.

    ``tables``  files by option, each a list of lines
    ``beside``  the Query that the list is held against, which must not be what ``holds`` says
    """

    typed: tuple[object, ...]
    query: Query
    holds: Callable[[dict], bool]
    tables: dict[str, list[str]] = field(default_factory=dict)
    beside: Query = CALM


def options_world(bundle: ModelBundle, folder: Path) -> World:
    """Return a model of the same tracks and scores with other columns, saved in ``folder``."""
    n = bundle.tracks.height
    rows = range(n)
    columns = {
        "alternative_ids": [[f"other-{row:04}"] for row in rows],
        "genres": [GENRES[row % 5] for row in rows],
        "year": [None if row % 7 == 0 else 1960 + row % 60 for row in rows],
        "explicit": [None if row % 7 == 1 else row % 3 == 0 for row in rows],
        "popularity": [None if row % 7 == 2 else float(row % 101) for row in rows],
        "artists": [[f"Artist {row % 97}", f"Guest {row % 41}"][: 1 + row % 2] for row in rows],
    }
    kinds = bundle.tracks.schema
    tracks = bundle.tracks.with_columns(
        [pl.Series(name, values, dtype=kinds[name]) for name, values in columns.items()]
        + [pl.when(pl.int_range(n) % 7 != 3).then("duration_ms").alias("duration_ms")]
    )
    save_bundle(replace(bundle, tracks=tracks), folder / "model")
    return World(load_bundle(folder / "model"), folder / "model")


def ids(answer):
    return [r["track_id"] for r in answer["recommendations"]]


def is_list(expected):
    return lambda answer: ids(answer) == expected
