from dataclasses import replace

import msgspec
import pytest

from moodtune.evaluation.intervals import Figure
from moodtune.reports.listener_pictures import listener_colors, misses, paneled
from moodtune.reports.report import FiguresPart
from moodtune.reports.song_pictures import disagreements, share_of
from moodtune.reports.summary import summary
from report_worlds import found_listeners, training

NO_FIGURES = FiguresPart(drawn=(), left_out=())


@pytest.fixture(scope="module")
def report():
    return summary(training(), NO_FIGURES)


def test_shares_of_clusters_and_moods_are_of_all_tracks(report):
    assert [(c.mood, c.n_tracks, c.share_percent) for c in report.clusters] == [
        ("still", 30, 50.0),
        ("wild", 30, 50.0),
    ]
    assert [(m.mood, m.n_tracks, m.share_percent, m.n_clusters) for m in report.moods] == [
        ("still", 30, 50.0, 1),
        ("wild", 30, 50.0, 1),
        ("glad", 0, 0.0, 0),
        ("spoken", 0, 0.0, 0),
    ]
    assert [m.offered for m in report.moods] == [True, True, True, False]


def test_centroids_are_in_the_features_own_units(report):
    centroid = report.clusters[0].centroid
    assert (centroid["loudness"], centroid["tempo"], centroid["energy"]) == (-8.0, 120.0, 0.246)


def test_the_tracks_nearest_to_a_centroid_are_called_by_title_and_artist(report):
    assert report.clusters[0].nearest[:2] == ("=LOVE 0 by Artist 0", "A$B$C 1 by Artist 1")


def test_a_track_without_title_or_artist_is_called_by_what_is_known():
    contents = training(
        title=[None, None, *["T"] * 58], artists=[["A"], [], None, ["A", "B"], *[["A"]] * 56]
    )
    assert summary(contents, NO_FIGURES).clusters[0].nearest == (
        "t00000 by A",
        "t00001",
        "T",
        "T by A, B",
        "T by A",
    )


def test_fidelity_stands_beside_its_baseline_and_interval(report):
    part = report.fidelity
    assert part.agreement_percent.value == 75.0
    assert (part.baseline_percent, part.baseline_mood, part.n_heldout) == (60.0, "wild", 100)
    assert part.agreement_percent.low < 75 < part.agreement_percent.high
    assert part.interval_percent == 95


def test_every_figure_of_the_listener_model_stands_beside_the_constants(report):
    part = report.listeners.validation
    assert [(m.measure, m.mood) for m in part.measures] == [
        ("hit rate", None),
        *[(name, mood) for name in ("log loss", "AUC", "calibration error")
          for mood in (None, "Rest", "Dance")],
    ]  # fmt: skip
    for m in part.measures:
        assert m.model.low <= m.model.value <= m.model.high
        assert m.gain.low <= m.gain.high
    assert (part.n_folds, part.n_repeats, part.n_fits) == (3, 2, 6)


def test_listeners_are_counted():
    found = found_listeners()
    part = summary(training(), NO_FIGURES).listeners
    assert (part.n_read, part.n_kept, part.n_labelled) == (60, 60, 60)
    assert [t.n_listeners for t in part.ticked] == found.out_of_fold.ticks.sum(axis=0).tolist()


def test_what_cannot_be_measured_is_left_open():
    report = summary(training(fidelity=False, listeners=False), NO_FIGURES)
    assert report.fidelity is None
    assert report.listeners is None


def test_disagreements_are_the_rows_off_their_diagonal():
    shares = disagreements(training().fidelity)
    assert [(s.mood, s.share, s.n) for s in shares] == [("still", 0.25, 40), ("wild", 0.25, 60)]
    assert all(s.low < s.share < s.high for s in shares)


def test_misses_are_counted_by_the_likeliest_mood():
    found = found_listeners()
    ticks = found.out_of_fold.ticks
    missed = (~ticks[:30, 0]).sum(), (~ticks[30:, 1]).sum()
    shares = misses(found)
    assert [(s.mood, s.n) for s in shares] == [("Rest", 30), ("Dance", 30)]
    assert [s.share * s.n for s in shares] == pytest.approx(missed)


def test_a_mood_that_is_nobodys_likeliest_has_no_share():
    assert share_of("Rest", 0, 0).n == 0


def test_a_listener_mood_has_the_color_of_the_song_mood_it_asks_for_most():
    colors = listener_colors(training().taxonomy)
    assert colors == {"Rest": "#F0E442", "Dance": "#E69F00"}


def test_a_dozen_panels_hold_the_moods_that_were_ticked_most():
    found = found_listeners()
    assert paneled(found) == (("Rest", "Dance"), "")
    many = msgspec.structs.replace(
        found.validation,
        moods=tuple(f"mood {k}" for k in range(14)),
        ticked=(5, 1, *range(20, 31), 2),
    )
    moods, caption = paneled(replace(found, validation=many))
    assert moods == ("mood 0", *[f"mood {k}" for k in range(2, 13)])
    assert caption == " The 12 moods that were ticked most, of 14."


def said(contents):
    return "\n".join(summary(contents, NO_FIGURES).cautions)


def test_cautions_follow_from_what_was_found():
    text = said(training())
    assert text.startswith("The tables are a synthetic sample")
    assert "no person's label took part" in text
    assert "glad leads hardly any track of this catalog" in text
    assert "No cluster is called glad;" in text
    assert "do not know how anyone feels" in text
    assert "spoken" not in text


def test_a_sound_training_on_real_tables_needs_fewer_cautions():
    text = said(training(synthetic=False, listeners=False))
    assert "synthetic" not in text
    assert "listener" not in text
    assert "rejected" not in text


def test_many_rejected_rows_are_a_caution():
    row = ("tracks.csv", 1, "x", "energy", "87", "energy must be in [0, 1]")
    assert "Many rows were rejected" in said(training(rejections=[row] * 4))
    assert "Many rows were rejected" not in said(training(rejections=[row] * 3))


def test_a_listener_model_no_better_than_the_constant_is_called_so():
    found = found_listeners()
    for low, is_said in ((-0.001, True), (0.001, False)):
        loss = msgspec.structs.replace(
            found.validation.log_loss, gain=Figure(value=0.1, low=low, high=0.2)
        )
        validation = msgspec.structs.replace(found.validation, log_loss=loss)
        contents = replace(training(), listeners=replace(found, validation=validation))
        assert ("not shown to be better" in said(contents)) is is_said


def test_a_cluster_near_no_mood_is_a_caution():
    contents = training()
    other = replace(contents.named_clusters[0], mood="other")
    changed = replace(contents, named_clusters=(other, contents.named_clusters[1]))
    assert "A cluster called other is near no mood" in said(changed)
    assert "A cluster called other" not in said(contents)


def test_no_caution_has_a_number_without_a_twin():
    assert not any(c.isdigit() for c in said(training()))
    assert all(caution.endswith(".") for caution in summary(training(), NO_FIGURES).cautions)
