"""The figure of a journey: its path over the catalog's plane, and what changes on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from moodtune.ranking.index import TrackIndex
from moodtune.ranking.journeys import JourneyReport
from moodtune.ranking.transitions import Sound, camelot_name, sound_of
from moodtune.ranking.waypoints import place_of
from moodtune.reports.style import (
    BLUE,
    INK,
    MUTED,
    SEQUENTIAL,
    VERMILION,
    drawable,
    drawing,
    new_figure,
    number,
    place_axes,
)

_CELLS = 60  # of the plane, on each side
_MARGIN = 0.035  # of the plane around what is drawn
_WIDTH, _HEIGHT, _PLANE = 11.0, 6.6, 6.4  # inches; the plane's right edge
_BOTTOM, _TOP, _GAP = 1.15, 0.95, 0.42
#: Moods of which one lies so near below another are named on either side.
_CLOSE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnJourney:
    """What is drawn: the rows of the tracks in order, the report, and what the ends are called."""

    index: TrackIndex
    rows: Sequence[int]
    report: JourneyReport
    start: str
    goal: str
    synthetic: bool = False


def draw_journey(journey: DrawnJourney) -> Figure:
    """Return the figure: on the left the plane, on the right tempo, key and loudness by place.

    Where the catalog lacks a column its panel is left out.
    """
    report, n = journey.report, len(journey.rows)
    lasts = "" if report.minutes is None else f" in {report.minutes:.0f} minutes"
    with drawing():
        figure = new_figure(
            width=_WIDTH,
            height=_HEIGHT,
            title=f"From {drawable(journey.start)} to {drawable(journey.goal)}, one step at a time",
            subtitle=(
                f"{n} tracks{lasts}. Never back, and no step longer than "
                f"{number(report.step_bound, 2)}: the longest is "
                f"{number(report.largest_step or 0, 2)}, the mean "
                f"{number(report.mean_step or 0, 2)}."
            ),
            caption=(
                "Shaded: how many of the catalog's tracks lie there, by the logarithm. Transitions "
                f"cost {number(report.transition_cost, 2)}; the same tracks in random order "
                f"{number(report.random_order_cost, 2)}, in greedy order "
                f"{number(report.greedy_order_cost, 2)}. Valence and arousal are what the model "
                "hears, not what anybody feels."
            ),
            synthetic=journey.synthetic,
        )
        _draw_plane(
            place_axes(
                figure, left=0.8, bottom=_BOTTOM, right=_WIDTH - _PLANE, top=_TOP, label="plane"
            ),
            journey,
        )
        _draw_changes(figure, journey)
    return figure


def _draw_plane(axes: Axes, journey: DrawnJourney) -> None:
    scores, report = journey.index.scores, journey.report
    counts, across, along = np.histogram2d(
        scores.valence, scores.arousal, bins=_CELLS, range=((0, 1), (0, 1))
    )
    shades = np.ma.masked_equal(np.log1p(counts.T), 0)
    axes.pcolormesh(across, along, shades, cmap=SEQUENTIAL, alpha=0.55, linewidth=0)
    places, waypoints = np.array(report.places), np.array(report.waypoints)
    axes.plot(*waypoints.T, ":", color=INK, linewidth=1.2, label="the straight way", gid="way")
    axes.plot(
        *places.T,
        "-o",
        color=VERMILION,
        linewidth=1.6,
        markersize=5,
        label="the journey",
        gid="path",
    )
    _name_moods(axes, journey)
    for place, offset in ((0, (13, -2)), (len(places) - 1, (3, 12))):
        _write(axes, places[place], str(place + 1), VERMILION, offset=offset, weight="bold")
    axes.set(xlabel="valence: unpleasant to pleasant", ylabel="arousal: still to excited")
    axes.set(xlim=(-_MARGIN, 1 + _MARGIN), ylim=(-_MARGIN, 1 + _MARGIN))
    axes.legend(loc="lower right", frameon=False)


def _name_moods(axes: Axes, journey: DrawnJourney) -> None:
    """Name the places where the catalog's tracks of each mood lie."""
    index = journey.index
    moods = index.taxonomy.moods
    music = np.array([mood.offered for mood in moods])[index.leading]
    mixes = np.eye(len(moods))
    places = {
        mood.name: np.array(place_of(index.scores, mix, music))
        for mood, mix in zip(moods, mixes, strict=True)
        if mood.offered and music.any()
    }
    for name, at in places.items():
        below = [at - other for called, other in places.items() if called != name]
        crowded = any(abs(x) < _CLOSE and 0 < y < _CLOSE for x, y in below)
        axes.plot(*at, "s", color=INK, markersize=3.5, gid="mood")
        _write(axes, at, drawable(name), INK, offset=(0, 11 if crowded else -11))


def _write(
    axes: Axes,
    at: NDArray[np.float64],
    text: str,
    color: str,
    *,
    offset: tuple[float, float],
    weight: str = "normal",
) -> None:
    axes.annotate(
        text,
        (float(at[0]), float(at[1])),
        xytext=offset,
        textcoords="offset points",
        ha="center",
        va="center",
        size=9,
        color=color,
        weight=weight,
        path_effects=[withStroke(linewidth=2.5, foreground="white")],
    )


def _draw_changes(figure: Figure, journey: DrawnJourney) -> None:
    sound = sound_of(journey.index)
    names = sound.heard_by
    for panel, name in enumerate(names):
        height = (_HEIGHT - _BOTTOM - _TOP - _GAP * (len(names) - 1)) / len(names)
        bottom = _BOTTOM + (len(names) - 1 - panel) * (height + _GAP)
        axes = place_axes(
            figure,
            left=_PLANE + 0.95,
            bottom=bottom,
            right=0.35,
            top=_HEIGHT - bottom - height,
            label=name,
        )
        _DRAWN[name](axes, sound, np.array(journey.rows))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12))
        axes.set_xlim(0.5, len(journey.rows) + 0.5)
        axes.grid(axis="y")
        if panel < len(names) - 1:
            axes.tick_params(labelbottom=False)
        else:
            axes.set_xlabel("place in the journey")


def _draw_tempo(axes: Axes, sound: Sound, rows: NDArray[np.intp]) -> None:
    """Draw tempos folded into the octave around the first, as the cost hears them."""
    octaves = np.zeros(0) if sound.octaves is None else sound.octaves[rows]
    first = octaves[~np.isnan(octaves)][:1]
    folded = octaves - np.round(octaves - first) if len(first) else octaves
    _line(axes, 2**folded, "tempo, BPM\n(half or double\nis the same)")
    axes.margins(y=0.25)


def _draw_keys(axes: Axes, sound: Sound, rows: NDArray[np.intp]) -> None:
    if sound.hours is None or sound.major is None:
        return
    _line(axes, sound.hours[rows] + 1, "key, hour on\nthe Camelot wheel")
    for place, row in enumerate(rows, start=1):
        if np.isfinite(sound.hours[row]):
            name = camelot_name(sound.hours[row], sound.major[row])
            _write(axes, np.array([place, sound.hours[row] + 1]), name, MUTED, offset=(0, 9))
    axes.set_ylim(0, 14.5)
    axes.set_yticks([1, 4, 8, 12])


def _draw_loudness(axes: Axes, sound: Sound, rows: NDArray[np.intp]) -> None:
    if sound.loudness is not None:
        _line(axes, sound.loudness[rows], "loudness, dB")
        axes.margins(y=0.25)


def _line(axes: Axes, values: NDArray[np.float64], label: str) -> None:
    axes.plot(range(1, len(values) + 1), values, "-o", color=BLUE, linewidth=1.3, markersize=4)
    axes.set_ylabel(label)


_DRAWN = {"tempo": _draw_tempo, "key": _draw_keys, "loudness": _draw_loudness}
