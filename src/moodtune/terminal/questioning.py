"""``moodtune ask``: a short questionnaire, and the tracks that fit its answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from moodtune.terminal.listening import ModelOption, VerifyOption

if TYPE_CHECKING:
    from rich.console import Console

    from moodtune.artifacts import ModelBundle
    from moodtune.moods.listener_model import ListenerModel
    from moodtune.moods.questionnaire import Question

_HELP = (
    'Type the number of an answer, several with commas where that fits, or "I feel ..." at any '
    "time. Enter skips, q leaves, Ctrl-D ends the questions."
)
_QUIT = frozenset({"q", "quit", "exit"})


@dataclass(slots=True)
class Talk:
    """What was said so far."""

    answers: dict[str, str | None] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    left: bool = False  # asked to leave, so nothing more is wanted


@dataclass(frozen=True, slots=True)
class Cell:
    """An answer; None is a cell left blank."""

    text: str | None


#: An answer, moods said outright, or the word for leaving ("quit") or ending the questions ("end").
Reply: TypeAlias = "Cell | tuple[str, ...] | str"


def ask(
    model: ModelOption,
    save: Annotated[
        Path | None, typer.Option(help="CSV table of listeners that the answers are added to.")
    ] = None,
    questions: Annotated[int, typer.Option(min=1, help="How many questions at most.")] = 5,
    n: Annotated[int, typer.Option("-n", help="How many tracks.")] = 10,
    verify: VerifyOption = False,
) -> None:
    """Ask the few questions that tell most, and recommend the tracks that fit the answers."""
    from moodtune.artifacts import load_bundle
    from moodtune.errors import QueryError
    from moodtune.listeners.saving import check_appendable
    from moodtune.terminal.rendering import console

    bundle = load_bundle(model, verify=verify)
    if bundle.listener_model is None:
        raise QueryError(
            "this model knows no listeners, so there is nothing to ask: it was trained without a "
            "behavior table; train it with --behavior TABLE"
        )
    if save is not None:
        check_appendable(save, bundle.listener_model.columns)
    screen = console()
    talk = _talk(screen, bundle, bundle.listener_model, questions)
    if talk.left:
        screen.print("Left; nothing was saved.")
        return
    _finish(screen, bundle, bundle.listener_model, talk, n)
    if save is not None:
        _save(screen, bundle, bundle.listener_model, talk, save)


def _talk(screen: "Console", bundle: "ModelBundle", model: "ListenerModel", most: int) -> Talk:
    """Ask until it is time to stop; each answer shows how the probabilities move."""
    from moodtune.listeners.answers import UNKNOWN
    from moodtune.moods.questionnaire import next_question

    talk = Talk()
    screen.print(_HELP)
    while (question := next_question(model, talk.answers, most=most)) is not None:
        _show_question(screen, question, len(talk.answers) + 1)
        reply = _reply(screen, bundle, model, question)
        if not isinstance(reply, Cell):
            talk.left = reply == "quit"
            talk.said = reply if isinstance(reply, tuple) else ()
            return talk
        before = _profile(model, talk)
        talk.answers[question.column] = reply.text
        if reply.text == UNKNOWN:
            screen.print("Skipped.")
        else:
            _show_moves(screen, before, _profile(model, talk))
    return talk


def _profile(model: "ListenerModel", talk: Talk) -> dict[str, float]:
    from moodtune.moods.questionnaire import answers_frame

    predicted = model.predict(answers_frame(talk.answers))[0].tolist()
    return dict(zip(model.moods, predicted, strict=True))


def _reply(
    screen: "Console", bundle: "ModelBundle", model: "ListenerModel", question: "Question"
) -> Reply:
    """Read replies until one can be understood."""
    from moodtune.errors import UsageError
    from moodtune.terminal.rendering import cell

    while True:
        typed = _typed(screen)
        if typed is None:
            return "end"
        if typed.casefold() in _QUIT:
            return "quit"
        try:
            return _understood(typed, bundle, model, question)
        except UsageError as error:
            screen.print(cell(f"{error}."), soft_wrap=True)


def _typed(screen: "Console") -> str | None:
    """Return a line, or None where there are no more."""
    from moodtune.errors import UsageError

    screen.print("> ", end="")
    try:
        return input().strip()
    except EOFError:
        screen.print()
        return None
    except UnicodeDecodeError as error:
        raise UsageError("what was typed is no UTF-8 text: set the terminal to UTF-8") from error


def _understood(
    typed: str, bundle: "ModelBundle", model: "ListenerModel", question: "Question"
) -> Reply:
    """Return what a line means; UsageError with a sentence where it means nothing."""
    from moodtune.errors import UsageError
    from moodtune.listeners.answers import UNKNOWN
    from moodtune.moods.questionnaire import answers_frame
    from moodtune.moods.replies import cell_of, read_said

    if not typed:
        return Cell(UNKNOWN)
    try:
        answer = cell_of(question, typed)
        encoded = model.encoder.encode_frame(answers_frame({question.column: answer}))
        if encoded.known.any():
            return Cell(answer)
        fault = UsageError(f"expected a {question.kind} such as {question.low}, got {typed[:60]!r}")
    except UsageError as error:
        fault = error
    if (said := read_said(typed, bundle.taxonomy)) is not None:
        return said.moods
    raise fault


def _show_question(screen: "Console", question: "Question", number: int) -> None:
    from rich.table import Table

    from moodtune.moods.replies import BLANK_KEY, keys_of
    from moodtune.terminal.rendering import cell

    hint = {
        "one": "",
        "several": "  (several can be)",
        "number": f"  (a number; most are from {question.low} to {question.high})",
        "date": f"  (a date; most are from {question.low} to {question.high})",
    }[question.kind]
    screen.print()
    screen.print(cell(f"{number}. {question.wording}?{hint}", "bold"), soft_wrap=True)
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right")
    same = all(key == answer for key, answer in keys_of(question).items() if answer is not None)
    for key, answer in keys_of(question).items():
        shown = "leave it blank, as where it does not apply" if key == BLANK_KEY else answer or ""
        table.add_row(" ", cell(key), "" if same and key != BLANK_KEY else cell(shown))
    screen.print(table)


def _show_moves(screen: "Console", before: Mapping[str, float], after: Mapping[str, float]) -> None:
    """Print each mood's probability before and after; what came or went has a bar of its own."""
    from rich.table import Table
    from rich.text import Text

    from moodtune.terminal.rendering import cell

    table = Table.grid(padding=(0, 2))
    for mood in sorted(after, key=lambda mood: -after[mood]):
        old, new = round(before[mood] * 20), round(after[mood] * 20)
        bar = Text("█" * min(old, new), style="cyan")
        bar.append("▓" * (new - old), style="bold cyan").append("░" * (old - new), style="dim")
        table.add_row("", cell(mood), f"{before[mood]:.2f} -> {after[mood]:.2f}", bar)
    screen.print(table)


def _finish(
    screen: "Console", bundle: "ModelBundle", model: "ListenerModel", talk: Talk, n: int
) -> None:
    """Print how sure that is, the probabilities, and the list."""
    from moodtune.moods.replies import outweighed
    from moodtune.ranking.query import Query
    from moodtune.ranking.recommending import recommend
    from moodtune.terminal.rendering import cell, show_recommendations

    suggested = _profile(model, talk)
    screen.print()
    screen.print(cell(_how_sure(model, talk, suggested)), soft_wrap=True)
    screen.print()
    profile = outweighed(suggested, talk.said)
    answer = recommend(bundle.index, Query(listener_profile=profile, n=n))
    show_recommendations(screen, answer)


def _how_sure(model: "ListenerModel", talk: Talk, suggested: Mapping[str, float]) -> str:
    from moodtune.moods.listener_model import NEVER_SURE

    if talk.said:
        return f"You said {' and '.join(talk.said)}: that outweighs what answers suggest."
    likeliest = max(suggested, key=lambda mood: suggested[mood])
    said = f"{likeliest} {suggested[likeliest]:.2f}"
    if suggested[likeliest] >= model.sure_from:
        return f"Sure: {said}; the model is sure from {model.sure_from:.2f} on."
    if model.sure_from >= NEVER_SURE:
        return f"Not sure yet: {said} is the likeliest, and this model is never sure."
    return (
        f"Not sure yet: {said} is the likeliest, and the model is sure from {model.sure_from:.2f} "
        'on. "I feel ..." would say it outright.'
    )


def _save(
    screen: "Console", bundle: "ModelBundle", model: "ListenerModel", talk: Talk, path: Path
) -> None:
    from moodtune.config import trained_listener_settings
    from moodtune.listeners.saving import AnswerRow, append_row
    from moodtune.terminal.rendering import cell

    if not talk.answers and not talk.said:
        screen.print("Nothing was answered, so nothing was saved.")
        return
    settings = trained_listener_settings(bundle.manifest.settings)
    row = AnswerRow(
        columns=model.columns,
        answers=talk.answers,
        mood_column=settings.mood_column,
        moods=talk.said,
    )
    n_rows = append_row(path, row)
    screen.print(cell(f"Answers saved as row {n_rows} of {path}"), soft_wrap=True)
