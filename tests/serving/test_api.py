"""The calls of the API, answered in this process."""

import json


def test_every_call_is_answered(local, model, moodtune):
    r = local.post("/v1/recommendations", json={"mood": "relax", "n": 5})
    assert r.status_code == 200
    assert r.json() == json.loads(
        moodtune("recommend", "--model", model, "--mood", "relax", "-n", 5, "--json").stdout
    )
    for path in (
        "/healthz",
        "/readyz",
        "/v1/me",
        "/v1/catalog",
        "/v1/moods",
        "/v1/questions",
        "/v1/tracks?q=a",
        "/v1/map",
        "/v1/map/3",
        "/v1/playlists",
        "/v1/me/export",
        "/metrics",
        "/schema/openapi.json",
    ):
        r = local.get(path)
        assert r.status_code == 200, (path, r.text)
    track = local.get("/v1/tracks?q=a").json()["tracks"][0]["track_id"]
    t = local.get(f"/v1/tracks/{track}").json()
    assert len(t["nearest"]) == 10
    q = local.get("/v1/questions").json()["questions"]
    r = local.post("/v1/mood", json={"answers": {q[0]["column"]: q[0]["options"][0]}})
    assert r.status_code == 200
    f = {"track_id": track, "mood": "relax", "action": "like", "key": "k1"}
    assert local.post("/v1/feedback", json=f).status_code == 201
    assert local.post("/v1/feedback", json=f).status_code == 200
    assert local.post("/v1/feedback", json=f | {"action": "ban"}).status_code == 409
    r = local.post("/v1/recommendations", json={"mood": "relax", "n": 5})
    assert (r.json()["query"]["likes"], r.json()["query"]["feedback"]) == (None, [])
    assert local.delete("/v1/feedback/k1").status_code == 204
    assert local.delete("/v1/feedback/k1").status_code == 404
    p = local.post("/v1/playlists", json={"name": "x / y", "track_ids": [track]})
    assert p.status_code == 201, p.text
    for form in ("json", "csv", "m3u8", "xspf"):
        r = local.get(f"/v1/playlists/{p.json()['id']}?format={form}")
        assert r.status_code == 200, r.text
    assert local.delete(f"/v1/playlists/{p.json()['id']}").status_code == 204
    r = local.post("/v1/recommendations", json={"journey": {"goal": "happy", "start": "calm"}})
    assert r.status_code == 200, r.text
    assert local.delete("/v1/me").status_code == 204
