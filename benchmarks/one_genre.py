"""Whether moods still mean something on a catalog of one genre.

    python benchmarks/one_genre.py --data DIR

For the whole catalog and for catalogs of metal, sleep and comedy alone: the median fit of the ten
tracks listed for each mood to music at large (share of it that fits less well), marked where the
list says that it is the nearest this catalog has. As the same tracks are also scored among all
others, the correlation of both confidences says whether they follow music at large.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from surroundings import Tables, find_tables

from moodtune.catalog.readers import read_catalog
from moodtune.catalog.schema import GENRES, TRACK_ID
from moodtune.features.matrix import features_of
from moodtune.moods.song_model import train_song_model
from moodtune.moods.taxonomy import load_taxonomy
from moodtune.ranking.columns import TrackColumns
from moodtune.ranking.index import TrackIndex
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend

TITLE = "Catalogs of one genre"
GENRES_ALONE = ("metal", "sleep", "comedy")
#: Genre -> moods that it hardly has, and moods that it has.
HARDLY = {"metal": (("calm", "melancholy"), ()), "sleep": (("party", "happy"), ("deep",))}
NEAREST = "is the nearest this catalog has"


def run(tables: Tables, scratch: Path, *, times: int) -> tuple[str, bool]:
    """Return a table as markdown, and whether lists say where a mood is hardly there."""
    del scratch, times
    tracks, taxonomy = read_catalog(tables.catalog).tracks, load_taxonomy()
    whole = index_of(tracks)
    parts = {"all": whole}
    for genre in GENRES_ALONE:
        of_genre = tracks.filter(pl.col(GENRES).list.contains(genre))
        if len(of_genre):
            parts[genre] = index_of(of_genre)
    rows = [
        f"| catalog | tracks | {' | '.join(taxonomy.offered)} | confidence here and among all |",
        f"|---|---|{'---|' * len(taxonomy.offered)}---|",
    ]
    fits = {
        name: {m: fit_of_ten(part, m) for m in taxonomy.offered} for name, part in parts.items()
    }
    for name, part in parts.items():
        cells = [f"{fit:.2f}{' *' if nearest else ''}" for fit, nearest in fits[name].values()]
        alike = followed(part, whole)
        rows.append(f"| {name} | {len(part):,} | {' | '.join(cells)} | {alike:.3f} |")
    rows += ["", f"\\* the list says: what is listed for the mood {NEAREST}."]
    met = not any(nearest for _, nearest in fits["all"].values())
    for genre, (lacking, there) in HARDLY.items():
        if genre in fits:
            met &= all(fits[genre][mood][1] for mood in lacking)
            met &= not any(fits[genre][mood][1] for mood in there)
    return "\n".join(rows), met


def index_of(tracks: pl.DataFrame) -> TrackIndex:
    features, taxonomy = features_of(tracks), load_taxonomy()
    model = train_song_model(features, taxonomy)
    return TrackIndex(
        taxonomy=taxonomy,
        song_model=model,
        columns=TrackColumns.of(tracks),
        scores=model.score(features),
    )


def fit_of_ten(index: TrackIndex, mood: str) -> tuple[float, bool]:
    """Return the median fit of ten listed tracks, and whether the list calls them the nearest."""
    answer = recommend(index, Query(mood=mood))
    ids = [r.track_id for r in answer.recommendations]
    listed = features_of(index.tracks.filter(pl.col(TRACK_ID).is_in(ids)))
    fit = float(np.median(index.song_model.fit(listed, mood)))
    return fit, any(NEAREST in note for note in answer.notes)


def followed(part: TrackIndex, whole: TrackIndex) -> float:
    """Return the correlation of the tracks' confidence here and among all tracks."""
    rows = whole.tracks[TRACK_ID].search_sorted(part.tracks[TRACK_ID])
    there = whole.scores.confidence[rows.to_numpy()]
    return float(np.corrcoef(part.scores.confidence, there)[0, 1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moodtune-bench-") as scratch:
        tables = find_tables(options.data, Path(scratch))
        text, met = run(tables, Path(scratch), times=1)
    print(f"Measured on {tables.called}.\n\n{text}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
