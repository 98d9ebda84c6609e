"""An evaluation as written: the same numbers in the JSON, on the page and in the figures."""

import json
import re

import msgspec
import numpy as np
import pytest

from evaluation_worlds import MATCH, bundle_of, labelled, written
from moodtune.evaluation.agreement import evaluate
from moodtune.evaluation.agreement_results import Evaluation
from moodtune.evaluation.asking import AgreementSettings
from moodtune.evaluation.labels import LabelColumns, read_label_table
from moodtune.reports import agreement_report
from moodtune.reports.agreement_figures import EVERY_FIGURE, figures_of
from moodtune.reports.agreement_markdown import to_markdown
from moodtune.reports.agreement_report import write_evaluation
from moodtune.reports.style import png
from report_worlds import texts_of, tick_labels

COLUMNS = LabelColumns(label="mood", group="playlist", valence="v", arousal="a")


def evaluation_of(folder, *, noise=0.4, name="labels.csv", **more):
    frame, random = labelled(240, noise=noise), np.random.default_rng(11)
    values = {"v": frame["valence"] + noise * random.random(240), "a": random.random(240)}
    bundle = bundle_of(150)
    path = written(frame.with_columns(**values, **more), folder, name)
    table = read_label_table(path, bundle, COLUMNS)
    return evaluate(bundle, table, COLUMNS, match=MATCH, settings=AgreementSettings(draws=200))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return evaluation_of(tmp_path_factory.mktemp("labels"))


@pytest.fixture(scope="module")
def circular(tmp_path_factory):
    return evaluation_of(tmp_path_factory.mktemp("labels"), noise=0)


@pytest.fixture(scope="module")
def drawn(found):
    return {one.name: one.draw() for one in figures_of(found)}


def test_the_json_is_the_whole_evaluation(found):
    assert msgspec.json.decode(found.to_json(), type=Evaluation) == found


def numbers_in(value):
    if isinstance(value, dict):
        for part in value.values():
            yield from numbers_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from numbers_in(part)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield f"{round(value, 3) + 0.0:.3f}"
        yield f"{value:,}"


def test_every_number_of_the_page_stands_in_the_json(found):
    page = to_markdown(found)
    known = set(numbers_in(json.loads(found.to_json())))
    constants = {"95", "10", "50"}  # of the interval's confidence, and of precision@10 and @50
    shown = re.findall(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?", page.replace("a tree of depth 4", ""))
    assert len(shown) > 200
    assert [n for n in shown if n not in known | constants] == []


def test_the_page_says_agreement_and_what_was_done_with_the_rows(found):
    page = to_markdown(found)
    assert page.startswith("# Agreement with labels by people\n")
    assert "## Labels: agreement" in page
    assert "Fidelity" not in page
    assert "accuracy" not in page.replace("balanced accuracy", "")
    assert "| counted, as pairs of a track and a label | 240 |" in page
    assert "0 of them are in the model's catalog too, without their labels" in page


def test_labels_that_are_a_rule_are_called_fidelity_and_warned_of(circular):
    page = to_markdown(circular)
    assert page.startswith("# Fidelity to a rule\n")
    assert "## Labels: fidelity" in page
    assert "## Valence: fidelity" in page
    assert "**Warning: this is fidelity, and says nothing about people.**" in page
    assert "Agreement" not in page
    assert json.loads(circular.to_json())["kind"] == "fidelity"


def test_figures_of_a_rule_are_called_fidelity_too(circular):
    titles = [text for one in figures_of(circular) for text in texts_of(one.draw())]
    assert any(text.startswith("Fidelity to a rule") for text in titles)
    assert not any("Agreement" in text for text in titles)


def test_text_of_the_table_is_shown_and_never_obeyed(tmp_path):
    page = to_markdown(evaluation_of(tmp_path, name="<b>*labels*.csv"))
    assert "<b>" not in page
    assert "&lt;b&gt;\\*labels\\*.csv" in page


def test_everything_is_written_and_nothing_of_an_earlier_evaluation_stays(found, tmp_path):
    paths = write_evaluation(tmp_path, found)
    assert {path.name for path in paths} == {"evaluation.json", "evaluation.md", *EVERY_FIGURE}
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in paths}
    assert (tmp_path / "evaluation.json").read_bytes() == found.to_json()
    (tmp_path / "mine.png").write_bytes(b"kept")
    write_evaluation(tmp_path, found, figures=False)
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"evaluation.json", "evaluation.md", "mine.png"}


def test_the_writer_knows_every_figure(found):
    assert agreement_report._EVERY_FIGURE == EVERY_FIGURE
    assert {one.name for one in figures_of(found)} == set(EVERY_FIGURE)


def test_figures_are_the_same_bytes_again(found, drawn):
    again = next(figures_of(found))
    assert png(again.draw()) == png(drawn[again.name])


def dots(axes):
    return {
        line.get_label(): line.get_xdata().tolist()
        for line in axes.lines
        if line.get_marker() != "None"
    }


def test_dots_are_the_figures_of_each_label_and_their_mean(found, drawn):
    axes, precision = drawn["agreement_by_label.png"].axes
    labels, overall = found.labels.labels, found.labels.overall
    shown = dots(axes)
    assert shown["the model"] == [
        *(x.auc.model.value for x in labels),
        overall.mean_auc.model.value,
    ]
    recipe = [x.auc.references["original_recipe"].value for x in labels]
    assert shown["original recipe"][:-1] == recipe
    assert dots(precision)["the model"][-1] == overall.mean_precision_at_50.model.value
    names = [f"{x.label} ({x.n})" for x in labels]
    assert tick_labels(axes.yaxis) == [*names, "mean"]
    legend = [text.get_text() for text in drawn["agreement_by_label.png"].legends[0].get_texts()]
    assert legend == ["the model", "constant", "original recipe", "valence and energy alone"]


def test_lines_are_the_intervals(found, drawn):
    model = drawn["agreement_by_label.png"].axes[0].collections[0]
    ends = [[path.vertices[0, 0], path.vertices[1, 0]] for path in model.get_paths()]
    auc = [x.auc.model for x in found.labels.labels]
    assert ends[:-1] == [[one.low, one.high] for one in auc]


def test_gains_are_drawn_against_nothing_gained(found, drawn):
    axes = drawn["gains.png"].axes[0]
    gains = found.labels.overall.mean_auc.gains
    assert dots(axes)["the model"] == [gain.value for gain in gains.values()]
    assert axes.lines[0].get_xdata() == [0, 0]
    assert not drawn["gains.png"].legends


def test_reliability_is_drawn_in_percent(found, drawn):
    axes = drawn["reliability.png"].axes[0]
    one = found.labels.reliability[0]
    points = np.asarray(axes.collections[0].get_offsets())
    assert points[:, 0] == pytest.approx(100 * np.array(one.predicted))
    assert points[:, 1] == pytest.approx(100 * np.array(one.observed))
    assert axes.get_ylabel() == "Tracks that carry it (%)"


def test_confusion_is_of_labels_by_people_and_by_the_model(found, drawn):
    axes = drawn["confusion_matrix.png"].axes[0]
    assert (axes.get_ylabel(), axes.get_xlabel()) == ("By people", "Likeliest by the model")
    counts = np.array(found.labels.confusion)
    shown = np.asarray(axes.images[0].get_array())
    assert shown == pytest.approx(counts / counts.sum(axis=1, keepdims=True))


def test_shares_of_the_catalog_are_in_percent(found, drawn):
    axes = drawn["catalog_shares.png"].axes[0]
    shares = [100 * one.model.value for one in found.labels.catalog_shares]
    assert dots(axes)["the model"] == pytest.approx(shares)
    assert axes.get_xlabel() == "Share of the catalog's tracks (%)"


def test_the_plane_counts_every_track_and_names_the_column_beside(found, drawn):
    valence, arousal = drawn["valence_arousal.png"].axes
    assert np.sum(valence.images[0].get_array()) == found.axes[0].counts.units == 240
    assert valence.get_title(loc="left").startswith("Valence: Spearman 0.")
    assert arousal.texts[0].get_text().startswith("the energy column alone: ")
    assert (arousal.get_xlabel(), arousal.get_ylabel()) == (
        "The model's arousal (rank, %)",
        "People's arousal (rank, %)",
    )
