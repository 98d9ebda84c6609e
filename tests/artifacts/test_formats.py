"""Models that earlier versions wrote, and real models through save and load."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from moodtune.artifacts import FORMAT, load_bundle, save_bundle
from moodtune.features.matrix import FeatureMatrix

FORMATS = Path(__file__).parent / "formats"
NUMBERS = sorted(int(folder.name) for folder in FORMATS.iterdir() if folder.name.isdigit())


@pytest.fixture(autouse=True)
def stand_ins():
    """The real models, not the stand-ins of the other tests."""


def features_of(tracks, names):
    return FeatureMatrix(names=names, values=np.ascontiguousarray(tracks.select(names).to_numpy()))


def test_a_model_of_every_format_is_kept():
    assert list(range(1, FORMAT + 1)) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_a_model_of_every_format_is_read(number):
    bundle = load_bundle(FORMATS / str(number), verify=True)
    assert bundle.manifest.format == number
    assert bundle.tracks.height == 40
    assert bundle.listeners.height > 50


@pytest.mark.parametrize("number", NUMBERS)
def test_a_model_of_every_format_still_answers_as_it_did(number):
    bundle = load_bundle(FORMATS / str(number))
    features = features_of(bundle.tracks, bundle.song_model.features)
    again = bundle.song_model.score(features)
    for name in ("probabilities", "valence", "arousal", "confidence"):
        kept = getattr(bundle.scores, name)
        np.testing.assert_allclose(getattr(again, name), kept, atol=1e-5)
    np.testing.assert_array_equal(bundle.clustering.assign(features), bundle.clusters)
    nobody = bundle.listeners.select(unknown="id")
    assert bundle.listener_model.predict(nobody).shape == (len(nobody), 4)


def test_real_models_come_back_byte_for_byte(tmp_path):
    newest, again = FORMATS / str(FORMAT), tmp_path / "again"
    save_bundle(load_bundle(newest), again)
    # Not the tables: another release of Polars may write the same rows in other bytes.
    for name in ("taxonomy.json", *(file.name for file in newest.glob("*.npy"))):
        assert (again / name).read_bytes() == (newest / name).read_bytes()
    assert load_bundle(again).tracks.equals(load_bundle(newest).tracks)


def test_loading_imports_nothing_that_only_training_needs():
    program = (
        "import sys; from pathlib import Path; from moodtune.artifacts import load_bundle;"
        "load_bundle(Path(sys.argv[1]));"
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    command = [sys.executable, "-c", program, str(FORMATS / str(FORMAT))]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert out.strip() == "[]"
