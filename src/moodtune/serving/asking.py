"""From a request to a Query, and from its answer to what is said of it."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from moodtune.artifacts import ModelBundle
from moodtune.errors import InvalidError, QueryError
from moodtune.moods.listener_model import ListenerModel
from moodtune.moods.questionnaire import MAX_QUESTIONS, answers_frame, next_question
from moodtune.preferences.events import FeedbackEvent, ShownEvent
from moodtune.ranking.journeys import Journey
from moodtune.ranking.query import Query, Recommendations
from moodtune.ranking.recommending import recommend, unknown_mood
from moodtune.serving.describing import question_answer
from moodtune.serving.messages import (
    Answer,
    Answers,
    MoodProfileAnswer,
    RecommendationRequest,
)
from moodtune.serving.reading import nearest
from moodtune.serving.settings import ServingSettings

#: The fields of a request that a query has by the same name.
_SAME = tuple(
    name
    for name in RecommendationRequest.__struct_fields__
    if name in Query.__struct_fields__ and name != "journey"
)
_WAYS = ("mood", "blend", "answers", "profile", "journey")
_BEGINNINGS = (["answers", "journey"], ["profile", "journey"])


class Memory(Protocol):
    """What is stored of a listener that a query needs."""

    @property
    def feedback(self) -> tuple[FeedbackEvent, ...]:
        """What was liked, skipped and banned."""

    @property
    def shown(self) -> tuple[ShownEvent, ...]:
        """What was listed on earlier days."""


def query_of(bundle: ModelBundle, asked: RecommendationRequest, settings: ServingSettings) -> Query:
    """Return the query as it was asked, without what is stored; InvalidError or QueryError."""
    _check_ways(asked)
    profile = None
    if asked.answers is not None:
        profile = probabilities_of(_model(bundle), cells_of(bundle, asked.answers, settings))
    elif asked.profile is not None:
        _check_profile(bundle, asked.profile)
        profile = dict(asked.profile)
    values = {name: getattr(asked, name) for name in _SAME}
    return Query(listener_profile=profile, journey=_journey(asked), **values)


def _check_ways(asked: RecommendationRequest) -> None:
    said = [name for name in _WAYS if getattr(asked, name) is not None]
    if len(said) == 1 and (asked.journey is None or asked.journey.start is not None):
        return
    # A journey without a start begins where somebody is.
    if asked.journey is not None and asked.journey.start is None and said in _BEGINNINGS:
        return
    if asked.journey is not None and len(said) == 1:
        raise InvalidError("a journey without a start needs answers or a profile to begin from")
    raise InvalidError(
        f"a request names exactly one of {', '.join(_WAYS)} (a journey without a start also "
        f"answers or a profile), got {' and '.join(said) or 'none'}"
    )


def _journey(asked: RecommendationRequest) -> Journey | None:
    if asked.journey is None:
        return None
    return Journey(goal=asked.journey.goal, start=asked.journey.start, step=asked.journey.step)


def _check_profile(bundle: ModelBundle, profile: Mapping[str, float]) -> None:
    for name in profile:
        if bundle.taxonomy.listener_mood(name) is None:
            known = [mood.name for mood in bundle.taxonomy.listener_moods]
            raise QueryError(
                f"profile: no listener mood is called {name!r}; {nearest(name, known)}"
            )


def _model(bundle: ModelBundle) -> ListenerModel:
    if bundle.listener_model is None:
        raise QueryError(
            "this model knows no listeners, so it can make nothing of answers: ask for a mood, or "
            "train it with --behavior TABLE"
        )
    return bundle.listener_model


def cells_of(
    bundle: ModelBundle, answers: Answers, settings: ServingSettings
) -> dict[str, str | None]:
    """Return answers as cells of a behavior table; InvalidError for a column that is none."""
    model = _model(bundle)
    if len(answers) > settings.answers:
        raise InvalidError(f"answers: at most {settings.answers} can be given, got {len(answers)}")
    for column in answers:
        if column not in model.columns:
            raise InvalidError(
                f"answers: no question is called {column[:60]!r}; {nearest(column, model.columns)}"
            )
    return {column: _cell(column, answer, settings) for column, answer in answers.items()}


def as_stored(answers: Answers) -> dict[str, str | tuple[str, ...]]:
    """Return answers as the store keeps them: a cell left blank is an empty text."""
    return {
        column: tuple(answer) if isinstance(answer, list) else answer or ""
        for column, answer in answers.items()
    }


def _cell(column: str, answer: Answer, settings: ServingSettings) -> str | None:
    cell = ", ".join(answer) if isinstance(answer, list) else answer
    if cell is not None and len(cell) > settings.answer_characters:
        raise InvalidError(
            f"answers.{column}: expected at most {settings.answer_characters} characters, "
            f"got {len(cell)}"
        )
    return cell


def probabilities_of(model: ListenerModel, cells: Mapping[str, str | None]) -> dict[str, float]:
    """Return how likely each listener mood is after some answers."""
    predicted = model.predict(answers_frame(cells))[0].tolist()
    return dict(zip(model.moods, predicted, strict=True))


def mood_of(bundle: ModelBundle, cells: Mapping[str, str | None]) -> MoodProfileAnswer:
    """Return how likely each listener mood is, and what to ask next."""
    model = _model(bundle)
    probabilities = probabilities_of(model, cells)
    following = next_question(model, cells)
    return MoodProfileAnswer(
        probabilities=probabilities,
        sure=max(probabilities.values(), default=0) >= model.sure_from,
        next=None if following is None else question_answer(following),
        left=0 if following is None else MAX_QUESTIONS - len(cells),
    )


def answered(
    bundle: ModelBundle, asked: Query, memory: Memory, *, today: str, budget: int | None
) -> Recommendations:
    """Return the list for a query and what is stored; its query is the one that was asked."""
    query = msgspec.structs.replace(
        asked,
        feedback=_still_known(bundle, memory.feedback),
        shown=tuple(memory.shown),
        today=asked.today or today,
    )
    answer = recommend(bundle.index, query, budget=budget)
    return msgspec.structs.replace(answer, query=asked)


def _still_known(
    bundle: ModelBundle, events: tuple[FeedbackEvent, ...]
) -> tuple[FeedbackEvent, ...]:
    """Return events in moods that this model has; a ban holds whatever its mood was called."""
    names = bundle.taxonomy.names
    if all(event.mood in names for event in events):
        return tuple(events)
    return tuple(
        event if event.mood in names else msgspec.structs.replace(event, mood=names[0])
        for event in events
        if event.mood in names or event.action == "ban"
    )


def check_mood(bundle: ModelBundle, mood: str) -> None:
    """Refuse a mood that lists are not made for; QueryError with the nearest one."""
    if mood not in bundle.taxonomy.names:
        raise QueryError(unknown_mood(bundle.taxonomy, mood))
