"""Rows to tracks, one per id and one per song, whether or not memory should hold them all.

Up to ``held_rows`` rows are held and looked at together. More are sorted in runs, of which the last
are held and the others lie on disk, and merged, with the same result. What is alike is then found
on hashes:

* Rows of one id come together in the merge, and are compared cell by cell.
* A title's hash has 64 bits, and only says which tracks to look at closer. Those get the hash of
  their song's key, title and artists, of 128 bits: among a hundred million different songs two
  share it with odds of 1 in 10^22.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from moodtune.ahead import in_order
from moodtune.atomic import Scratch
from moodtune.catalog import cells
from moodtune.catalog.entities import (
    SONG_KEY,
    TITLE_HASH,
    one_per_id,
    one_per_song,
    other_ids,
    song_keys,
    title_hashes,
    with_other_ids,
)
from moodtune.catalog.id_order import ascending, repeats
from moodtune.catalog.long_tracks import LongTracks
from moodtune.catalog.runs import Run, merged
from moodtune.catalog.schema import (
    ALTERNATIVE_IDS,
    ARTISTS,
    AUDIO_FEATURES,
    DTYPES,
    GENRES,
    POPULARITY,
    TRACK_ID,
)
from moodtune.counting import Count, uncounted
from moodtune.tables.writing import write_parts

_SECOND_HASH, _ROW = "second_hash", "row"
_SEEDS = (11, 13)


#: Rows of tracks that commands hold in memory; of longer tables the tracks lie on disk meanwhile.
HELD_ROWS = 1 << 18
#: Sorted runs, and their bytes, that stay in memory beside the rows that come in: the last ones;
#: all before them are written. A million rows of usual text need no file.
RUNS_IN_MEMORY, BYTES_IN_MEMORY = 4, 256 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Tracks sorted by id; ``long`` where they lie on disk, and ``tracks`` has only ids then.

    ``n_rows >= n_ids >= tracks.height``: rows, different ids among them, and songs.
    """

    tracks: pl.DataFrame
    long: LongTracks | None
    n_rows: int
    n_ids: int


class Gathering:
    """Takes rows that may stand in a catalog, batch by batch in any order, and makes tracks."""

    def __init__(
        self,
        held_rows: int | None,
        scratch: Callable[[], Scratch],
        count: Count = uncounted,
    ) -> None:
        self.count = count
        self._held_rows = held_rows
        self._make_scratch = scratch
        self._scratch: Scratch | None = None
        self._batches: list[pl.DataFrame] = []
        self._runs: list[Run] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="runs")
        self._writing: Future[Run] | None = None
        self._hashes: list[NDArray[np.uint64]] = []
        self._n_held = self._n_rows = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows with the column `TITLE_HASH`; see `prepared`."""
        if self._n_held and self._is_too_much(self._n_held + rows.height):
            self._begin_run()
        self._batches.append(rows)
        self._n_held += rows.height
        self._n_rows += rows.height
        if self._is_too_much(self._n_held):  # one batch alone
            self._begin_run()

    def _is_too_much(self, n_rows: int) -> bool:
        return self._held_rows is not None and n_rows > self._held_rows

    def finish(self) -> Gathered:
        """Return the tracks of all rows; nothing may be added after."""
        if self._scratch is None:
            return self._held()
        if self._n_held:
            self._begin_run()
        alike = repeated(self._hashes)  # while the last run is sorted
        self._wait_for_run()
        merge = _Merge(self._runs, alike, self._n_rows)
        spilled = sum(run.n_bytes for run in self._runs)
        self._runs, self._hashes = [], []
        path = self._scratch.path / "tracks.parquet"
        write_parts(self._counted(merge), merge.schema, path)
        ids, features = merge.held()
        others = merge.other_ids()
        if others.height:
            path, merging = self._scratch.path / "songs.parquet", path
            spilled += merging.stat().st_size
            rows = without_others(ids.with_row_index(_ROW), others)
            ids, features = rows.select(TRACK_ID), features[rows[_ROW].to_numpy()]
            write_parts(_songs(merging, others), merge.schema, path)
            merging.unlink()
        long = LongTracks(
            path=path,
            schema=merge.schema,
            height=ids.height,
            features=features,
            scratch=self._scratch,
            spilled_bytes=spilled,
        )
        return Gathered(tracks=ids, long=long, n_rows=self._n_rows, n_ids=merge.n_ids)

    def _counted(self, merge: "_Merge") -> Iterator[pl.DataFrame]:
        for tracks in merge.tracks():
            yield tracks
            self.count("sorting tracks", merge.n_ids, self._n_rows)

    def _held(self) -> Gathered:
        rows = joined(self._batches)
        self._batches = []
        tracks = one_per_id(rows)
        songs = one_per_song(tracks)
        return Gathered(
            tracks=songs.select(name for name in DTYPES if name in songs.columns),
            long=None,
            n_rows=rows.height,
            n_ids=tracks.height,
        )

    def _begin_run(self) -> None:
        self._wait_for_run()
        self._scratch = self._scratch or self._make_scratch()
        folder, before = self._scratch.path, tuple(self._runs)
        batches, self._batches, self._n_held = self._batches, [], 0
        self._hashes += [batch[TITLE_HASH].drop_nulls().to_numpy() for batch in batches]

        def run() -> Run:
            made = Run(joined(batches))
            batches.clear()
            held = deque(each for each in (*before, made) if not each.n_bytes)
            while len(held) > RUNS_IN_MEMORY or sum(map(Run.size, held)) > BYTES_IN_MEMORY:
                held.popleft().write(folder)
            return made

        # One run is sorted while the rows of the next come in, and no more.
        self._writing = self._writer.submit(run)

    def _wait_for_run(self) -> None:
        writing, self._writing = self._writing, None
        try:
            if writing is not None:
                self._runs.append(writing.result())
        finally:
            del writing  # its error would hold it, and it this frame and all that is held


def prepared(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``rows`` with what finding songs needs; may be done on many threads at once."""
    return rows.with_columns(title_hashes(rows))


def joined(parts: list[pl.DataFrame]) -> pl.DataFrame:
    """Put the rows of several tables under each other; a column that a table lacks is blank."""
    if len(parts) == 1:
        return parts[0]
    rows = pl.concat(parts, how="diagonal", rechunk=True)
    return rows.with_columns(
        pl.col(name).fill_null(pl.lit([], dtype=cells.NAMES))
        for name in (ARTISTS, GENRES)
        if name in rows.columns
    )


def repeated(hashes: list[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """Return the hashes that occur more than once, ascending."""
    every = np.concatenate(hashes)
    first_bits = (every >> np.uint64(62)).astype(np.uint8)

    def twice(part: int) -> NDArray[np.uint64]:
        ordered = np.sort(every[first_bits == part])
        return np.unique(ordered[1:][ordered[1:] == ordered[:-1]])

    return np.concatenate(list(in_order(twice, range(4))))


class _Merge:
    """The tracks of several runs, one per id, and which of them may be one song."""

    def __init__(self, runs: list[Run], alike: NDArray[np.uint64], n_rows: int) -> None:
        self._runs = runs
        self._alike = pl.Series(TITLE_HASH, alike, dtype=pl.UInt64)
        self._candidates: list[pl.DataFrame] = []
        self._ids: list[pl.DataFrame] = []
        self.n_ids = 0
        names = {name for run in runs for name in run.schema.names()} | {ALTERNATIVE_IDS}
        self.schema = pl.Schema({name: t for name, t in DTYPES.items() if name in names})
        self._names = [name for name in AUDIO_FEATURES if name in names]
        self._features = np.empty((n_rows, len(self._names)), dtype=np.float32)

    def tracks(self) -> Iterator[pl.DataFrame]:
        """Yield the tracks by ascending id, without alternative ids."""
        blank = [pl.lit(None, dtype=t).alias(n) for n, t in self.schema.items()]
        for rows, candidates in in_order(self._together, merged(self._runs)):
            self._hold(rows)
            self._candidates.append(candidates)
            lacking = [b for b in blank if b.meta.output_name() not in rows.columns]
            yield _filled(rows.with_columns(lacking).select(self.schema.names()))

    def _hold(self, rows: pl.DataFrame) -> None:
        first, self.n_ids = self.n_ids, self.n_ids + rows.height
        self._ids.append(rows.select(TRACK_ID))
        for column, name in enumerate(self._names):
            self._features[first : self.n_ids, column] = rows[name].to_numpy()

    def held(self) -> tuple[pl.DataFrame, NDArray[np.float32]]:
        """Return the ids, and the audio features of the tracks [shape=(n_ids, n_features)]."""
        return pl.concat(self._ids), self._features[: self.n_ids]

    def _together(self, parts: list[pl.DataFrame]) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Return the tracks of some parts by ascending id, and which may be others of a song."""
        rows = _sorted(joined(parts))
        if repeats(rows[TRACK_ID]):
            rows = _sorted(one_per_id(rows))
        return rows, self._candidates_of(rows)

    def _candidates_of(self, rows: pl.DataFrame) -> pl.DataFrame:
        alike = rows.filter(pl.col(TITLE_HASH).is_in(self._alike.implode()))
        keys = song_keys(alike)
        return (
            alike.select(pl.col(TRACK_ID), *(pl.col(POPULARITY) for _ in [0] if POPULARITY in rows))
            .with_columns(
                keys.hash(_SEEDS[0]).alias(SONG_KEY), keys.hash(_SEEDS[1]).alias(_SECOND_HASH)
            )
            .filter(keys.is_not_null())
        )

    def other_ids(self) -> pl.DataFrame:
        """Return, for each track that stands for more than one, its id and the other ids."""
        if not len(self._alike):
            return pl.DataFrame(
                schema={TRACK_ID: pl.String(), ALTERNATIVE_IDS: DTYPES[ALTERNATIVE_IDS]}
            )
        found = pl.concat(self._candidates, how="diagonal")
        self._candidates = []
        return other_ids(found, by=(SONG_KEY, _SECOND_HASH))


def _sorted(rows: pl.DataFrame) -> pl.DataFrame:
    return rows[ascending(rows[TRACK_ID])]


def _filled(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with empty lists where a list is missing."""
    no_ids = pl.lit([], dtype=cells.NAMES)
    lists = [n for n in (ARTISTS, GENRES, ALTERNATIVE_IDS) if n in rows.columns]
    return rows.with_columns(pl.col(name).fill_null(no_ids) for name in lists)


def without_others(tracks: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Return the tracks that stand for themselves, in their order."""
    gone = others.select(pl.col(ALTERNATIVE_IDS).explode().alias(TRACK_ID))
    return tracks.join(gone, on=TRACK_ID, how="anti", maintain_order="left")


def _songs(path: Path, others: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the tracks of a file, one per song."""
    for part in pl.scan_parquet(path, glob=False).collect_batches(maintain_order=True):
        yield with_other_ids(without_others(part, others).drop(ALTERNATIVE_IDS), others).select(
            part.columns
        )
