"""Streams of random numbers: the same by name, independent by name."""

from moodtune.seeding import derive


def test_the_same_name_gives_the_same_numbers():
    assert derive(7, "a", 1).random(4).tolist() == derive(7, "a", 1).random(4).tolist()


def test_another_seed_key_or_type_of_key_gives_other_numbers():
    draws = [
        derive(*name).random()
        for name in [(7, "a", 1), (8, "a", 1), (7, "b", 1), (7, "a", 2), (7, "a", "1"), (7, "a1")]
    ]
    assert len(set(draws)) == len(draws)


def test_numbers_do_not_change_between_releases():
    # A changed stream would change every model: only on purpose, with a line in CHANGELOG.md.
    assert derive(7, "kmeans").integers(1_000_000, size=3).tolist() == [968826, 253458, 985697]
