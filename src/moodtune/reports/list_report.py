"""Writes an evaluation of lists: ``list_evaluation.json`` and ``.md``, ``list_figures.csv``."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from moodtune.atomic import atomic_file
from moodtune.evaluation.intervals import Figure
from moodtune.evaluation.list_evaluation import EvaluatedLists, ListEvaluation
from moodtune.evaluation.list_tables import LIST
from moodtune.tables.writing import write_csv

JSON = "list_evaluation.json"
PAGE = "list_evaluation.md"
PER_LIST_TABLE = "list_figures.csv"

#: What each figure says, in a line; the definitions are in ``evaluation.list_metrics`` and
#: ``evaluation.list_qualities``.
MEANINGS = {
    "ndcg": "relevant tracks, the upper places counting more; 1 is the best that can be",
    "recall": "share of the relevant tracks that stand in the list",
    "hit_rate": "1 if any relevant track stands in the list",
    "coverage": "share of the catalog that is listed",
    "artist_gini": "0 if each artist has as many places, towards 1 if few have most",
    "similarity": "how alike the tracks of a list are, mean over pairs, 0 to 1",
    "novelty": "bits of self-information of a track, mean over places",
    "mood_distance": "share of places whose mood would have to change, 0 to 1",
    "repeat_rate": "share of a list that an earlier list of the listener had",
}


def write_list_evaluation(out: Path, found: EvaluatedLists) -> list[Path]:
    """Write what was found into the folder ``out``; return what was written.

    A cell of the table is blank where a list has no such figure.
    """
    _write(out / JSON, found.evaluation.to_json())
    _write(out / PAGE, to_markdown(found.evaluation).encode())
    frame = pl.DataFrame({LIST: list(found.names), **found.per_list})
    write_csv(frame.with_columns(pl.col(pl.Float64).fill_nan(None)), out / PER_LIST_TABLE)
    return [out / name for name in (JSON, PAGE, PER_LIST_TABLE)]


def to_markdown(found: ListEvaluation) -> str:
    """Return the evaluation as a page that a person reads."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: ListEvaluation) -> Iterator[str]:
    yield "# Lists"
    yield ""
    yield (
        f"{found.lists:,} lists of at most {found.at} places, from a catalog of "
        f"{found.catalog_tracks:,} tracks. Intervals: 95 % bootstrap over "
        f"{found.draws:,} samples by {found.interval_by}."
    )
    if found.synthetic:
        yield ""
        yield "The model is of a synthetic sample: no track in it exists."
    yield ""
    yield "| per list | mean | lists with one | what it says |"
    yield "|---|---|---|---|"
    for name, mean in found.means.items():
        yield f"| {name} | {shown(mean.figure)} | {mean.lists:,} | {_meaning(name, found)} |"
    yield ""
    yield "| all lists as one | | what it says |"
    yield "|---|---|---|"
    for name, figure in found.together.items():
        whole = ", among all artists of the catalog" if name == "artist_gini" else ""
        yield f"| {name} | {shown(figure)} | {MEANINGS[name]}{whole} |"
    yield ""
    counted = "; ".join(f"{name.replace('_', ' ')}: {n:,}" for name, n in found.counts.items())
    yield f"Counted: {counted}."
    for note in found.notes:
        yield ""
        yield f"Note: {note}."


def _meaning(name: str, found: ListEvaluation) -> str:
    source = f", from {found.novelty_from}" if name == "novelty" else ""
    return MEANINGS[name] + source


def shown(figure: Figure) -> str:
    """Return a figure and its interval as reports write them."""
    return f"{figure.value:.4f} [{figure.low:.4f}, {figure.high:.4f}]"


def _write(path: Path, content: bytes) -> None:
    with atomic_file(path) as work:
        work.write_bytes(content)
