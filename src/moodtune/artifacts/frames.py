"""Frames as Parquet, the same bytes for the same rows."""

from pathlib import Path

import polars as pl

from moodtune.errors import BundleError
from moodtune.tables.writing import write_parts

_MAGIC = b"PAR1"

#: Bytes of a Parquet file's own description, which grows with columns and row groups only.
_MAX_FOOTER = 64 << 20


def write_frame(frame: pl.DataFrame, path: Path) -> None:
    """Write ``frame``; the same rows give the same bytes."""
    write_parts([frame], frame.schema, path)


def read_frame(data: bytes, where: str, *, rows: int | None) -> pl.DataFrame:
    """Return the frame that ``data`` holds; BundleError if it is not one of ``rows`` rows.

    ``data`` must have been compared with its sha256 before: the Parquet reader trusts what a file
    says of itself, and stops the whole process on some damaged ones.
    """
    footer = int.from_bytes(data[-8:-4], "little")
    if data[:4] != _MAGIC or data[-4:] != _MAGIC or footer > min(len(data) - 12, _MAX_FOOTER):
        raise _unreadable(where, "it has no Parquet footer")
    try:
        counted = pl.scan_parquet(data).select(pl.len()).collect().item()
        if counted != rows:
            raise _unreadable(where, f"expected {rows} rows as its manifest says, got {counted}")
        return pl.read_parquet(data, use_statistics=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise _unreadable(where, f"{str(error)[:200]!r}") from error


def _unreadable(where: str, why: str) -> BundleError:
    return BundleError(f"{where} is damaged: {why}; copy the model again, or train anew")
