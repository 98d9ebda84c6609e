"""The report as a page that a person reads: every number comes from the `Report`, as it is."""

from collections.abc import Iterable, Iterator, Sequence

from moodtune.reports.markup import escaped, table
from moodtune.reports.paths import TIMINGS, TIMINGS_JSON
from moodtune.reports.report import (
    CatalogPart,
    ClusterPart,
    Estimate,
    FidelityPart,
    FiguresPart,
    LabelsPart,
    ListenersPart,
    MeasurePart,
    Report,
    SourcePart,
    ValidationPart,
)


def to_markdown(report: Report) -> str:
    """Return the report as Markdown."""
    parts = [
        _opening(report),
        _catalog(report.catalog),
        _clusters(report.clusters),
        _moods(report),
        _fidelity(report.fidelity),
        _labels(report.labels),
        _listeners(report.listeners),
        _cautions(report),
        _figures(report.figures),
        _timings(),
    ]
    return "\n\n".join(block for part in parts for block in part) + "\n"


def _opening(report: Report) -> Iterator[str]:
    yield "# What this training found"
    if report.synthetic:
        yield (
            "**Synthetic sample.** The tables were invented by `moodtune sample`: the figures show "
            "that everything works, and say nothing about real music or real listeners."
        )
    catalog = report.catalog
    said = f"{_count(catalog.n_kept, 'track')} in {_count(report.n_clusters, 'cluster')}"
    if report.listeners:
        said += f", and {_count(report.listeners.n_labelled, 'listener')} who named their moods"
    yield (
        f"{said}. Made by moodtune {escaped(report.version)} with seed {report.seed}. Every number "
        "here stands in `report.json` too."
    )


def _catalog(part: CatalogPart) -> Iterator[str]:
    yield "## What came in"
    yield table(
        ("", "rows"),
        [
            ("read", _whole(part.n_read)),
            ("kept, one per song", _whole(part.n_kept)),
            ("rejected", _whole(part.n_rejected)),
            ("merged: another row has the same id", _whole(part.n_merged_ids)),
            ("merged: another id is the same song", _whole(part.n_merged_songs)),
        ],
    )
    yield "Read = kept + rejected + merged."
    yield from (_source(source) for source in part.sources)
    yield f"Features used: {_listed(part.features)}."
    yield from _notes(part.notes)
    yield from _rejections(part)


def _source(source: SourcePart) -> str:
    if source.left_out is not None:
        return f"**{escaped(source.name)}** was left out: {escaped(source.left_out)}."
    said = f"**{escaped(source.name)}**, {_count(source.n_rows, 'row')}."
    renamed = [
        f"{escaped(theirs)} as {escaped(ours)}"
        for ours, theirs in source.columns.items()
        if ours != theirs
    ]
    if renamed:
        said += f" Read {', '.join(renamed)}."
    if source.unused_columns:
        said += f" Not used: {_listed(source.unused_columns)}."
    return said


def _rejections(part: CatalogPart) -> Iterator[str]:
    yield "## What was rejected"
    if not part.rejections:
        yield "Nothing."
        return
    yield table(
        ("column", "reason", "rows"),
        [(escaped(r.column), escaped(r.reason), _whole(r.n_rows)) for r in part.rejections],
    )
    yield "Each row stands in `rejections.csv`, with its file, its place and its value."


def _clusters(clusters: Sequence[ClusterPart]) -> Iterator[str]:
    yield "## The clusters"
    yield (
        "Tracks that sound alike, found without knowing any mood. Each is called by the mood that "
        "its centroid is nearest to; the second nearest stands beside it."
    )
    yield table(
        ("cluster", "mood", "next nearest", "tracks", "share, %", "tracks nearest to its centroid"),
        [
            (
                str(c.number),
                escaped(c.mood),
                escaped(c.runner_up),
                _whole(c.n_tracks),
                _exact(c.share_percent, 1),
                "; ".join(map(escaped, c.nearest)),
            )
            for c in clusters
        ],
    )
    names = tuple(clusters[0].centroid) if clusters else ()
    yield "The centroids, in the features' own units:"
    yield table(
        ("cluster", "mood", *map(escaped, names)),
        [
            (str(c.number), escaped(c.mood), *(_plain(c.centroid[name]) for name in names))
            for c in clusters
        ],
        n_words=2,
    )


def _moods(report: Report) -> Iterator[str]:
    yield "## The moods"
    yield (
        "A track's mood is the one that the song model finds most probable, so a mood can lead "
        "tracks even if no cluster is called by it."
    )
    yield table(
        ("mood", "in lists", "tracks it leads", "share, %", "clusters called so"),
        [
            (
                escaped(m.mood),
                "yes" if m.offered else "when asked for",
                _whole(m.n_tracks),
                _exact(m.share_percent, 1),
                str(m.n_clusters),
            )
            for m in report.moods
        ],
        n_words=2,
    )


def _fidelity(part: FidelityPart | None) -> Iterator[str]:
    yield "## The song model: fidelity to the clusters"
    if part is None:
        yield "Not measured: too few tracks to hold any out."
        return
    yield (
        f"On {_count(part.n_heldout, 'track')} that were held out, the song model's most probable "
        f"mood is the mood of the track's cluster for {_percent(part.agreement_percent)} "
        f"({part.interval_percent} % interval). Always naming {escaped(part.baseline_mood)}, the "
        f"commonest, would agree for {_exact(part.baseline_percent, 1)} %. Cohen's kappa, the "
        f"agreement beyond chance, is {_exact(part.kappa, 3)}. For this the clusters and the song "
        "model were made once more, without the tracks held out."
    )
    yield (
        "This is fidelity and no more: two parts of one program agree. It does not say that people "
        "would hear these moods; only labels that people gave can say that. A disagreement need "
        "not be a mistake either, as a cluster has one mood for all its tracks, and the song "
        "model looks at each."
    )


def _labels(part: LabelsPart | None) -> Iterator[str]:
    if part is None:
        return
    yield "## What labels taught the song model"
    said = "; ".join(
        f"{escaped(label)} for {_listed(moods)} ({_whole(part.labels[label])})"
        for label, moods in part.moods.items()
    )
    yield (
        f"{_count(part.n_pairs, 'label')} that people gave to {_count(part.n_tracks, 'track')} "
        f"were learnt from: {said}. `moodtune evaluate` leaves these tracks out."
    )
    if part.changed:
        yield "How much each feature counts, as against the model without labels (1 is the mean):"
        yield table(
            ("feature", "times"),
            [(escaped(name), _exact(times, 2)) for name, times in part.emphasis.items()],
        )
    else:
        yield "**The model without labels did best on tracks left out, so nothing was changed.**"
    yield (
        f"What that is worth, with the tracks left out by {escaped(part.left_out)}, "
        f"{_whole(part.n_groups)} in {_whole(part.n_folds)} turns; how firmly to hold on to the "
        f"model without labels was chosen anew each time ({part.interval_percent} % intervals; a "
        "gain above 0 means that labels help):"
    )
    yield table(
        ("measure", "better", "with labels", "without", "gain"),
        [
            (m.measure, m.better, _bracketed(m.model), _bracketed(m.constant), _bracketed(m.gain))
            for m in part.measures
        ],
        n_words=2,
    )
    yield from _notes(part.notes)


def _listeners(part: ListenersPart | None) -> Iterator[str]:
    yield "## The listener model"
    if part is None:
        yield (
            "There was no table of listeners: lists can be asked for by mood, not for a listener."
        )
        return
    yield _source(part.source)
    yield (
        f"{_whole(part.n_kept)} of {_count(part.n_read, 'row')} were kept and "
        f"{_whole(part.n_rejected)} rejected. Rows that repeat another, and are not learnt from: "
        f"{_whole(part.n_repeats)}. {_whole(part.n_labelled)} named at least one mood, which the "
        f"model tells from {_count(part.n_answers, 'column')} of answers. A listener may name "
        "several."
    )
    yield table(
        ("mood", "listeners who named it", "share, %"),
        [(escaped(t.mood), _whole(t.n_listeners), _exact(t.share_percent, 1)) for t in part.ticked],
    )
    if part.dropped:
        yield (
            "Columns that are no answers: "
            + "; ".join(
                f"{escaped(column)} ({escaped(reason)})" for column, reason in part.dropped.items()
            )
            + "."
        )
    yield from _notes(part.notes)
    yield from _validation(part.validation)


def _validation(part: ValidationPart | None) -> Iterator[str]:
    if part is None:
        yield "The listener model was not validated."
        return
    yield (
        f"Cross-validated on {_count(part.n_listeners, 'listener')}: {part.n_folds} folds, "
        f"{_count(part.n_repeats, 'repeat')}, every fitted step inside the fold. Beside it the "
        "constant, which gives every listener the shares that the moods have in training. In "
        f"brackets the {part.interval_percent} % intervals; a gain is positive where the model is "
        f"better. Its log loss is below the constant's in {part.n_fits_won} of {part.n_fits} fits."
    )
    yield table(
        ("measure", "mood", "better", "model", "constant", "gain"),
        [_measure_row(m) for m in part.measures],
        n_words=3,
    )
    if part.answering:
        yield (
            f"It is sure of {_exact(part.answering.coverage_percent, 1)} % of these "
            f"listeners, with a hit rate of {_exact(part.answering.hit_rate_percent, 1)} %, "
            f"against {_exact(part.answering.hit_rate_of_all_percent, 1)} % if it answered all. "
            'To the others it says "not sure".'
        )


def _measure_row(m: MeasurePart) -> tuple[str, ...]:
    return (
        escaped(m.measure),
        "all" if m.mood is None else escaped(m.mood),
        escaped(m.better),
        _bracketed(m.model),
        _bracketed(m.constant),
        _bracketed(m.gain),
    )


def _cautions(report: Report) -> Iterator[str]:
    yield "## What to be careful about"
    yield "\n".join(f"- {escaped(caution)}" for caution in report.cautions)


def _figures(part: FiguresPart) -> Iterator[str]:
    yield "## The figures"
    yield "\n".join(f"- [{path}]({path})" for path in part.drawn) or "None were drawn."
    if part.left_out:
        yield "Left out:"
        yield "\n".join(f"- `{f.path}`: {escaped(f.reason)}" for f in part.left_out)


def _timings() -> Iterator[str]:
    yield "## Where the time went"
    yield (
        f"No two runs take the same time, and this page has the same bytes in each: `moodtune "
        f"train` writes each stage's seconds beside it, into `{TIMINGS}` and `{TIMINGS_JSON}`."
    )


def _notes(notes: Iterable[str]) -> Iterator[str]:
    lines = [f"- {escaped(note)}" for note in notes]
    if lines:
        yield "\n".join(lines)


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _whole(n: int) -> str:
    return f"{n:,}"


def _exact(value: float, digits: int) -> str:
    """Return a number as it is, with at least so many decimals: nothing is rounded here."""
    shown = f"{value:,.{digits}f}"
    return shown if float(shown.replace(",", "")) == value else _plain(value)


def _plain(value: float) -> str:
    return f"{value:,}"


def _percent(estimate: Estimate) -> str:
    return (
        f"{_exact(estimate.value, 1)} % of them, {_exact(estimate.low, 1)} to "
        f"{_exact(estimate.high, 1)} %"
    )


def _bracketed(estimate: Estimate) -> str:
    low, high = _exact(estimate.low, 3), _exact(estimate.high, 3)
    return f"{_exact(estimate.value, 3)} ({low} to {high})"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(escaped, names))
