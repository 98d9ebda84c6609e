"""An evaluation as a page that a person reads; every number stands in ``evaluation.json`` too."""

from collections.abc import Iterator, Mapping, Sequence

from moodtune.evaluation.agreement_results import (
    FIDELITY,
    AxisAgreement,
    Evaluation,
    LabelAgreement,
    Measured,
)
from moodtune.evaluation.circularity import Circularity
from moodtune.evaluation.intervals import Figure
from moodtune.evaluation.label_units import RowCounts
from moodtune.evaluation.references import CONSTANT, ORIGINAL, TWO_COLUMNS
from moodtune.reports.markup import escaped, table

_HEADS = {
    CONSTANT: "constant",
    ORIGINAL: "original recipe",
    TWO_COLUMNS: "valence and energy alone",
}
_LABEL_TABLES = {
    "auc": "Area under the ROC curve",
    "average_precision": "Average precision",
    "precision_at_10": "Precision among the first 10",
    "precision_at_50": "Precision among the first 50",
}
_OVERALL = {
    "mean_auc": "mean AUC",
    "mean_average_precision": "mean average precision",
    "mean_precision_at_10": "mean precision@10",
    "mean_precision_at_50": "mean precision@50",
    "macro_f1": "macro-F1",
    "calibration_error": "expected calibration error (less is better)",
}


def to_markdown(evaluation: Evaluation, figures: Sequence[str] = ()) -> str:
    """Return the page; ``figures`` are the names of those that were drawn beside it."""
    blocks = list(_opening(evaluation))
    if evaluation.labels is not None:
        blocks += _labels(evaluation.labels)
    for axis in evaluation.axes:
        blocks += _axis(axis)
    blocks += _references(evaluation)
    if figures:
        blocks += ["## Figures", "\n".join(f"- [{name}]({name})" for name in figures)]
    return "\n\n".join(blocks) + "\n"


def _opening(evaluation: Evaluation) -> Iterator[str]:
    is_circular = evaluation.kind == FIDELITY
    yield f"# {'Fidelity to a rule' if is_circular else 'Agreement with labels by people'}"
    if evaluation.synthetic:
        yield (
            "**Synthetic sample.** The model's tables were invented by `moodtune sample`: nothing "
            "here is about real music."
        )
    source = evaluation.source
    features = "its own features" if source.own_features else "the catalog's features, by id"
    yield (
        f"**{escaped(source.name)}**, {source.rows:,} rows, with {features}; held against a model "
        f"of {evaluation.catalog_tracks:,} tracks, with seed {evaluation.seed}. Each figure stands "
        "with its 95 % interval. Every number here stands in `evaluation.json` too."
    )
    if source.rejected:
        yield "Rows that were rejected:"
        yield table(
            ("reason", "rows"), [(escaped(why), f"{n:,}") for why, n in source.rejected.items()]
        )


def _labels(part: LabelAgreement) -> Iterator[str]:
    yield f"## Labels: {part.kind}"
    yield _guard(part.circularity)
    yield table(
        ("label", "moods of the model", "pairs", "share"),
        [
            (escaped(x.label), escaped(", ".join(x.moods)), f"{x.n:,}", _three(x.share))
            for x in part.labels
        ],
        n_words=2,
    )
    yield from _counts(part.counts, part.not_matched)
    yield f"Intervals are bootstraps by {escaped(part.interval_by)}, {part.draws:,} samples."
    yield from (f"Note: {escaped(note)}." for note in part.notes)
    yield "### All labels together"
    overall = {said: getattr(part.overall, name) for name, said in _OVERALL.items()}
    yield _beside("figure", overall)
    yield "How much better the model is, paired; above 0 it is better:"
    yield _gains("figure", overall)
    for name, said in _LABEL_TABLES.items():
        yield f"### {said}"
        yield _beside("label", {x.label: getattr(x, name) for x in part.labels})
        yield "How much better the model is:"
        yield _gains("label", {x.label: getattr(x, name) for x in part.labels})
    yield from _confusion(part)
    yield from _reliability(part)
    yield from _shares(part)


def _guard(guard: Circularity) -> str:
    columns = escaped(", ".join(guard.columns))
    if guard.score is None or guard.rule is None:
        return (
            "**Whether the labels were computed from the same columns could not be checked**: "
            "there are too few of them."
        )
    found = (
        f"{escaped(guard.rule)} reproduces them with a {guard.measure} of {_three(guard.score)} "
        f"(always the same answer: {_three(guard.baseline)}; held out by {escaped(guard.folds)}; "
        f"columns: {columns})"
    )
    if guard.is_circular:
        return (
            f"**Warning: this is fidelity, and says nothing about people.** The labels look as if "
            f"they were computed from the tracks' own columns: {found}. From "
            f"{_three(guard.threshold)} on a figure is called fidelity to a rule."
        )
    return (
        "The labels are not computed from the same columns, as far as can be told: at best "
        f"{found}; from {_three(guard.threshold)} on it would be called fidelity."
    )


def _counts(counts: RowCounts, not_matched: Mapping[str, int]) -> Iterator[str]:
    rows = {
        "read": counts.read,
        "rejected": counts.rejected,
        "not found in the catalog": counts.not_joined,
        "without a label": counts.blank,
        "with a label that nothing is matched to": counts.not_matched,
        "left out: labels of these tracks were used in training": counts.learnt_from,
        "that repeat a pair": counts.repeated,
        "counted, as pairs of a track and a label": counts.units,
    }
    yield table(("rows", "number"), [(said, f"{n:,}") for said, n in rows.items()])
    said = (
        f"{counts.tracks:,} different tracks. {counts.tracks_in_catalog:,} of them are in the "
        f"model's catalog too, without their labels; {counts.tracks_learnt_from:,} others were "
        "left out because the model was trained on their labels."
    )
    if counts.groups is not None:
        said += f" {counts.groups:,} groups; a pair in several counts in the first by name."
    yield said
    if not_matched:
        listed = ", ".join(f"{escaped(name)} ({n:,} rows)" for name, n in not_matched.items())
        yield f"Labels that count nowhere, not as negatives either: {listed}."


def _confusion(part: LabelAgreement) -> Iterator[str]:
    names = [escaped(x.label) for x in part.labels]
    yield "### Confusion"
    yield "Pairs by their label (rows) and the label that the model finds likeliest:"
    yield table(
        ("", *names),
        [(name, *(f"{n:,}" for n in row)) for name, row in zip(names, part.confusion, strict=True)],
    )


def _reliability(part: LabelAgreement) -> Iterator[str]:
    yield "### Calibration"
    yield (
        "The probability of a label is its share among the labels asked for. Predicted and "
        "observed in bins of equal width:"
    )
    yield table(
        ("label", "predicted", "observed", "pairs"),
        [
            (escaped(one.label), _three(predicted), _three(observed), f"{n:,}")
            for one in part.reliability
            for predicted, observed, n in zip(one.predicted, one.observed, one.counts, strict=True)
        ],
    )


def _shares(part: LabelAgreement) -> Iterator[str]:
    yield "### The catalog"
    yield "The share of the catalog that each mood leads; no label takes part in this."
    heads = [name for name in _HEADS if name in part.catalog_shares[0].references]
    yield table(
        ("mood", "model", *(_HEADS[name] for name in heads)),
        [
            (
                escaped(one.mood),
                _interval(one.model),
                *(_interval(one.references[name]) for name in heads),
            )
            for one in part.catalog_shares
        ],
    )


def _axis(part: AxisAgreement) -> Iterator[str]:
    yield f"## {part.axis.capitalize()}: {part.kind}"
    yield _guard(part.circularity)
    yield from _counts(part.counts, {})
    yield f"Intervals are bootstraps by {escaped(part.interval_by)}, {part.draws:,} samples."
    yield from (f"Note: {escaped(note)}." for note in part.notes)
    measured = {"Spearman's correlation": part.spearman}
    yield _beside("figure", measured)
    yield "How much better the model is, paired; above 0 it is better:"
    yield _gains("figure", measured)


def _beside(head: str, measured: Mapping[str, Measured]) -> str:
    names = _used(measured)
    return table(
        (head, "model", *(_HEADS[name] for name in names)),
        [
            (escaped(said), _interval(m.model), *(_interval(m.references[n]) for n in names))
            for said, m in measured.items()
        ],
    )


def _gains(head: str, measured: Mapping[str, Measured]) -> str:
    names = _used(measured)
    return table(
        (head, *(f"than {_HEADS[name]}" for name in names)),
        [
            (escaped(said), *(_interval(m.gains[name]) for name in names))
            for said, m in measured.items()
        ],
    )


def _used(measured: Mapping[str, Measured]) -> list[str]:
    first = next(iter(measured.values()))
    return [name for name in _HEADS if name in first.references]


def _references(evaluation: Evaluation) -> Iterator[str]:
    yield "## What the references are"
    said = ["the constant knows how common each label is in this table, and tracks nothing"]
    if evaluation.labels is not None:
        said.append(
            "the original recipe is made anew from the model's catalog: KMeans of twelve clusters, "
            "names by thresholds at the quartiles of their centroids, and the votes of a forest; "
            "it has no valence or arousal"
        )
    said.append(
        "valence and energy alone are the two columns, as ranks in the catalog, with each mood "
        "in a corner of the plane, where its place points; on an axis, the one column as it stands"
    )
    yield "\n".join(f"- {one}" for one in said)


def _interval(figure: Figure) -> str:
    return f"{_three(figure.value)} ({_three(figure.low)} to {_three(figure.high)})"


def _three(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"
