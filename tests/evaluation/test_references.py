"""What the model is held against: what each knows, and what it does not."""

import ast
from pathlib import Path

import numpy as np
import pytest

from evaluation_worlds import MATCH, bundle_of
from moodtune.evaluation import references
from moodtune.evaluation.matching import parse_match
from moodtune.evaluation.original_rules import FEATURES, N_CLUSTERS, RULES, name_centroids
from moodtune.evaluation.references import OriginalRecipe, Prediction, TwoColumns, grouped
from moodtune.features.matrix import FeatureMatrix
from worlds import TAXONOMY, feature_matrix_of

MATCHED = parse_match(MATCH, TAXONOMY.names)


def test_probabilities_of_a_label_s_moods_are_added_up():
    by_mood = {"still": np.array([0.1, 0.2]), "glad": np.array([0.3, 0.4])}
    match = parse_match("still,glad=Low;wild=High", TAXONOMY.names)
    found = grouped("model", by_mood, match, 2)
    assert found.scores == pytest.approx(np.array([[0.4, 0.0], [0.6, 0.0]]))


def test_probabilities_are_shares_of_the_labels_asked_for():
    found = Prediction(name="model", scores=np.array([[0.1, 0.3], [0.0, 0.0]]))
    assert found.probabilities == pytest.approx(np.array([[0.25, 0.75], [0.5, 0.5]]))


def test_the_constant_says_how_common_each_label_is():
    found = references.constant(np.array([0, 0, 1, 2]), 3)
    assert found.scores.tolist() == [[0.5, 0.25, 0.25]] * 4


def test_two_columns_find_the_mood_whose_place_is_nearest():
    bundle = bundle_of(200)
    corners = feature_matrix_of(3, energy=[0.0, 1.0, 0.5], valence=[0.5, 0.5, 1.0])
    found = TwoColumns.of(bundle).by_mood(corners)
    assert list(found) == list(TAXONOMY.offered)
    shares = np.stack(list(found.values()), axis=1)
    assert shares.sum(axis=1) == pytest.approx(np.ones(3))
    assert shares.argmax(axis=1).tolist() == [0, 1, 2]


def test_two_columns_see_nothing_else():
    bundle = bundle_of(50)
    quiet = feature_matrix_of(2, energy=[0.3, 0.3], valence=[0.6, 0.6], tempo=[60.0, 180.0])
    for values in TwoColumns.of(bundle).by_mood(quiet).values():
        assert values[0] == values[1]


def test_the_rules_are_those_of_the_recipe_that_is_measured_against():
    # Read and not imported: the recipe loads pandas and seaborn, which the tests do without.
    file = Path(__file__).parents[2] / "benchmarks" / "original_recipe.py"
    said = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.Assign)
        and node.targets[0].id in {"FEATURES", "RULES", "N_CLUSTERS"}
    }
    assert said["RULES"] == [(mood, list(conditions)) for mood, conditions in RULES]
    assert (tuple(said["FEATURES"]), said["N_CLUSTERS"]) == (FEATURES, N_CLUSTERS)


def test_the_first_rule_whose_conditions_all_hold_names_a_centroid():
    # Quartiles of 0 ... 4 are 1 and 3: above the upper one is 4 alone, under the lower one 0 alone.
    flat = [2, 2, 2, 2, 2]
    centroids = {name: np.array(flat, float) for name in FEATURES}
    centroids["valence"] = np.array([0, 1, 2, 3, 4.0])
    centroids["energy"] = np.array([0, 1, 2, 3, 4.0])
    assert name_centroids(centroids) == ("melancholy", "other", "other", "other", "happy")
    # The same centroid is also the most danceable: that fits fun, which comes later than happy.
    centroids["danceability"] = centroids["valence"]
    assert name_centroids(centroids)[4] == "happy"
    centroids["speechiness"] = centroids["valence"]
    assert name_centroids(centroids)[4] == "talkative"


def test_a_rule_about_a_missing_feature_names_nothing():
    ramp = np.linspace(0, 1, 12)
    every = {name: ramp for _, conditions in RULES for name, _, _ in conditions}
    assert "talkative" in name_centroids(every)
    assert "talkative" not in name_centroids({k: v for k, v in every.items() if k != "speechiness"})


def recipe_of(bundle):
    return references.original_recipe(bundle, bundle.tracks.drop("track_id"))


def test_the_original_recipe_votes_with_shares_and_names_all_of_the_catalog():
    bundle = bundle_of(400)
    found = recipe_of(bundle)
    assert sum(found.shares.values()) == pytest.approx(1)
    assert set(found.by_mood) <= {mood for mood, _ in RULES}
    votes = np.stack(list(found.by_mood.values()))
    assert votes.shape[1] == 400
    assert ((votes >= 0) & (votes <= 1)).all()
    # The forest has learnt most of the clusters' names: that is the recipe's fidelity.
    loudest = votes.sum(axis=1) / 400
    assert loudest == pytest.approx([found.shares[m] for m in found.by_mood], abs=0.05)


def test_the_original_recipe_is_the_same_again():
    one, other = (recipe_of(bundle_of(120)) for _ in range(2))
    assert one.shares == other.shares
    for mood, votes in one.by_mood.items():
        assert (votes == other.by_mood[mood]).all()


def test_a_catalog_smaller_than_twelve_still_has_a_recipe():
    found = recipe_of(bundle_of(5))
    assert isinstance(found, OriginalRecipe)
    assert sum(found.shares.values()) == pytest.approx(1)


def test_the_model_is_asked_through_its_own_probabilities():
    bundle = bundle_of(5)
    features = feature_matrix_of(2, energy=[0.25, 1.0], valence=[0.0, 0.5])
    found = references.of_the_model(bundle, features, MATCHED)
    assert found.scores == pytest.approx(np.array([[0.75, 0.25, 0.0], [0.0, 0.5, 0.5]]))
    assert isinstance(features, FeatureMatrix)
