"""``moodtune inspect`` and ``moodtune sample``: before there is a model."""

from pathlib import Path
from typing import Annotated

import typer

PercentOption = Annotated[
    list[str] | None,
    typer.Option("--percent", help="A feature that the table gives as 0 to 100; repeatable."),
]
SecondsOption = Annotated[
    list[str] | None,
    typer.Option("--seconds", help="'duration', where the table gives it in seconds."),
]


def inspect(
    table: Annotated[Path, typer.Argument(help="A track table, or a folder of them.")],
    percent: PercentOption = None,
    seconds: SecondsOption = None,
) -> None:
    """Show what was understood of a table: columns, rows kept, rows rejected and why."""
    from moodtune.catalog.inspection import inspect as inspect_table
    from moodtune.catalog.settings import CatalogSettings
    from moodtune.terminal.rendering import console, show_inspection

    settings = CatalogSettings(percent=tuple(percent or ()), seconds=tuple(seconds or ()))
    show_inspection(console(), inspect_table(table, settings))


def sample(
    out: Annotated[Path, typer.Option(help="Folder to write; laid out as train.py reads it.")],
    tracks: Annotated[int, typer.Option(help="How many tracks.")] = 20_000,
    listeners: Annotated[int, typer.Option(help="How many listeners.")] = 520,
    seed: Annotated[int, typer.Option(help="Same seed, same tables.")] = 7,
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="csv or parquet; by default csv up to a million tracks."),
    ] = None,
) -> None:
    """Write synthetic tables of tracks and listeners; no track or person in them exists."""
    from moodtune.config import checked
    from moodtune.samples import SampleSettings, write_samples

    settings = checked(
        SampleSettings,
        {"tracks": tracks, "listeners": listeners, "seed": seed, "file_format": file_format},
    )
    written = write_samples(out, settings)
    typer.echo(f"{tracks} synthetic tracks -> {written.tracks}")
    typer.echo(f"{listeners} synthetic listeners -> {written.listeners}")
