"""``moodtune predict`` and ``moodtune recommend``: what a model says of listeners."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import polars as pl

    from moodtune.artifacts import ModelBundle

ModelOption = Annotated[
    Path, typer.Option("--model", help="The model directory that train wrote, output/model.")
]
IdColumnOption = Annotated[
    str | None, typer.Option(help="The column of the behavior table that says who it is.")
]
MoodColumnOption = Annotated[
    str | None, typer.Option(help="The column of the behavior table that says the mood.")
]
VerifyOption = Annotated[
    bool, typer.Option("--verify", help="Check every file of the model against its sha256 first.")
]


def predict(
    model: ModelOption,
    behavior: Annotated[Path, typer.Option(help="Table of listeners: CSV, XLSX, Parquet, HTML.")],
    out: Annotated[Path, typer.Option(help="CSV or Parquet file to write.")],
    id_column: IdColumnOption = None,
    mood_column: MoodColumnOption = None,
    verify: VerifyOption = False,
) -> None:
    """Predict the moods of listeners: a row each with p_<listener mood> ... and sure."""
    from moodtune.artifacts import load_bundle
    from moodtune.tables.writing import check_writable, write_table

    check_writable(out)
    bundle = load_bundle(model, verify=verify)
    profiles = _profiles(bundle, behavior, id_column, mood_column)
    write_table(profiles, out)
    typer.echo(f"{profiles.height} listeners -> {out}")


def recommend(
    model: ModelOption,
    listener: Annotated[
        str | None, typer.Option(help="A listener: the table's id, or the row from 0.")
    ] = None,
    mood: Annotated[str | None, typer.Option(help="A mood, for example relax.")] = None,
    behavior: Annotated[
        Path | None, typer.Option(help="Table that --listener is in; else those of training.")
    ] = None,
    n: Annotated[int, typer.Option("-n", help="How many tracks.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the rows as CSV.")] = False,
    id_column: IdColumnOption = None,
    mood_column: MoodColumnOption = None,
    verify: VerifyOption = False,
) -> None:
    """Recommend the tracks that fit a listener or a mood, with the reasons."""
    from moodtune.answering import profile_of
    from moodtune.artifacts import load_bundle
    from moodtune.ranking.query import Query
    from moodtune.ranking.recommending import recommend as answer_query
    from moodtune.reports.lists import to_csv, to_json
    from moodtune.terminal.rendering import console, show_recommendations

    _check_choices(listener, mood, behavior, as_json=as_json, as_csv=as_csv)
    bundle = load_bundle(model, verify=verify)
    profile = None
    if listener is not None:
        profile = profile_of(_profiles(bundle, behavior, id_column, mood_column), listener)
    answer = answer_query(bundle.index, Query(mood=mood, listener_profile=profile, n=n))
    if as_json:
        sys.stdout.write(to_json(answer))
    elif as_csv:
        sys.stdout.write(to_csv(answer))
    else:
        show_recommendations(console(), answer)


def _check_choices(
    listener: str | None, mood: str | None, behavior: Path | None, *, as_json: bool, as_csv: bool
) -> None:
    from moodtune.errors import UsageError

    if (listener is None) == (mood is None):
        raise UsageError("say whom the list is for: either --listener ID or --mood MOOD")
    if behavior is not None and listener is None:
        raise UsageError("--behavior needs --listener, the id or row of a listener in that table")
    if as_json and as_csv:
        raise UsageError("choose one of --json and --csv")


def _profiles(
    bundle: "ModelBundle", behavior: Path | None, id_column: str | None, mood_column: str | None
) -> "pl.DataFrame":
    """Return the profiles of a table's listeners, or of those of training without a table."""
    from moodtune.answering import known_profiles, new_profiles
    from moodtune.config import trained_listener_settings

    if behavior is None:
        return known_profiles(bundle)
    settings = trained_listener_settings(
        bundle.manifest.settings, id_column=id_column, mood_column=mood_column
    )
    return new_profiles(bundle, behavior, settings)
