import polars as pl

from moodtune.moods.trained_labels import TrainedLabels


def test_a_track_is_known_again_and_another_is_not():
    trained = TrainedLabels.of(["b", "a", "b"])
    assert len(trained) == 2
    assert trained.contains(pl.Series(["a", "c", "b"])).tolist() == [True, False, True]


def test_the_order_of_tracks_makes_no_difference():
    assert TrainedLabels.of("abc").hashes.tolist() == TrainedLabels.of("cab").hashes.tolist()


def test_nothing_learnt_from_knows_nothing():
    assert not TrainedLabels.of([]).contains(pl.Series(["a"])).any()
