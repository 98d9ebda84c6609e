"""``moodtune train`` and ``moodtune score``: tables to a model, and a model's view of tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from moodtune.terminal.listening import (
    IdColumnOption,
    ModelOption,
    MoodColumnOption,
    VerifyOption,
)
from moodtune.terminal.looking import PercentOption, SecondsOption
from moodtune.terminal.memory import set_up_for_training

if TYPE_CHECKING:
    from moodtune.config import Settings
    from moodtune.song_learning import LabelSource

LabelsOption = Annotated[
    Path | None, typer.Option(help="Table of people's labels of tracks, to learn from as well.")
]
LabelColumnOption = Annotated[
    str | None, typer.Option(help="The column of --labels with a label per track.")
]
GroupColumnOption = Annotated[
    str | None, typer.Option(help="The column that says which tracks were labelled together.")
]
MatchOption = Annotated[
    str | None,
    typer.Option(help="Which moods stand for a label: 'melancholy=Sad;calm,relax=Calm'."),
]


def train(
    catalog: Annotated[
        Path, typer.Option(help="Track table: CSV, gzip, Parquet, XLSX, or a folder of them.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the model, the figures and the report.")],
    behavior: Annotated[
        Path | None, typer.Option(help="Behavior table: CSV, XLSX, Parquet, HTML.")
    ] = None,
    taxonomy: Annotated[Path | None, typer.Option(help="A moods.toml of one's own.")] = None,
    labels: LabelsOption = None,
    label_column: LabelColumnOption = None,
    group_column: GroupColumnOption = None,
    match: MatchOption = None,
    mood_column: MoodColumnOption = None,
    id_column: IdColumnOption = None,
    like: Annotated[
        Path | None, typer.Option(help="An earlier model, whose numbers clusters keep.")
    ] = None,
    histories: Annotated[
        Path | None, typer.Option(help="Table of user,track_id: who played what, for taste.")
    ] = None,
    clusters: Annotated[str | None, typer.Option(help="How many clusters, or auto.")] = None,
    percent: PercentOption = None,
    seconds: SecondsOption = None,
    seed: Annotated[int | None, typer.Option(help="Same tables, same seed: same model.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file of settings.")] = None,
    no_listeners: Annotated[
        bool, typer.Option("--no-listeners", help="Keep no listener's mood profile in the model.")
    ] = False,
    temp_dir: Annotated[
        Path | None,
        typer.Option(help="Folder for what is needed meanwhile of a long table; by default --out."),
    ] = None,
    no_figures: Annotated[bool, typer.Option("--no-figures", help="Draw no pictures.")] = False,
) -> None:
    """Learn the moods of tracks, and of listeners where there is a table of them."""
    set_up_for_training(filter(None, (catalog, behavior, labels, histories)))
    from moodtune.config import Settings, read_settings, with_changes

    changes: dict[str, Any] = {
        "listeners": _said(mood_column=mood_column, id_column=id_column),
        "catalog": _said(percent=percent, seconds=seconds),
        "clusters": _said(clusters=_number_or_word(clusters)),
        **_said(seed=seed, keep_listeners=False if no_listeners else None),
    }
    settings = with_changes(read_settings(config) if config else Settings(), changes)
    train_and_write(
        catalog,
        behavior,
        out,
        settings,
        taxonomy=taxonomy,
        labels=_label_source(labels, label_column, group_column, match),
        like=like,
        histories=histories,
        temp_dir=temp_dir,
        figures=not no_figures,
    )


def train_and_write(
    catalog: Path,
    behavior: Path | None,
    out: Path,
    settings: "Settings",
    *,
    taxonomy: Path | None = None,
    labels: "LabelSource | None" = None,
    like: Path | None = None,
    histories: Path | None = None,
    temp_dir: Path | None = None,
    figures: bool = True,
) -> None:
    """Train, write everything under ``out``, and print what a person wants to know first."""
    from moodtune.pipeline import check_out, write
    from moodtune.pipeline import train as train_models
    from moodtune.reports.timings import write_timings
    from moodtune.terminal.bandwidth import rates_for
    from moodtune.terminal.progress import StageLines
    from moodtune.terminal.rendering import console, show_training
    from moodtune.terminal.stopwatch import Stopwatch, timings_of

    watch, lines = Stopwatch(), StageLines()

    def announce(stage: str) -> None:
        watch.announce(stage)
        lines.announce(stage)

    def count(what: str, done: int, of: int) -> None:
        watch.count(what, done, of)
        lines.count(what, done, of)

    check_out(out)
    tables = [catalog, behavior, None if labels is None else labels.path, histories]
    read = [table for table in tables if table is not None]
    rates = rates_for(read, out)
    run = train_models(
        catalog,
        behavior,
        settings,
        taxonomy=taxonomy,
        labels=labels,
        like=like,
        histories=histories,
        temp_dir=temp_dir or out,
        announce=announce,
        count=count,
    )
    write(run, out, figures=figures, announce=announce, count=count)
    lines.end()
    timings = timings_of(run, watch.stages(), tables=read, out=out, rates=rates)
    write_timings(out, timings)
    show_training(console(), run, out)


def score(
    model: ModelOption,
    catalog: Annotated[Path, typer.Option(help="Track table, or a folder of them.")],
    out: Annotated[Path, typer.Option(help="CSV or Parquet file to write.")],
    percent: PercentOption = None,
    seconds: SecondsOption = None,
    verify: VerifyOption = False,
) -> None:
    """Say which moods the tracks of any catalog carry: a row per track."""
    from moodtune.answering import score_table
    from moodtune.artifacts import load_bundle
    from moodtune.catalog.settings import CatalogSettings
    from moodtune.tables.writing import check_writable, write_table

    check_writable(out)
    settings = CatalogSettings(percent=tuple(percent or ()), seconds=tuple(seconds or ()))
    scores = score_table(load_bundle(model, verify=verify), catalog, settings)
    write_table(scores, out)
    typer.echo(f"{scores.height} tracks -> {out}")


def _label_source(
    table: Path | None, column: str | None, group: str | None, match: str | None
) -> "LabelSource | None":
    """Return the labels that were named; UsageError where half of it was."""
    from moodtune.errors import UsageError
    from moodtune.song_learning import LabelSource

    if table is None:
        for option, value in (
            ("--label-column", column), ("--group-column", group), ("--match", match),
        ):  # fmt: skip
            if value is not None:
                raise UsageError(
                    f"{option} says how to read labels: name their table with --labels"
                )
        return None
    if column is None:
        raise UsageError(
            "--labels needs --label-column, the column of the table that holds people's labels, "
            "and --match where labels are not called like moods"
        )
    return LabelSource(path=table, column=column, group=group, match=match)


def _said(**options: Any) -> dict[str, Any]:
    """Return the options that were given: the others keep their stage's default."""
    return {name: value for name, value in options.items() if value is not None}


def _number_or_word(text: str | None) -> int | str | None:
    return int(text) if text is not None and text.isdecimal() else text
