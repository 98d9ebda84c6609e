"""The model that is served, and the next one: loaded beside it, swapped in whole, or refused.

A request takes the model that is there when its turn comes and keeps it to its end: a swap is one
assignment. Which model to serve is asked for by the generation file of the run directory: a number
that `moodtune reload` and SIGHUP raise, and that every process of the service watches. Each process
says in the directory what became of it.
"""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from moodtune.artifacts import ModelBundle, load_bundle
from moodtune.ranking.query import Query
from moodtune.ranking.recommending import recommend
from moodtune.serving.describing import catalog_answer, moods_answer, questions_answer
from moodtune.serving.messages import MapAnswer
from moodtune.serving.mood_map import MoodMap
from moodtune.serving.nearness import Nearness
from moodtune.serving.search import TrackSearch
from moodtune.serving.settings import ServingSettings


@dataclass(frozen=True, kw_only=True, eq=False)
class Served:
    """A model, and all that is made of it once so that no request has to.

    ``generation``  the number it was asked for by
    ``catalog``, ``moods``, ``questions``  answers that are the same for everybody, as JSON
    ``etag``        changes with the model
    """

    generation: int
    bundle: ModelBundle
    search: TrackSearch
    nearness: Nearness
    points: MoodMap
    catalog: bytes
    moods: bytes
    questions: bytes
    etag: str
    whole_map: bytes

    def map_of(self, n: int) -> bytes:
        """Return the answer with at most n points."""
        return _map_answer(self.bundle, self.points, self.generation, n)


def serve_model(path: Path, *, generation: int, settings: ServingSettings) -> Served:
    """Load a model and make all that requests need; BundleError if it is no good."""
    bundle = load_bundle(path)
    points = MoodMap(bundle.tracks["track_id"], bundle.scores)
    catalog = catalog_answer(bundle, generation=generation, most_genres=settings.catalog_genres)
    digest = bundle.manifest.own_sha256[:12]
    served = Served(
        generation=generation,
        bundle=bundle,
        search=TrackSearch(bundle.tracks),
        nearness=Nearness(bundle.index),
        points=points,
        catalog=msgspec.json.encode(catalog),
        moods=msgspec.json.encode(moods_answer(bundle)),
        questions=msgspec.json.encode(questions_answer(bundle.listener_model)),
        etag=f"{generation}-{digest}",
        whole_map=_map_answer(bundle, points, generation, settings.map_points),
    )
    _warm(bundle)
    return served


def _map_answer(bundle: ModelBundle, points: MoodMap, generation: int, n: int) -> bytes:
    shown = points.points(n)
    return msgspec.json.encode(
        MapAnswer(
            generation=generation,
            moods=list(bundle.taxonomy.names),
            points=shown.n,
            tracks=len(bundle.index),
            valence=shown.valence,
            arousal=shown.arousal,
            mood=shown.mood,
            row=shown.row,
        )
    )


def _warm(bundle: ModelBundle) -> None:
    """Ask once for each mood: what an index makes when it is first asked is made now."""
    for mood in bundle.taxonomy.names:
        recommend(bundle.index, Query(mood=mood))
    first = bundle.tracks["track_id"].head(1).to_list()
    recommend(
        bundle.index,
        Query(mood=bundle.taxonomy.names[0], likes=tuple(first), exclude_songs=(("", ""),)),
    )


class Models:
    """The model that is served now; replaced whole."""

    def __init__(self, path: Path, settings: ServingSettings, *, generation: int) -> None:
        self.path = path
        self._settings = settings
        self._current = serve_model(path, generation=generation, settings=settings)

    @property
    def current(self) -> Served:
        """The model that is served now."""
        return self._current

    def load(self, generation: int) -> None:
        """Serve the model that is in the directory now; BundleError if it is no good."""
        self._current = serve_model(self.path, generation=generation, settings=self._settings)
