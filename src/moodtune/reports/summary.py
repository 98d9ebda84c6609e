"""From what a training found to the numbers of its report: counted, and rounded once."""

from collections.abc import Iterator

import numpy as np

from moodtune.catalog.schema import AUDIO_FEATURES, Catalog, Source
from moodtune.evaluation.fidelity import Fidelity
from moodtune.evaluation.intervals import Compared, Figure
from moodtune.evaluation.label_validation import Gain, LabelLesson
from moodtune.evaluation.listener_validation import ListenerValidation
from moodtune.reports.cautions import cautions
from moodtune.reports.contents import ListenerFindings, ReportContents
from moodtune.reports.report import (
    AnsweringPart,
    CatalogPart,
    ClusterPart,
    Estimate,
    FidelityPart,
    FiguresPart,
    LabelsPart,
    ListenersPart,
    MeasurePart,
    MoodPart,
    RejectionPart,
    Report,
    SourcePart,
    TickedPart,
    ValidationPart,
)
from moodtune.version import __version__

_INTERVAL_PERCENT = 95
#: Decimals of a centroid's value: as many as people can tell apart.
_UNIT_DECIMALS = 3
_DECIMALS = 1


def summary(contents: ReportContents, figures: FiguresPart) -> Report:
    """Return the report of a training whose figures are ``figures``."""
    moods = _moods(contents)
    return Report(
        version=__version__,
        seed=contents.seed,
        synthetic=contents.synthetic,
        catalog=_catalog(contents.catalog),
        n_clusters=len(contents.named_clusters),
        clusters=_clusters(contents),
        moods=moods,
        fidelity=_fidelity(contents.fidelity),
        labels=None if contents.lesson is None else _labels(contents.lesson),
        listeners=None if contents.listeners is None else _listeners(contents.listeners),
        figures=figures,
        cautions=tuple(cautions(contents, moods)),
        settings=contents.settings,
    )


def _catalog(catalog: Catalog) -> CatalogPart:
    reasons = (
        catalog.rejections.group_by("column", "reason")
        .len("n_rows")
        .sort("n_rows", "column", "reason", descending=[True, False, False], nulls_last=True)
    )
    return CatalogPart(
        sources=tuple(_source(source) for source in catalog.sources),
        n_read=catalog.n_read,
        n_kept=len(catalog),
        n_rejected=catalog.n_rejected,
        n_merged_ids=catalog.n_merged_ids,
        n_merged_songs=catalog.n_merged_songs,
        features=catalog.features,
        rejections=tuple(
            RejectionPart(column=column or "", reason=reason, n_rows=n_rows)
            for column, reason, n_rows in reasons.iter_rows()
        ),
        notes=catalog.notes,
    )


def _source(source: Source) -> SourcePart:
    return SourcePart(
        name=source.name,
        n_rows=source.n_rows,
        columns=dict(source.columns),
        unused_columns=source.unused_columns,
        left_out=source.left_out,
    )


def _clusters(contents: ReportContents) -> tuple[ClusterPart, ...]:
    called = _called(contents)
    return tuple(
        ClusterPart(
            number=cluster.number,
            mood=cluster.mood,
            runner_up=cluster.runner_up,
            n_tracks=cluster.size,
            share_percent=_share(cluster.size, len(contents.catalog)),
            centroid={
                name: round(float(value), _UNIT_DECIMALS if _in_unit(name) else _DECIMALS)
                for name, value in cluster.centroid.items()
            },
            nearest=tuple(called[track] for track in cluster.nearest),
        )
        for cluster in contents.named_clusters
    )


def _fidelity(fidelity: Fidelity | None) -> FidelityPart | None:
    if fidelity is None:
        return None
    low, high = fidelity.interval
    return FidelityPart(
        n_heldout=fidelity.n,
        interval_percent=round(100 * fidelity.confidence),
        agreement_percent=Estimate(
            value=_percent(fidelity.agreement), low=_percent(low), high=_percent(high)
        ),
        baseline_percent=_percent(fidelity.baseline),
        baseline_mood=fidelity.baseline_mood,
        kappa=_rounded(fidelity.kappa, 3),
    )


def _labels(lesson: LabelLesson) -> LabelsPart:
    return LabelsPart(
        n_tracks=lesson.tracks,
        n_pairs=lesson.pairs,
        labels=lesson.labels,
        moods=lesson.moods,
        left_out=lesson.by,
        n_groups=lesson.groups,
        n_folds=lesson.folds,
        changed=lesson.hold is not None,
        emphasis={name: _rounded(times, 2) for name, times in lesson.emphasis.items()},
        interval_percent=_INTERVAL_PERCENT,
        measures=(
            _taught_measure("mean AUC", "higher", lesson.mean_auc),
            _taught_measure("log loss", "lower", lesson.log_loss),
        ),
        notes=lesson.notes,
    )


def _taught_measure(name: str, better: str, gain: Gain) -> MeasurePart:
    compared = Compared(model=gain.taught, constant=gain.untaught, gain=gain.gain)
    return _measure(name, better, None, compared)


def _in_unit(feature: str) -> bool:
    return (AUDIO_FEATURES[feature].low, AUDIO_FEATURES[feature].high) == (0, 1)


def _called(contents: ReportContents) -> dict[str, str]:
    """Return what the clusters' nearest tracks are called, by id: title and artists if known."""
    return {
        track: " by ".join([title or track, *([", ".join(artists)] if artists else [])])
        for track, title, artists in contents.nearest().iter_rows()
    }


def _moods(contents: ReportContents) -> tuple[MoodPart, ...]:
    leading = np.bincount(contents.scores.leading, minlength=len(contents.scores.moods))
    called = contents.cluster_moods
    return tuple(
        MoodPart(
            mood=mood,
            offered=mood in contents.taxonomy.offered,
            n_clusters=called.count(mood),
            n_tracks=int(n),
            share_percent=_share(int(n), len(contents.catalog)),
        )
        for mood, n in zip(contents.scores.moods, leading, strict=True)
    )


def _listeners(found: ListenerFindings) -> ListenersPart:
    listeners, validation = found.listeners, found.validation
    return ListenersPart(
        source=_source(listeners.source),
        n_read=listeners.n_read,
        n_kept=len(listeners),
        n_rejected=listeners.n_rejected,
        n_repeats=listeners.n_repeats,
        n_labelled=int(listeners.labelled.sum()),
        n_answers=listeners.answers.width,
        dropped=dict(listeners.dropped),
        ticked=tuple(
            TickedPart(mood=mood, n_listeners=n, share_percent=_share(n, validation.n_listeners))
            for mood, n in zip(validation.moods, validation.ticked, strict=True)
        ),
        validation=_validation(validation),
        notes=(*listeners.notes, *validation.notes),
    )


def _validation(v: ListenerValidation) -> ValidationPart:
    risk = v.risk_coverage
    answering = None
    if risk.sure_hit_rate is not None:
        answering = AnsweringPart(
            coverage_percent=_percent(risk.sure_coverage),
            hit_rate_percent=_percent(risk.sure_hit_rate),
            hit_rate_of_all_percent=_percent(v.hit_rate.model.value),
        )
    return ValidationPart(
        n_listeners=v.n_listeners,
        n_folds=v.n_folds,
        n_repeats=v.n_repeats,
        n_fits=len(v.fold_losses),
        n_fits_won=v.folds_won,
        interval_percent=_INTERVAL_PERCENT,
        measures=tuple(_measures(v)),
        answering=answering,
    )


def _measures(v: ListenerValidation) -> Iterator[MeasurePart]:
    yield _measure("hit rate", "higher", None, v.hit_rate)
    for name, better, over_all, by_mood in (
        ("log loss", "lower", v.log_loss, v.log_loss_by_mood),
        ("AUC", "higher", v.auc, v.auc_by_mood),
        ("calibration error", "lower", v.calibration_error, v.calibration_error_by_mood),
    ):
        yield _measure(name, better, None, over_all)
        for mood, compared in zip(v.moods, by_mood, strict=True):
            yield _measure(name, better, mood, compared)


def _measure(name: str, better: str, mood: str | None, compared: Compared) -> MeasurePart:
    return MeasurePart(
        measure=name,
        better=better,
        mood=mood,
        model=_estimate(compared.model),
        constant=_estimate(compared.constant),
        gain=_estimate(compared.gain),
    )


def _estimate(figure: Figure) -> Estimate:
    return Estimate(
        value=_rounded(figure.value, 3), low=_rounded(figure.low, 3), high=_rounded(figure.high, 3)
    )


def _share(n: int, of: int) -> float:
    return _percent(n / max(of, 1))


def _percent(share: float) -> float:
    return _rounded(100 * share, _DECIMALS)


def _rounded(value: float, digits: int) -> float:
    return round(float(value), digits) + 0.0  # no minus zero
