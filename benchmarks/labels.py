"""What people's labels teach the song model, on playlists that were left out.

    python benchmarks/labels.py --data DIR

``train --labels labels/mood_playlists.csv`` on ``catalog/spotify_tracks_114k.csv``: mean AUC and
log loss with labels and without, playlists left out whole. Then Spearman's correlation with
people's valence and arousal in ``labels/valence_arousal.csv``, by the taught model and by the one
without labels, on the same tracks: those whose labels were not learnt from.
"""

import argparse
import os
import sys
from pathlib import Path

from moodtune.artifacts import ModelBundle
from moodtune.config import Settings
from moodtune.evaluation.agreement import evaluate
from moodtune.evaluation.intervals import Figure
from moodtune.evaluation.labels import LabelColumns, read_label_table
from moodtune.pipeline import train
from moodtune.song_learning import LabelSource

MATCH = "melancholy=Sad;calm,relax,deep=Calm;happy,fun=Happy;party,motivating,uplifting=Energy"
PLANE = LabelColumns(valence="human_valence", arousal="human_arousal")


def run(data: Path, settings: Settings) -> tuple[str, bool]:
    """Return a table as markdown, and whether labels gain on one table and lose on none."""
    catalog = data / "catalog" / "spotify_tracks_114k.csv"
    source = LabelSource(
        path=data / "labels" / "mood_playlists.csv",
        column="mood",
        group="playlist",
        match=MATCH,
    )
    taught = train(catalog, settings=settings, labels=source)
    lesson = taught.contents.lesson
    said = (
        f"{lesson.pairs:,} labels of {lesson.tracks:,} tracks; {lesson.groups} playlists left out "
        f"in {lesson.folds} turns; 95 % intervals by {lesson.by}; held by {lesson.hold}."
    )
    rows = [
        said,
        "",
        "| measure | with labels | without | gain |",
        "|---|---|---|---|",
        *(
            f"| {name} | {bracketed(g.taught)} | {bracketed(g.untaught)} | {bracketed(g.gain)} |"
            for name, g in (("mean AUC", lesson.mean_auc), ("log loss", lesson.log_loss))
        ),
    ]
    met = lesson.mean_auc.gain.value > 0 and lesson.log_loss.gain.low > 0
    untaught = train(catalog, settings=settings).bundle
    with_labels, without = (
        plane(data, taught.bundle, taught.bundle),
        plane(data, untaught, taught.bundle),
    )
    for axis, value in with_labels.items():
        rows.append(f"| Spearman of {axis} | {bracketed(value)} | {bracketed(without[axis])} | |")
        met &= value.value >= without[axis].value
    counted = ", ".join(f"{name} {times:.2f}" for name, times in lesson.emphasis.items())
    return "\n".join([*rows, "", f"How much each feature counts, 1 the mean: {counted}."]), met


def plane(data: Path, asked: ModelBundle, learnt: ModelBundle) -> dict[str, Figure]:
    """Return Spearman's correlations of ``asked``, without the tracks that ``learnt`` knows."""
    table = read_label_table(data / "labels" / "valence_arousal.csv", asked, PLANE)
    found = evaluate(asked, table, PLANE, trained_labels=learnt.trained_labels)
    return {axis.axis: axis.spearman.model for axis in found.axes}


def bracketed(figure: Figure) -> str:
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    data = os.environ.get("MOODTUNE_DATA")
    parser.add_argument("--data", type=Path, default=Path(data) if data else None)
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the folder of real tables with --data, or set MOODTUNE_DATA")
    text, met = run(options.data, Settings())
    print(text)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
