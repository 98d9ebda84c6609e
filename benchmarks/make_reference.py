"""Make the package's table of music at large: how many tracks lie where, and nothing of any track.

    python benchmarks/make_reference.py --data DIR

reads ``catalog/songs_257k.parquet`` under DIR (256,733 tracks, which contain all but one of the
89,741 ids of ``spotify_tracks_114k.csv``) and writes ``src/moodtune/moods/music_at_large.npz``:

``names``         the audio features
``counts``        tracks per cell of the rank grid, uint32 (n_features, N_CELLS)
``correlations``  between the features' normal scores (a normal number of the same rank as the
                  value; ties share their mean rank), float32 (n_features, n_features)
"""

import argparse
from pathlib import Path

import numpy as np
import polars as pl
from scipy.stats import norm

from moodtune.catalog.schema import AUDIO_FEATURES
from moodtune.features.matrix import FeatureMatrix
from moodtune.features.ranks import RankTable

OUT = Path(__file__).parents[1] / "src" / "moodtune" / "moods" / "music_at_large.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    names = tuple(AUDIO_FEATURES)
    tracks = pl.read_parquet(options.data / "catalog" / "songs_257k.parquet").unique("track_id")
    values = np.ascontiguousarray(tracks.select(names).to_numpy().astype(np.float32))
    table = RankTable.of(FeatureMatrix(names=names, values=values))
    ranks = tracks.select(pl.col(name).rank() for name in names).to_numpy()
    normal = norm.ppf((ranks - 0.5) / tracks.height)
    np.savez_compressed(
        options.out,
        names=np.array(names),
        counts=table.counts.astype(np.uint32),
        correlations=np.corrcoef(normal.T).astype(np.float32).round(4),
    )
    print(f"{tracks.height:,} tracks -> {options.out.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
