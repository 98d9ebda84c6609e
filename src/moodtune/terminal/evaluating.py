"""``moodtune evaluate``: a model held against what people said of tracks."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moodtune.terminal.listening import ModelOption, VerifyOption
from moodtune.terminal.looking import PercentOption, SecondsOption

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from moodtune.evaluation.agreement_results import (
        AxisAgreement,
        Evaluation,
        LabelAgreement,
        Measured,
    )
    from moodtune.evaluation.intervals import Figure


def evaluate(
    model: ModelOption,
    labels: Annotated[Path, typer.Option(help="Table of people's labels: CSV, XLSX, Parquet.")],
    out: Annotated[Path, typer.Option(help="Folder for evaluation.json, .md and the figures.")],
    label_column: Annotated[
        str | None, typer.Option(help="The column with a label per track.")
    ] = None,
    group_column: Annotated[
        str | None, typer.Option(help="The column that says which tracks were labelled together.")
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(help="Which moods stand for a label: 'melancholy=Sad;calm,relax=Calm'."),
    ] = None,
    valence: Annotated[str | None, typer.Option(help="The column with people's valence.")] = None,
    arousal: Annotated[str | None, typer.Option(help="The column with people's arousal.")] = None,
    percent: PercentOption = None,
    seconds: SecondsOption = None,
    seed: Annotated[int, typer.Option(help="Same seed, same intervals.")] = 7,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw no pictures.")] = False,
    verify: VerifyOption = False,
) -> None:
    """Measure how a model agrees with people's labels, beside what agrees without it."""
    from moodtune.artifacts import load_bundle
    from moodtune.catalog.settings import CatalogSettings
    from moodtune.errors import UsageError
    from moodtune.evaluation.agreement import evaluate as measure
    from moodtune.evaluation.asking import AgreementSettings
    from moodtune.evaluation.labels import LabelColumns, read_label_table
    from moodtune.reports.agreement_report import write_evaluation
    from moodtune.terminal.rendering import console

    if label_column is None and (match is not None or valence is arousal is None):
        raise UsageError(
            "say which column of the table holds people's labels with --label-column, or their "
            "values with --valence and --arousal"
        )
    columns = LabelColumns(label=label_column, group=group_column, valence=valence, arousal=arousal)
    bundle = load_bundle(model, verify=verify)
    units = CatalogSettings(percent=tuple(percent or ()), seconds=tuple(seconds or ()))
    table = read_label_table(labels, bundle, columns, units)
    found = measure(bundle, table, columns, match=match, settings=AgreementSettings(seed=seed))
    write_evaluation(out, found, figures=not no_figures)
    _show(console(), found, out)


def _show(screen: "Console", found: "Evaluation", out: Path) -> None:
    if found.labels is not None:
        _show_labels(screen, found.labels)
    for axis in found.axes:
        _show_axis(screen, axis)
    screen.print(f"Report: {out / 'evaluation.md'}", soft_wrap=True)


def _show_labels(screen: "Console", part: "LabelAgreement") -> None:
    from moodtune.terminal.rendering import cell

    counts = part.counts
    screen.print(
        f"{counts.read:,} rows read, {counts.units:,} pairs of a track and a label counted "
        f"({counts.tracks:,} tracks, {counts.tracks_in_catalog:,} of them in the catalog, "
        f"{counts.tracks_learnt_from:,} left out: trained on their labels)"
    )
    _warn(screen, part)
    rows = {f"mean {name}": getattr(part.overall, f"mean_{name}") for name in _SHOWN}
    rows |= {"macro-F1": part.overall.macro_f1}
    rows |= {"calibration error": part.overall.calibration_error}
    rows |= {f"{x.label}: {name}": getattr(x, name) for name in _SHOWN for x in part.labels}
    _table(screen, part.kind, rows)
    screen.print(cell(f"95 % intervals by {part.interval_by}.", "dim"))
    for note in part.notes:
        screen.print(cell(f"Note: {note}."), soft_wrap=True)


_SHOWN = ("auc", "average_precision", "precision_at_10", "precision_at_50")


def _show_axis(screen: "Console", part: "AxisAgreement") -> None:
    screen.print(f"{part.axis}: {part.counts.units:,} tracks with a value of people")
    _warn(screen, part)
    _table(screen, part.kind, {f"Spearman of {part.axis}": part.spearman})


def _warn(screen: "Console", part: "LabelAgreement | AxisAgreement") -> None:
    guard = part.circularity
    if guard.is_circular:
        screen.print(
            f"Warning: this is fidelity to a rule, and not agreement with people: {guard.rule} "
            f"reproduces the labels from the tracks' own columns, {guard.measure} "
            f"{guard.score:.3f} (always the same answer: {guard.baseline:.3f}).",
            style="bold",
        )


def _table(screen: "Console", kind: str, rows: "dict[str, Measured]") -> None:
    from rich.table import Table

    from moodtune.terminal.rendering import cell

    first = next(iter(rows.values()))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column(kind)
    for head in ("model", *(name.replace("_", " ") for name in first.references)):
        table.add_column(head)
    table.add_column("gain over valence and energy")
    for name, measured in rows.items():
        table.add_row(
            cell(name),
            *_cells([measured.model, *measured.references.values()]),
            *_cells([measured.gains["valence_and_energy"]]),
        )
    screen.print(table)
    screen.print()


def _cells(figures: "list[Figure]") -> "Iterator[str]":
    for figure in figures:
        yield f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
