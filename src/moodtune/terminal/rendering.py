"""What people see in a terminal. Text from tables is data here: never markup, never control."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from moodtune.artifacts import LISTENER_ID, PROBABILITY, SURE
from moodtune.ranking.query import Recommendation, Recommendations, Spread
from moodtune.tables.text import literal

if TYPE_CHECKING:
    from moodtune.catalog.inspection import ColumnReading, Inspection
    from moodtune.moods.scores import MoodScores
    from moodtune.pipeline import TrainingRun
    from moodtune.reports.contents import ReportContents

#: Columns when the output is no terminal: wide enough that hardly anything is folded.
PIPED_WIDTH = 160


def console() -> Console:
    """Return where results go; text is shown as it is, without markup, emoji or highlighting."""
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    return Console(markup=False, emoji=False, highlight=False, width=width)


def cell(text: str, style: str = "") -> Text:
    """Return text from a table as it may be shown."""
    return Text(literal(text), style=style)


def show_recommendations(screen: Console, answer: Recommendations) -> None:
    """Print the mood probabilities, the list, and the notes."""
    if answer.listener_profile is not None:
        screen.print("How likely each mood is (several can be):")
        _show_bars(screen, answer.listener_profile)
    screen.print("The mix of the list:")
    _show_bars(screen, {mood: p for mood, p in answer.profile.items() if p > 0})
    screen.print(_places(answer))
    if answer.query.diversity:
        screen.print(Clauses(_price(answer.spread)))
    for note in answer.notes:
        screen.print(cell(f"Note: {note}"))


def _price(spread: Spread) -> str:
    """Return what diversity bought, and what it cost."""
    figures = [
        f"{name} {'-' if value is None else f'{value:.3f}'}"
        f" ({'-' if without is None else f'{without:.3f}'} without diversity)"
        for name, value, without in (
            ("similarity of the tracks", spread.similarity, spread.similarity_without),
            ("mean fit", spread.fit, spread.fit_without),
        )
    ]
    return ", ".join(figures)


def _show_bars(screen: Console, shares: Mapping[str, float]) -> None:
    table = Table.grid(padding=(0, 2))
    for name, share in sorted(shares.items(), key=lambda item: -item[1]):
        bar = "█" * round(share * 20)
        table.add_row("", cell(name), f"{share:.2f}", Text(bar, style="cyan"))
    screen.print(table)
    screen.print()


def _places(answer: Recommendations) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("#", justify="right")
    table.add_column("track")
    table.add_column("mood")
    table.add_column("score", justify="right")
    for r in answer.recommendations:
        table.add_row(str(r.rank), Group(*_track(r)), cell(r.mood), f"{r.score:.3f}")
    return table


def _track(told: Recommendation) -> Iterator[RenderableType]:
    """Yield what the track is, why it is here, and where to listen."""
    title, artist = literal(told.title or told.track_id), literal(told.artist)
    yield Text.assemble((title, "bold"), f" - {artist}" if artist else "")
    yield Clauses(literal(told.why), style="dim")
    if told.url is not None:
        yield Text(literal(told.url), style="dim", overflow="fold")


@dataclass(frozen=True, slots=True)
class Clauses:
    """Text that is folded behind a comma or a semicolon where it can be, so that it reads well."""

    text: str
    style: str = ""

    def __rich_console__(self, screen: Console, options: ConsoleOptions) -> RenderResult:
        lines = [""]
        for clause in re.split(r"(?<=[;,]) ", self.text):
            longer = f"{lines[-1]} {clause}" if lines[-1] else clause
            if lines[-1] and cell_len(longer) > options.max_width:
                lines.append(clause)
            else:
                lines[-1] = longer
        yield Text("\n".join(lines), style=self.style)

    def __rich_measure__(self, screen: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(screen, options, Text(self.text))


def show_profiles(screen: Console, profiles: pl.DataFrame) -> None:
    """Print a line per listener: the likeliest mood, its probability, and whether that is sure."""
    moods = [name for name in profiles.columns if name.startswith(PROBABILITY)]
    values = profiles.select(moods).to_numpy()
    leading = values.argmax(axis=1)
    for row, (listener, sure) in enumerate(zip(profiles[LISTENER_ID], profiles[SURE], strict=True)):
        mood = moods[leading[row]].removeprefix(PROBABILITY)
        hedge = "" if sure else "  (not sure)"
        line = f"listener {listener}: {mood} {values[row, leading[row]]:.2f}{hedge}"
        screen.print(cell(line), soft_wrap=True)


def show_inspection(screen: Console, found: "Inspection") -> None:
    """Print what was understood of a table."""
    for source in found.sources:
        left_out = f"; left out: {source.left_out}" if source.left_out else ""
        screen.print(cell(f"{source.name}: {source.n_rows:,} rows{left_out}", "bold"))
        screen.print(_columns([c for c in found.columns if c.file == source.name]))
    if found.problem is not None:
        screen.print(cell(f"Cannot be used: {found.problem}", "bold"))
    if found.counts is not None:
        c = found.counts
        screen.print(
            f"{c.n_read:,} rows read = {c.n_kept:,} kept + {c.n_rejected:,} rejected + "
            f"{c.n_merged_ids:,} merged by id + {c.n_merged_songs:,} merged by song"
        )
    for reason in found.reasons:
        rows = ", ".join(f"row {e.row}" for e in reason.examples)
        screen.print(cell(f"  {reason.n_rows:,} rejected: {reason.reason} ({rows})"))
    for note in found.notes:
        screen.print(cell(f"Note: {note}"))


def _columns(columns: Sequence["ColumnReading"]) -> Table:
    table = Table(box=None, padding=(0, 2), pad_edge=False, header_style="bold")
    for title in ("column", "understood as", "unit", "range seen", "blank"):
        table.add_column(title, justify="right" if title == "blank" else "left")
    for c in columns:
        unused = f"not used, {c.instead} is" if c.instead else "not used"
        spread = "" if c.low is None or c.high is None else f"{c.low:g} to {c.high:g}"
        name = cell(c.name or "(unnamed)")
        table.add_row(name, cell(c.meaning or unused), c.unit or "", spread, f"{c.n_blank:,}")
    return table


def show_training(screen: Console, run: "TrainingRun", out: Path) -> None:
    """Print what came in, how the moods are spread, what the models are worth, and where it is."""
    catalog = run.contents.catalog
    screen.print(
        f"{catalog.n_read:,} rows read = {len(catalog):,} tracks kept + "
        f"{catalog.n_rejected:,} rejected + {catalog.n_merged:,} merged"
    )
    if run.contents.listeners is not None:
        people = run.contents.listeners.listeners
        screen.print(
            f"{people.n_read:,} listeners read = {len(people):,} kept + "
            f"{people.n_rejected:,} rejected"
        )
    for source in catalog.sources:
        if source.left_out is not None:
            screen.print(cell(f"Left out: {source.name}: {source.left_out}"), soft_wrap=True)
    if run.contents.synthetic:
        screen.print("The tables are a synthetic sample: no track or person in them exists.")
    screen.print()
    show_shares(screen, run.bundle.scores)
    for line in _worth(run.contents):
        screen.print(cell(line), soft_wrap=True)
    screen.print()
    screen.print(cell(f"Model:  {out / 'model'}"), soft_wrap=True)
    screen.print(cell(f"Report: {out / 'report.md'}"), soft_wrap=True)


def show_shares(screen: Console, scores: "MoodScores") -> None:
    """Print which share of the tracks each mood leads."""
    counts = np.bincount(scores.leading, minlength=len(scores.moods))
    screen.print("The mood that leads, as a share of tracks:")
    _show_bars(screen, dict(zip(scores.moods, counts / max(len(scores), 1), strict=True)))


def _worth(contents: "ReportContents") -> Iterator[str]:
    """Yield what each model is worth, beside what costs nothing, and how sure that is."""
    if (f := contents.fidelity) is not None:
        yield (
            f"Song model: fidelity to its own clusters {f.agreement:.2f} "
            f"[{f.interval[0]:.2f}, {f.interval[1]:.2f}] on {f.n:,} held-out tracks; always "
            f"saying {f.baseline_mood} gives {f.baseline:.2f}"
        )
    if (lesson := contents.lesson) is not None:
        for name, better, gain in (
            ("mean AUC", "higher", lesson.mean_auc),
            ("log loss", "lower", lesson.log_loss),
        ):
            yield (
                f"Labels of {lesson.tracks:,} tracks: {name} {gain.taught.value:.3f} with them, "
                f"{gain.untaught.value:.3f} without ({better} is better), gain "
                f"{gain.gain.value:.3f} [{gain.gain.low:.3f}, {gain.gain.high:.3f}], left out by "
                f"{lesson.by}"
            )
    if contents.listeners is not None:
        v = contents.listeners.validation
        for name, measure, better in (
            ("the likeliest mood is among those ticked", v.hit_rate, "higher"),
            ("mean log loss", v.log_loss, "lower"),
        ):
            yield (
                f"Listener model: {name} {measure.model.value:.2f} "
                f"[{measure.model.low:.2f}, {measure.model.high:.2f}] in cross-validation over "
                f"{v.n_listeners:,} listeners ({better} is better); answering the base rates "
                f"gives {measure.constant.value:.2f}"
            )
