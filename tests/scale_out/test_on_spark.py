"""The documented code for Spark, run by a stand-in that hands it batches as Spark does.

Polars' frames stand for Arrow's; ``benchmarks/on_spark.py`` runs it on Spark itself.
"""

import importlib
from pathlib import Path

import polars as pl

from moodtune.answering import known_profiles
from moodtune.scale_out.running import recommend_all

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


class Table:
    """A table of Arrow."""

    def __init__(self, frame):
        self.frame = frame

    def to_batches(self):
        return [self]


def to_arrow(frame):
    return Table(frame)


class Frame:
    """What of Spark's data frame the code uses: profiles, in batches, to what a function gives."""

    def __init__(self, frame, rows):
        self._frame, self._rows = frame, rows

    def mapInArrow(self, function, schema):  # noqa: N802 - Spark's name
        assert schema == "listener string, rank int, track_id string, mood string, score double"
        batches = (self._frame[i : i + self._rows] for i in range(0, len(self._frame), self._rows))
        self.made = pl.concat([table.frame for table in function(map(Table, batches))])
        return self

    @property
    def write(self):
        return self

    def parquet(self, path):
        self.made.write_parquet(path)


def test_the_lists_are_those_of_recommend_all(trained, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    monkeypatch.setattr(pl, "from_arrow", lambda table: table.frame)
    monkeypatch.setattr(pl.DataFrame, "to_arrow", to_arrow)
    profiles = known_profiles(trained.bundle).head(7)
    table, out = tmp_path / "profiles.parquet", tmp_path / "on_spark.parquet"
    profiles.write_parquet(table)
    bare = profiles.drop("sure").rename(lambda name: name.removeprefix("p_"))
    on_spark = importlib.import_module("on_spark")
    on_spark.run_documented(Frame(bare, rows=3), model=trained.model, out=out)
    recommend_all(trained.model, table, tmp_path / "lists")
    assert pl.read_parquet(out).equals(pl.read_parquet(tmp_path / "lists" / "*.parquet"))
