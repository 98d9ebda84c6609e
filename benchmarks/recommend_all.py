"""Lists per second of ``recommend-all`` with one process and with two on Dask, on a model.

    python benchmarks/recommend_all.py --model output/model --listeners 4000

The profiles are drawn; the first list of a process, which makes what all share, is counted.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from moodtune.artifacts import load_bundle
from moodtune.scale_out.dask import on_dask
from moodtune.scale_out.running import recommend_all
from moodtune.seeding import derive


def drawn_profiles(model: Path, listeners: int) -> pl.DataFrame:
    moods = [mood.name for mood in load_bundle(model).taxonomy.listener_moods]
    values = derive(7, "profiles").random((listeners, len(moods)))
    ids = [f"listener-{i}" for i in range(listeners)]
    return pl.DataFrame({"id": ids, **dict(zip(moods, np.round(values.T, 3), strict=True))})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--listeners", type=int, default=4000)
    parser.add_argument("--per-part", type=int, default=200)
    given = parser.parse_args()
    tracks = len(load_bundle(given.model).index)
    print(f"{given.listeners} listeners, {tracks} tracks, top 10, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = folder / "listeners.parquet"
        drawn_profiles(given.model, given.listeners).write_parquet(table)
        rates, written = [], []
        for workers, engine in ((1, None), (1, on_dask(workers=1)), (2, on_dask(workers=2))):
            out = folder / f"lists{len(rates)}"
            began = time.perf_counter()
            recommend_all(given.model, table, out, per_part=given.per_part, engine=engine)
            rates.append(given.listeners / (time.perf_counter() - began))
            written.append({path.name: path.read_bytes() for path in out.iterdir()})
            where = "in this process" if engine is None else "on Dask"
            bar = "#" * round(30 * rates[-1] / rates[0])
            print(
                f"{workers} {where:16} {rates[-1]:8.0f} lists/s {rates[-1] / rates[0]:5.2f}x {bar}"
            )
        print("the same bytes:", all(one == written[0] for one in written))


if __name__ == "__main__":
    main()
