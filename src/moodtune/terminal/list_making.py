"""``moodtune recommend-all``: lists for every listener of a table."""

from pathlib import Path
from typing import Annotated

import typer

from moodtune.terminal.listening import ModelOption


def recommend_all(
    model: ModelOption,
    out: Annotated[Path, typer.Option(help="Folder of the lists; an unfinished one is gone on.")],
    listeners: Annotated[
        Path | None,
        typer.Option(help="Table of profiles: id, a column per listener mood, maybe exclude."),
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(help="Table of answers instead, as train reads: profiles are predicted."),
    ] = None,
    n: Annotated[int | None, typer.Option("-n", help="How many tracks each: 10.")] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes of this machine; 2 or more need Dask.")
    ] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="A Dask cluster that is there, as in tcp://host:8786.")
    ] = None,
) -> None:
    """Recommend tracks for every listener of a table: Parquet parts and a manifest."""
    from moodtune.errors import UsageError
    from moodtune.ranking.query import DEFAULT_N
    from moodtune.scale_out.running import recommend_all as make_lists

    table = answers if listeners is None else listeners
    if table is None or (listeners is not None and answers is not None):
        raise UsageError("name the listeners by one of --listeners PROFILES and --answers TABLE")
    engine = None
    if workers > 1 or scheduler is not None:
        from moodtune.scale_out.dask import on_dask

        engine = on_dask(workers=workers, scheduler=scheduler)
    made = make_lists(
        model,
        table,
        out,
        n=DEFAULT_N if n is None else n,
        answers=listeners is None,
        engine=engine,
    )
    rows = sum(part.rows for part in made.parts)
    typer.echo(f"{rows} places in {len(made.parts)} parts -> {out}")
