"""A partition of listeners to their lists: one pure function, which knows no engine."""

import polars as pl

from moodtune.artifacts import LISTENER_ID
from moodtune.catalog.schema import TRACK_ID
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import listed
from moodtune.scale_out.profiles import EXCLUDE

SCHEMA = {
    "listener": pl.String,
    "rank": pl.Int32,
    TRACK_ID: pl.String,
    "mood": pl.String,
    "score": pl.Float64,
}


def lists_of(index: TrackIndex, profiles: pl.DataFrame, *, n: int) -> pl.DataFrame:
    """Return the lists of ``profiles``, of at most ``n`` places each, in the order of its rows.

    ``profiles`` is what `moodtune.scale_out.profiles.read_profiles` gives, or some of its rows.
    Each list is the one that `recommend` gives for that profile. The columns are ``SCHEMA``'s.
    """
    rows = []
    for row in profiles.iter_rows(named=True):
        listener, left_out = row.pop(LISTENER_ID), row.pop(EXCLUDE, None) or ()
        places = listed(index, Query(listener_profile=row, n=n, exclude=tuple(left_out)))
        rows += [(listener, rank, *place) for rank, place in enumerate(places, start=1)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
