"""Writes an evaluation: ``evaluation.json``, ``evaluation.md`` and its figures."""

from pathlib import Path

from moodtune.atomic import atomic_file
from moodtune.evaluation.agreement_results import Evaluation
from moodtune.reports.agreement_markdown import to_markdown

JSON = "evaluation.json"
PAGE = "evaluation.md"


def write_evaluation(out: Path, evaluation: Evaluation, *, figures: bool = True) -> list[Path]:
    """Write ``evaluation`` into the folder ``out``; return what was written.

    Figures of an earlier evaluation that this one does not draw are removed. Without ``figures``
    none is drawn, and matplotlib is not loaded. Raises UsageError where nothing can be written.
    """
    drawn = _write_figures(out, evaluation) if figures else []
    _write(out / JSON, evaluation.to_json())
    _write(out / PAGE, to_markdown(evaluation, drawn).encode())
    for name in _EVERY_FIGURE:
        if name not in drawn:
            (out / name).unlink(missing_ok=True)
    return [out / name for name in (JSON, PAGE, *drawn)]


#: Named here too, so that no figure need be imported to remove one; a test compares them.
_EVERY_FIGURE = (
    "agreement_by_label.png",
    "gains.png",
    "reliability.png",
    "confusion_matrix.png",
    "catalog_shares.png",
    "valence_arousal.png",
)


def _write_figures(out: Path, evaluation: Evaluation) -> list[str]:
    from moodtune.reports.agreement_figures import figures_of
    from moodtune.reports.style import png

    drawn = []
    for figure in figures_of(evaluation):
        _write(out / figure.name, png(figure.draw()))
        drawn.append(figure.name)
    return drawn


def _write(path: Path, content: bytes) -> None:
    with atomic_file(path) as work:
        work.write_bytes(content)
