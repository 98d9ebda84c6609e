"""``moodtune train --histories``: taste is learnt, kept, used, and refused where it is damaged."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from moodtune.artifacts import load_bundle, save_bundle
from moodtune.errors import BundleError
from moodtune.preferences.collaborative import CollaborativeModel
from moodtune.preferences.taste import LISTENERS
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.reports.lists import to_json
from preference_worlds import checkerboard

N_TRACKS = 200


@pytest.fixture(scope="module")
def place(trained, tmp_path_factory):
    """A catalog, and 60 listeners of whom even ones play even rows and odd ones odd rows."""
    folder = tmp_path_factory.mktemp("histories")
    tracks = pl.read_csv(trained.tables.tracks).head(N_TRACKS)
    tracks.write_csv(folder / "tracks.csv")
    ids = tracks["track_id"].sort()
    world = checkerboard(n_listeners=60, n_tracks=40, each=8)
    users = [f"u{listener}" for listener in world.listeners]
    listens = pl.DataFrame({"user": users, "track_id": ids[world.rows.tolist()]})
    listens.write_parquet(folder / "listens.parquet")
    return folder


@pytest.fixture(scope="module")
def model(place):
    """Trained once with histories, in this process."""
    from moodtune.pipeline import train, write

    run = train(place / "tracks.csv", histories=place / "listens.parquet")
    write(run, place / "out", figures=False)
    return place / "out" / "model"


@pytest.fixture(scope="module")
def bundle(model):
    return load_bundle(model, verify=True)


def test_the_command_trains_the_same_model(moodtune, place, model):
    ended = moodtune(
        "train", "--catalog", place / "tracks.csv", "--histories", place / "listens.parquet",
        "--out", place / "said", "--no-figures",
    )  # fmt: skip
    assert (ended.status, ended.stderr) == (0, "")
    said = place / "said" / "model" / "taste.npy"
    assert said.read_bytes() == (model / "taste.npy").read_bytes()


def test_what_listeners_play_together_speaks_for_one_another(bundle):
    part = bundle.index.taste.of(np.array([0])).parts[LISTENERS].everywhere()
    assert (len(bundle.taste), int(bundle.taste.n_histories)) == (len(bundle.tracks), 60)
    assert part[2:40:2].sum() > 0
    assert part[1:40:2].tolist() == [0] * 20


def test_a_list_goes_by_histories_where_they_were_learnt(moodtune, bundle, model, tmp_path):
    """Who likes even tracks is listed more of the even tracks that were played, and no odd one."""
    ids = bundle.tracks["track_id"]
    likes = tuple(ids[:6:2])
    (tmp_path / "likes.csv").write_text("\n".join(["track_id", *likes, ""]))
    said = moodtune(
        "recommend", "--model", model, "--mood", "happy", "-n", 50, "--artist-cap", 50,
        "--likes", tmp_path / "likes.csv", "--json",
    )  # fmt: skip
    asked = Query(mood="happy", n=50, artist_cap=50, likes=likes)
    found = recommend(bundle.index, asked)
    assert (said.status, said.stdout) == (0, to_json(found))
    without = recommend(replace(bundle, taste=None).index, asked)
    listed, before = ({r.track_id for r in a.recommendations} for a in (found, without))
    even, odd = set(ids[:40:2]), set(ids[1:40:2])
    assert before & even < listed & even
    assert listed & odd <= before & odd


def test_a_model_without_histories_has_content_alone(trained):
    assert trained.bundle.taste is None
    assert LISTENERS not in trained.bundle.index.taste.of(np.array([0])).parts


def test_taste_over_other_tracks_is_refused(bundle):
    other = replace(bundle.taste, starts=bundle.taste.starts[:-1])
    with pytest.raises(ValueError, match=r"^\d+ tracks, but a taste model over \d+$"):
        replace(bundle, taste=other)


def test_a_damaged_taste_is_refused(bundle, tmp_path):
    save_bundle(bundle, tmp_path / "model")
    whole = (tmp_path / "model" / "taste.npy").read_bytes()
    assert isinstance(load_bundle(tmp_path / "model").taste, CollaborativeModel)
    (tmp_path / "model" / "taste.npy").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    message = r"^.*taste\.npy is damaged: its sha256 is not the one that its manifest gives; .*$"
    with pytest.raises(BundleError, match=message):
        load_bundle(tmp_path / "model")


def test_histories_of_other_tracks_are_refused_in_a_sentence(moodtune, place):
    pl.DataFrame({"user": ["a"], "track_id": ["nobody"]}).write_csv(place / "other.csv")
    ended = moodtune(
        "train", "--catalog", place / "tracks.csv", "--histories", place / "other.csv",
        "--out", place / "refused", "--no-figures",
    )  # fmt: skip
    assert ended.stderr == (
        "moodtune: other.csv: none of its 1 rows names a track of the catalog; "
        "check that both have the same kind of track id\n"
    )
