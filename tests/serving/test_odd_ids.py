"""Tracks whose ids a path does not take as they are: they are reached all the same, over real HTTP."""

from dataclasses import replace
from urllib.parse import quote

import httpx
import polars as pl
import pytest

from moodtune.artifacts import load_bundle, save_bundle
from moodtune.serving.models import Models
from moodtune.serving.settings import ServingSettings

ODD = [
    "a/b", "/from/the/root", "ends/", "two//slashes", "a?q=1", "a#b", "100%", "%2F", "a%2Fb", "a+b&c=d",
    " spaces ", "naïve", "雪/1", "\N{GRINNING FACE}", "C:\\music\\a.mp3", "../up", "it's \"it\"", "a;b", "-",
]  # fmt: skip


@pytest.fixture(scope="module")
def odd(model, tmp_path_factory) -> Models:
    """The small model with ids as somebody's own files may have them."""
    bundle, folder = load_bundle(model), tmp_path_factory.mktemp("odd")
    others = [f"t{n:04}" for n in range(bundle.tracks.height - len(ODD))]
    ids = pl.Series("track_id", sorted([*ODD, *others]))
    none = pl.Series("alternative_ids", [[] for _ in ids], dtype=pl.List(pl.String))
    save_bundle(replace(bundle, tracks=bundle.tracks.with_columns(ids, none)), folder / "model")
    return Models(folder / "model", ServingSettings(), generation=1)


def test_a_track_is_found_by_its_id_whatever_that_is(live, odd):
    with httpx.Client(base_url=live(model=odd).url) as client:
        for track_id in ODD:
            answered = client.get(f"/v1/tracks/{quote(track_id, safe='')}")
            assert (answered.status_code, answered.json().get("track_id")) == (200, track_id)


def test_an_id_that_is_none_is_not_found_whatever_it_is(live, odd):
    with httpx.Client(base_url=live(model=odd).url) as client:
        for track_id in ("from/the/root", "two/slashes", "ends", "a/b/", "%"):
            refused = client.get(f"/v1/tracks/{quote(track_id, safe='')}")
            assert refused.status_code == 404
            assert refused.json()["detail"] == f"the catalog has no track {track_id!r}"


def test_a_list_with_such_ids_is_liked_and_kept(live, odd):
    with httpx.Client(base_url=live(model=odd).url) as client:
        for track_id in ODD:
            said = {"track_id": track_id, "mood": "calm", "action": "like"}
            assert client.post("/v1/feedback", json=said).status_code == 201
        kept = client.post("/v1/playlists", json={"name": "odd", "track_ids": ODD}).json()
        listed = client.get(f"/v1/playlists/{kept['id']}").json()
        assert [track["track_id"] for track in listed["tracks"]] == ODD
