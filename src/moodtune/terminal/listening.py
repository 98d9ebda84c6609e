"""``moodtune predict`` and ``moodtune recommend``: what a model says of listeners."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from moodtune.terminal.journeying import (
    FromOption,
    StepOption,
    ToOption,
    journey_asked,
    show_journey,
)

if TYPE_CHECKING:
    import polars as pl

    from moodtune.artifacts import ModelBundle
    from moodtune.ranking.query import Recommendations

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
    if profiles.height and _none_is_known(bundle, profiles):
        typer.echo(
            "Note: the table answers none of the model's questions, so everybody gets the "
            "probabilities of a listener of whom nothing is known."
        )


def _none_is_known(bundle: "ModelBundle", profiles: "pl.DataFrame") -> bool:
    """Return whether every profile is the one that a listener without an answer gets."""
    from moodtune.artifacts import PROBABILITY

    model = bundle.listener_model
    if model is None:
        return False
    known = profiles.select(f"{PROBABILITY}{mood}" for mood in model.moods)
    return bool((known.to_numpy() == model.nothing_known()).all())


def recommend(
    model: ModelOption,
    listener: Annotated[
        str | None, typer.Option(help="A listener: the table's id, or the row from 0.")
    ] = None,
    mood: Annotated[str | None, typer.Option(help="A mood, for example relax.")] = None,
    behavior: Annotated[
        Path | None, typer.Option(help="Table that --listener is in; else those of training.")
    ] = None,
    blend: Annotated[
        str | None, typer.Option(help="A mix of moods, for example melancholy=.6,calm=.4.")
    ] = None,
    start: FromOption = None,
    goal: ToOption = None,
    step: StepOption = None,
    n: Annotated[
        int | None,
        typer.Option("-n", help="How many tracks: 10, or with --minutes as many as fit."),
    ] = None,
    genre: Annotated[
        list[str] | None, typer.Option(help="Only this genre; repeat it for any of several.")
    ] = None,
    not_genre: Annotated[
        list[str] | None, typer.Option(help="Never this genre; wins over --genre.")
    ] = None,
    artist_cap: Annotated[
        int | None, typer.Option(help="Tracks of one artist at most: 2.", show_default=False)
    ] = None,
    artist_gap: Annotated[
        int | None, typer.Option(help="Places between two tracks of one artist at least: 0.")
    ] = None,
    year: Annotated[str | None, typer.Option(help="Years, for example 1970-1999.")] = None,
    tempo: Annotated[str | None, typer.Option(help="Beats per minute, for example 90-120.")] = None,
    max_popularity: Annotated[
        float | None, typer.Option(help="Nothing more popular than this, 0 to 100.")
    ] = None,
    no_explicit: Annotated[
        bool, typer.Option("--no-explicit", help="Nothing with explicit lyrics.")
    ] = False,
    exclude: Annotated[
        Path | None,
        typer.Option(help="Table of songs to leave out: track_id, or title and artist."),
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="Length of the whole list at most.")] = None,
    diversity: Annotated[
        float | None, typer.Option(help="How unlike one another the tracks are, 0 to 1: 0.")
    ] = None,
    likes: Annotated[
        Path | None, typer.Option(help="Table of track_id: what the listener likes.")
    ] = None,
    feedback: Annotated[
        Path | None, typer.Option(help="Table of key,track_id,mood,action,at: like, skip or ban.")
    ] = None,
    shown: Annotated[
        Path | None, typer.Option(help="Table of track_id,at: what was listed before.")
    ] = None,
    today: Annotated[
        str | None, typer.Option(help="The day, as in 2026-11-23; else the clock's, in UTC.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Draws among tracks that fit about equally.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the rows as CSV.")] = False,
    id_column: IdColumnOption = None,
    mood_column: MoodColumnOption = None,
    verify: VerifyOption = False,
) -> None:
    """Recommend tracks for a listener, a mood, a mix, or a way between two moods, with reasons."""
    from moodtune.answering import profile_of
    from moodtune.artifacts import load_bundle
    from moodtune.ranking.query import Query
    from moodtune.ranking.recommending import recommend as answer_query
    from moodtune.terminal.asking import query_values

    others = mood is not None or blend is not None
    journey = journey_asked(start, goal, step, others=others, listener=listener is not None)
    asked = (listener, mood, blend) if journey is None else (goal,)
    _check_choices(asked, listener, behavior, as_json=as_json, as_csv=as_csv)
    values = query_values(
        journey=journey,
        mood=mood,
        blend=blend,
        n=n,
        genres=tuple(genre) if genre else None,
        not_genres=tuple(not_genre) if not_genre else None,
        artist_cap=artist_cap,
        artist_gap=artist_gap,
        year=year,
        tempo=tempo,
        max_popularity=max_popularity,
        no_explicit=no_explicit,
        exclude=exclude,
        minutes=minutes,
        diversity=diversity,
        seed=seed,
        likes=likes,
        feedback=feedback,
        shown=shown,
        today=today,
    )
    bundle = load_bundle(model, verify=verify)
    profile = None
    if listener is not None:
        profile = profile_of(_profiles(bundle, behavior, id_column, mood_column), listener)
    answer = answer_query(bundle.index, Query(listener_profile=profile, **values))
    _write_out(answer, as_json=as_json, as_csv=as_csv)


def _write_out(answer: "Recommendations", *, as_json: bool, as_csv: bool) -> None:
    """Write an answer to standard output, for a program or for a person."""
    from moodtune.reports.lists import to_csv, to_json
    from moodtune.terminal.rendering import console, show_recommendations

    if as_json:
        sys.stdout.write(to_json(answer))
    elif as_csv:
        sys.stdout.write(to_csv(answer))
    else:
        show_recommendations(console(), answer)
        if answer.journey is not None:
            show_journey(console(), answer.journey)


def _check_choices(
    asked: tuple[str | None, ...],
    listener: str | None,
    behavior: Path | None,
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    from moodtune.errors import UsageError

    if sum(one is not None for one in asked) != 1:
        raise UsageError(
            "say whom the list is for: one of --listener ID, --mood MOOD and --blend MOOD=SHARE,..."
        )
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
