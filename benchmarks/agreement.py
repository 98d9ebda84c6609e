"""Agreement with people's labels beside what it must reach: a table, each bar met or missed.

    python benchmarks/agreement.py --data DIR [--model output/model]

Trains on ``catalog/spotify_tracks_114k.csv``, without any label, and evaluates as ``moodtune
evaluate`` does on ``labels/mood_playlists.csv`` (all rows but Angry, one per track and mood) and
``labels/valence_arousal.csv``. With ``--model`` that model is measured instead. Ends with 1 if a
bar is missed.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from moodtune.artifacts import ModelBundle, load_bundle
from moodtune.evaluation.agreement import evaluate
from moodtune.evaluation.agreement_results import Evaluation, Measured
from moodtune.evaluation.intervals import Figure
from moodtune.evaluation.labels import LabelColumns, read_label_table
from moodtune.evaluation.references import ORIGINAL, TWO_COLUMNS
from moodtune.pipeline import train

TITLE = "Agreement with people's labels"
MATCH = "melancholy=Sad;calm,relax,deep=Calm;happy,fun=Happy;party,motivating,uplifting=Energy"
PLAYLISTS = LabelColumns(label="mood", group="playlist")
PLANE = LabelColumns(valence="human_valence", arousal="human_arousal")
HEAD = (
    "| measure | original recipe | valence and energy alone | must reach | aim | Moodtune | "
    "Moodtune less the two columns | |"
)


@dataclass(frozen=True, kw_only=True)
class Bar:
    measure: str
    must_reach: float
    aim: float
    measured: Measured

    @property
    def is_met(self) -> bool:
        return self.measured.model.value >= self.must_reach


def bars(playlists: Evaluation, plane: Evaluation) -> Iterator[Bar]:
    overall = playlists.labels.overall
    yield Bar(measure="mean AUC", must_reach=0.775, aim=0.81, measured=overall.mean_auc)
    yield Bar(
        measure="mean precision@50",
        must_reach=0.55,
        aim=0.66,
        measured=overall.mean_precision_at_50,
    )
    levels = {"valence": (0.42, 0.44), "arousal": (0.37, 0.40)}
    for axis in plane.axes:
        must_reach, aim = levels[axis.axis]
        name = f"Spearman of {axis.axis}"
        yield Bar(measure=name, must_reach=must_reach, aim=aim, measured=axis.spearman)


def evaluations(bundle: ModelBundle, data: Path) -> tuple[Evaluation, Evaluation]:
    labels = data / "labels"
    people = read_label_table(labels / "mood_playlists.csv", bundle, PLAYLISTS)
    plane = read_label_table(labels / "valence_arousal.csv", bundle, PLANE)
    return evaluate(bundle, people, PLAYLISTS, match=MATCH), evaluate(bundle, plane, PLANE)


def report(found: list[Bar]) -> str:
    return "\n".join([HEAD, "|---|---|---|---|---|---|---|---|", *map(row, found)])


def row(bar: Bar) -> str:
    references = bar.measured.references
    recipe = said(references[ORIGINAL]) if ORIGINAL in references else "–"  # noqa: RUF001 - none
    columns, gain = said(references[TWO_COLUMNS]), said(bar.measured.gains[TWO_COLUMNS])
    verdict = "met" if bar.is_met else "**missed**"
    return (
        f"| {bar.measure} | {recipe} | {columns} | {bar.must_reach:.3f} | {bar.aim:.2f} | "
        f"{said(bar.measured.model)} | {gain} | {verdict} |"
    )


def said(figure: Figure) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    parser.add_argument("--model", type=Path, help="measure this model instead of training one")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of real tables with --data or MOODTUNE_DATA")
    if options.model:
        bundle = load_bundle(options.model)
    else:
        bundle = train(options.data / "catalog" / "spotify_tracks_114k.csv").bundle
    playlists, plane = evaluations(bundle, options.data)
    found = list(bars(playlists, plane))
    print(f"# {TITLE}\n\n{report(found)}\n")
    by, draws = playlists.labels.interval_by, playlists.labels.draws
    print(
        f"95 % bootstrap intervals of {draws:,} samples, by {by} and, of valence and arousal, by "
        f"{plane.axes[0].interval_by}. This is {playlists.kind} with {playlists.source.name}, and "
        f"{plane.kind} with {plane.source.name}."
    )
    return 0 if all(bar.is_met for bar in found) else 1


if __name__ == "__main__":
    sys.exit(main())
