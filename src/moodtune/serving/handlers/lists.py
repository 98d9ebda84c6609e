"""Lists, what was said of them, and how a listener is."""

import secrets
from datetime import date, datetime
from typing import Any

from litestar import Request, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from moodtune.errors import NotFoundError
from moodtune.preferences.events import FeedbackEvent, today_of
from moodtune.ranking.query import Recommendations
from moodtune.serving.asking import answered, as_stored, cells_of, check_mood, mood_of, query_of
from moodtune.serving.documenting import CHANGING, documented
from moodtune.serving.messages import (
    FeedbackAnswer,
    FeedbackRequest,
    MoodProfileAnswer,
    MoodRequest,
    QuestionsAnswer,
    RecommendationRequest,
)
from moodtune.serving.models import Served
from moodtune.serving.moments import begin_of, moment, now
from moodtune.serving.reading import read_body
from moodtune.serving.service import Service, body_of, json_answer, no_answer, raw_answer
from moodtune.serving.store import Identity
from moodtune.serving.tracks import row_of


def list_handlers(service: Service) -> list[HTTPRouteHandler]:
    """Return the handlers of lists, feedback and moods."""
    return [*_recommending(service), _feedback(service), _undo(service), *_asking(service)]


def _recommending(service: Service) -> list[HTTPRouteHandler]:
    settings, store = service.settings, service.store

    @post(
        "/v1/recommendations",
        status_code=200,
        operation_class=documented(answers={200: Recommendations}, body=RecommendationRequest),
    )
    async def recommendations(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Give the tracks that fit a mood, blend, answers, profile or journey, with reasons."""
        asked = read_body(RecommendationRequest, body_of(request))

        def list_for(identity: Identity, served: Served) -> ASGIResponse:
            at = now()
            day = _day_of(asked.today, at)
            query = query_of(served.bundle, asked, settings)
            memory = store.memory(identity.listener, day)
            answer = answered(
                served.bundle, query, memory, today=day.isoformat(), budget=settings.budget
            )
            if answer.recommendations:
                ids = [place.track_id for place in answer.recommendations]
                store.add_shown(identity.listener, ids, _shown_at(day, at))
            return json_answer(answer)

        return await service.work(request, list_for)

    return [recommendations]


def _shown_at(day: date, at: datetime) -> datetime:
    """Return when a list of ``day`` was shown: then, if that may be today somewhere, else now."""
    return begin_of(day) if abs((day - at.date()).days) == 1 else at


def _day_of(said: str | None, at: datetime) -> date:
    """Return the day that a list is asked on; QueryError if what was said is none."""
    return at.date() if said is None else today_of(said)


def _asking(service: Service) -> list[HTTPRouteHandler]:
    settings, store = service.settings, service.store

    @get("/v1/questions", operation_class=documented(answers={200: QuestionsAnswer}))
    async def questions(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Name the questions, the one that tells most first."""
        return raw_answer(await service.work(request, lambda _, served: served.questions))

    @post(
        "/v1/mood",
        status_code=200,
        operation_class=documented(answers={200: MoodProfileAnswer}, body=MoodRequest),
    )
    async def mood(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Say how likely each mood is after some answers, and what to ask next."""
        asked = read_body(MoodRequest, body_of(request))

        def mood_for(identity: Identity, served: Served) -> ASGIResponse:
            cells = cells_of(served.bundle, asked.answers, settings)
            answer = mood_of(served.bundle, cells)
            if asked.answers:  # to ask what comes first is no answer, and takes none back
                store.save_answers(identity.listener, as_stored(asked.answers), now())
            return json_answer(answer)

        return await service.work(request, mood_for)

    return [questions, mood]


def _feedback(service: Service) -> HTTPRouteHandler:
    store = service.store

    @post(
        "/v1/feedback",
        status_code=201,
        operation_class=documented(
            answers={201: FeedbackAnswer, 200: FeedbackAnswer},
            body=FeedbackRequest,
            errors=(404, 409),
        ),
    )
    async def feedback(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Store a like, skip or ban; the same key and content again gives the stored event."""
        said = read_body(FeedbackRequest, body_of(request))

        def kept_for(identity: Identity, served: Served) -> ASGIResponse:
            check_mood(served.bundle, said.mood)
            row_of(served.bundle, said.track_id)
            event = FeedbackEvent(
                key=said.key or secrets.token_hex(16),
                track_id=said.track_id,
                mood=said.mood,
                action=said.action,
                at=moment(now()),
            )
            stored, created = store.add_feedback(identity.listener, event)
            return json_answer(stored, status=201 if created else 200)

        return await service.work(request, kept_for)

    return feedback


def _undo(service: Service) -> HTTPRouteHandler:
    store = service.store

    @delete(
        "/v1/feedback/{key:str}",
        status_code=200,  # the answer says 204 itself
        operation_class=documented(answers={204: None}, errors=(404, *CHANGING)),
    )
    async def undo(request: Request[Any, Any, Any], key: FromPath[str]) -> ASGIResponse:
        """Take an event back."""

        def undone_for(identity: Identity, _: Served) -> ASGIResponse:
            if not store.remove_feedback(identity.listener, key):
                raise NotFoundError("there is no feedback of that key")
            return no_answer()

        return await service.work(request, undone_for)

    return undo
