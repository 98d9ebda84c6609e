"""What to be careful about: sentences that a training's own figures call for."""

from collections.abc import Iterator, Sequence

from moodtune.moods.taxonomy_file import OTHER
from moodtune.reports.contents import ListenerFindings, ReportContents
from moodtune.reports.report import MoodPart

#: The share of tracks that a mood leads, under which its lists reach for tracks that suit it less.
_FEW = 0.02
_MANY_REJECTED = 0.05


def cautions(contents: ReportContents, moods: Sequence[MoodPart]) -> Iterator[str]:
    """Return sentences without numbers, which stand in the parts that they are about."""
    if contents.synthetic:
        yield "The tables are a synthetic sample: nothing here is about real music or listeners."
    took_part = (
        "no person's label took part"
        if contents.lesson is None
        else "labels said only how much each feature counts"
    )
    yield (
        f"The moods come from audio features alone, and {took_part}. That the song model follows "
        "the clusters does not mean that people would agree."
    )
    if contents.lesson is not None and contents.lesson.log_loss.gain.low <= 0:
        yield (
            "Labels are not shown to have helped: the interval of the gain in log loss on tracks "
            "left out reaches zero."
        )
    yield from _about_rows(contents)
    yield from _about_moods(contents, moods)
    if contents.listeners is not None:
        yield from _about_listeners(contents.listeners)


def _about_rows(contents: ReportContents) -> Iterator[str]:
    catalog = contents.catalog
    if catalog.n_rejected > _MANY_REJECTED * catalog.n_read:
        yield "Many rows were rejected: look at rejections.csv before trusting what is left."


def _about_moods(contents: ReportContents, moods: Sequence[MoodPart]) -> Iterator[str]:
    offered = [m for m in moods if m.offered]
    few = [m.mood for m in offered if m.n_tracks < _FEW * len(contents.catalog)]
    if few:
        yield (
            f"{_and(few)} {_lead(few)} hardly any track of this catalog: a list for it is the "
            "nearest that the catalog has."
        )
    without = [m.mood for m in offered if not m.n_clusters]
    if without:
        yield (
            f"No cluster is called {_or(without)}; tracks get such a mood from the song model "
            "alone, one by one."
        )
    if OTHER in contents.cluster_moods:
        yield "A cluster called other is near no mood; its tracks fit their moods loosely."


def _about_listeners(found: ListenerFindings) -> Iterator[str]:
    yield (
        "A listener's probabilities say what people with such answers ticked in this table. They "
        "do not know how anyone feels, and hold for people like those who were asked."
    )
    if found.validation.log_loss.gain.low <= 0:
        yield (
            "The listener model is not shown to be better than always giving the base rates: the "
            "interval of its gain in log loss reaches zero."
        )
    if found.validation.risk_coverage.sure_hit_rate is None:
        yield 'The listener model is sure of nobody: it says "not sure" to every listener.'


def _lead(moods: Sequence[str]) -> str:
    return "leads" if len(moods) == 1 else "lead"


def _and(words: Sequence[str]) -> str:
    return _joined(words, "and")


def _or(words: Sequence[str]) -> str:
    return _joined(words, "or")


def _joined(words: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else list(words))
