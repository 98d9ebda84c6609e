"""Journeys as people type them, and as they see them."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from moodtune.ranking.journeys import Journey, JourneyReport

FromOption = Annotated[
    str | None,
    typer.Option(
        "--from", help="Where a journey starts: a mood, or valence,arousal as in 0.2,0.3."
    ),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", help="Where a journey leads, from --from or from how --listener feels."),
]
StepOption = Annotated[
    float | None,
    typer.Option(help="Longest step of a journey on the valence-arousal plane, both 0 to 1."),
]

_POINT = re.compile(r"\s*(-?\d*\.?\d+)\s*,\s*(-?\d*\.?\d+)\s*")


def parse_end(text: str) -> str | tuple[float, float]:
    """Return a point for two numbers with a comma between, else the name of a mood.

    >>> parse_end("0.2,.3"), parse_end("melancholy")
    ((0.2, 0.3), 'melancholy')
    """
    found = _POINT.fullmatch(text)
    return text if found is None else (float(found[1]), float(found[2]))


def journey_asked(
    start: str | None, goal: str | None, step: float | None, *, others: bool, listener: bool
) -> "Journey | None":
    """Return the journey that the options ask for, None without one; UsageError if they clash.

    ``others``: whether a mood or a blend is asked for too; ``listener``: whether a listener is.
    """
    from moodtune.errors import UsageError
    from moodtune.ranking.journeys import Journey

    if goal is None:
        if start is not None or step is not None:
            raise UsageError("a journey needs --to, the mood or place that it leads to")
        return None
    if others or (start is None) != listener:
        raise UsageError(
            "a journey goes from --from, or from how --listener feels, to --to: give one start, "
            "and no --mood or --blend"
        )
    return Journey(
        start=None if start is None else parse_end(start), goal=parse_end(goal), step=step
    )


def show_journey(screen: "Console", report: "JourneyReport") -> None:
    """Print where a journey leads, how long its steps are, and what its order is worth."""
    if report.largest_step is None or report.mean_step is None:
        return
    ends = " to ".join(
        f"{valence:.2f},{arousal:.2f}" for valence, arousal in (report.start, report.goal)
    )
    lasts = "" if report.minutes is None else f", {report.minutes:.1f} minutes"
    screen.print(
        f"The journey on the valence-arousal plane: {ends}{lasts}; steps of {report.mean_step:.3f} "
        f"on average, {report.largest_step:.3f} at most, no more than {report.step_bound:.3f} "
        f"allowed.",
        soft_wrap=not screen.is_terminal,  # folded between words where somebody looks
    )
    heard = ", ".join(("step", *report.heard_by))
    screen.print(
        f"Its transitions ({heard}) cost {report.transition_cost:.2f}; the same tracks in random "
        f"order {report.random_order_cost:.2f}, in greedy order {report.greedy_order_cost:.2f}.",
        soft_wrap=not screen.is_terminal,
    )
