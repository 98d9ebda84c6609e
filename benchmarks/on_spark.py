"""The lists of docs/scale.md's code for Spark beside those of ``recommend-all``.

    python benchmarks/on_spark.py --model output/model [--listeners 2000]

Runs the code as it is documented, on a Spark of this machine with two cores; it needs pyspark and
Java, which nothing else here does. Ends with 1 if any place differs.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl
from recommend_all import drawn_profiles

from moodtune.scale_out.running import recommend_all

_DOCUMENT = Path(__file__).parents[1] / "docs/scale.md"
_CODE = re.compile(r"^```py\n(.*?mapInArrow.*?)^```$", re.MULTILINE | re.DOTALL)


def run_documented(profiles: Any, *, model: Path, out: Path) -> None:
    """Run the documented code on ``profiles``, with the paths that are meant."""
    (code,) = _CODE.findall(_DOCUMENT.read_text(encoding="utf-8"))
    paths = {'"/models/model"': repr(str(model)), '.parquet("lists")': f".parquet({str(out)!r})"}
    for written, meant in paths.items():
        if code.count(written) != 1:
            raise ValueError(f"{_DOCUMENT.name}: expected {written} once in the code for Spark")
        code = code.replace(written, meant)
    exec(compile(code, str(_DOCUMENT), "exec"), {"profiles": profiles})  # noqa: S102 -- our own


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--listeners", type=int, default=2000)
    given = parser.parse_args()
    import pyspark
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table, on_spark, here = (folder / part for part in ("some.parquet", "on_spark", "here"))
        drawn_profiles(given.model, given.listeners).write_parquet(table)
        spark = builder.getOrCreate()
        began = time.perf_counter()
        profiles = spark.read.parquet(str(table)).repartition(4)
        run_documented(profiles, model=given.model.absolute(), out=on_spark)
        seconds = time.perf_counter() - began
        spark.stop()
        recommend_all(given.model, table, here)
        there, expected = (
            pl.read_parquet(out / "*.parquet").sort("listener", "rank") for out in (on_spark, here)
        )
    same, rate = there.equals(expected), given.listeners / seconds
    print(f"pyspark {pyspark.__version__}: {rate:.0f} lists/s, Spark's start not counted")
    print(f"{there.height:,} places: {'the same' if same else 'OTHERS'}")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
