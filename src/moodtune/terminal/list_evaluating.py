"""``moodtune evaluate-lists``: lists held against what they were to hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moodtune.terminal.listening import ModelOption, VerifyOption

if TYPE_CHECKING:
    from rich.console import Console

    from moodtune.evaluation.list_evaluation import ListEvaluation


def evaluate_lists(
    lists: Annotated[
        Path,
        typer.Option(
            help="Table of the lists: list, rank, track_id; and mood (what a place was asked "
            "for), listener and at (whose list it is, and when), where known."
        ),
    ],
    relevant: Annotated[
        Path, typer.Option(help="Table of what each list was to hold: list, track_id.")
    ],
    model: ModelOption,
    out: Annotated[Path, typer.Option(help="Folder for list_evaluation.json, .md and the table.")],
    histories: Annotated[
        Path | None,
        typer.Option(help="Table of user, track_id: novelty by who plays what, not popularity."),
    ] = None,
    at: Annotated[
        int | None, typer.Option(min=1, help="Count only so many places of each list.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed, same intervals.")] = 7,
    verify: VerifyOption = False,
) -> None:
    """Measure lists: nDCG, recall, hits, coverage, Gini, similarity, novelty, moods, repeats."""
    from moodtune.artifacts import load_bundle
    from moodtune.evaluation.list_evaluation import evaluate_lists as measure
    from moodtune.evaluation.list_tables import read_lists, read_relevant
    from moodtune.preferences.histories import read_histories
    from moodtune.reports.list_report import PAGE, write_list_evaluation
    from moodtune.terminal.rendering import console

    bundle = load_bundle(model, verify=verify)
    ranked = read_lists(lists, bundle.tracks, at=at)
    found = measure(
        bundle.index,
        ranked,
        read_relevant(relevant, ranked, bundle.tracks),
        histories=None if histories is None else read_histories(histories, bundle.tracks),
        synthetic=bundle.manifest.synthetic,
        seed=seed,
    )
    write_list_evaluation(out, found)
    _show(console(), found.evaluation, out / PAGE)


def _show(screen: "Console", found: "ListEvaluation", page: Path) -> None:
    from rich.table import Table

    from moodtune.reports.list_report import shown
    from moodtune.terminal.rendering import cell

    screen.print(f"{found.lists:,} lists of at most {found.at} places")
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for head in ("figure", "mean per list", "lists", "all lists as one"):
        table.add_column(head)
    for name, mean in found.means.items():
        whole = shown(found.together[name]) if name in found.together else ""
        table.add_row(name, shown(mean.figure), f"{mean.lists:,}", whole)
    screen.print(table)
    for note in found.notes:
        screen.print(cell(f"Note: {note}."), soft_wrap=True)
    screen.print(cell(f"Report: {page}"), soft_wrap=True)
