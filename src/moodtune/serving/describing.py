"""What a model has to offer, as answers that are the same for everybody and made once."""

import numpy as np
import polars as pl

from moodtune.artifacts import ModelBundle
from moodtune.catalog import schema
from moodtune.moods.listener_model import ListenerModel
from moodtune.moods.questionnaire import Question, questions_of
from moodtune.ranking.journey_answers import place_in
from moodtune.serving.messages import (
    CatalogAnswer,
    GenreCount,
    ListenerMoodAnswer,
    MoodAnswer,
    MoodsAnswer,
    QuestionAnswer,
    QuestionsAnswer,
)

_TEMPO = "tempo"


def catalog_answer(bundle: ModelBundle, *, generation: int, most_genres: int) -> CatalogAnswer:
    """Return what there is to choose from, and which limits can be kept."""
    tracks = bundle.tracks
    years = _span(tracks, schema.YEAR)
    return CatalogAnswer(
        tracks=tracks.height,
        synthetic=bundle.manifest.synthetic,
        generation=generation,
        genres=_genres(tracks, most_genres),
        year=None if years is None else (int(years[0]), int(years[1])),
        tempo=_span(tracks.filter(pl.col(_TEMPO) > 0), _TEMPO)
        if _TEMPO in tracks.columns
        else None,
        popularity=_has(tracks, schema.POPULARITY),
        explicit=_has(tracks, schema.EXPLICIT),
        minutes=_has(tracks, schema.DURATION_MS),
        questions=bundle.listener_model is not None,
    )


def _has(tracks: pl.DataFrame, column: str) -> bool:
    return column in tracks.columns and tracks[column].null_count() < tracks.height


def _span(tracks: pl.DataFrame, column: str) -> tuple[float, float] | None:
    if not _has(tracks, column):
        return None
    values = tracks[column].drop_nulls().cast(pl.Float64).to_numpy()
    return float(values.min()), float(values.max())


def _genres(tracks: pl.DataFrame, most: int) -> list[GenreCount]:
    if schema.GENRES not in tracks.columns:
        return []
    counts = (
        tracks.select(pl.col(schema.GENRES).list.unique().explode().alias("name"))
        .drop_nulls()
        .group_by("name")
        .len()
        .sort("len", "name", descending=[True, False])
        .head(most)
    )
    return [GenreCount(name=name, tracks=n) for name, n in counts.iter_rows()]


def moods_answer(bundle: ModelBundle) -> MoodsAnswer:
    """Return the taxonomy, and where its moods lie in the catalog."""
    taxonomy = bundle.taxonomy
    return MoodsAnswer(
        moods=[
            MoodAnswer(
                name=mood.name,
                valence=mood.valence,
                arousal=mood.arousal,
                here=place_in(bundle.index, alone),
                offered=mood.offered,
            )
            for mood, alone in zip(taxonomy.moods, np.eye(len(taxonomy.moods)), strict=True)
        ],
        listener_moods=[
            ListenerMoodAnswer(name=m.name, phrases=list(m.phrases), weights=dict(m.weights))
            for m in taxonomy.listener_moods
        ],
    )


def questions_answer(model: ListenerModel | None) -> QuestionsAnswer:
    """Return the questions, the one that tells most first; none where there is nothing to ask."""
    asked: tuple[Question, ...] = () if model is None else questions_of(model)
    return QuestionsAnswer(questions=[question_answer(question) for question in asked])


def question_answer(question: Question) -> QuestionAnswer:
    """Return a question as the service asks it."""
    return QuestionAnswer(
        column=question.column,
        wording=question.wording,
        kind=question.kind,
        options=[o.answer for o in question.options if o.answer is not None],
        blank=any(option.answer is None for option in question.options),
        several=question.kind == "several",
        low=question.low,
        high=question.high,
    )
