"""Who is asking, and all that is theirs: sessions, saved lists, what is stored, and its end."""

from typing import Annotated, Any, Literal

from litestar import Request, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.response.base import ASGIResponse

from moodtune.errors import NotFoundError
from moodtune.serving.access import session_cookie
from moodtune.serving.documenting import CHANGING, OBJECT, TEXT, Content, documented
from moodtune.serving.messages import (
    Me,
    PlaylistAnswer,
    PlaylistRequest,
    PlaylistsAnswer,
    SessionRequest,
)
from moodtune.serving.models import Served
from moodtune.serving.moments import now
from moodtune.serving.playlists import FORMATS, attachment, kept_answer, lines_answer
from moodtune.serving.reading import read_body
from moodtune.serving.service import Service, body_of, caller_of, json_answer, no_answer
from moodtune.serving.store import Identity
from moodtune.serving.tracks import check_tracks

_SET_COOKIE = "set-cookie"


def people_handlers(service: Service) -> list[HTTPRouteHandler]:
    """Return the handlers of what is a listener's own."""
    return [*_sessions(service), *_me(service), *_keeping(service), *_reading(service)]


def _sessions(service: Service) -> list[HTTPRouteHandler]:
    days = service.settings.cookie_days

    @post(
        "/v1/session",
        status_code=200,  # the answer says 204 itself
        operation_class=documented(
            answers={204: None}, body=SessionRequest, errors=(401,), signed_in=False
        ),
    )
    async def sign_in(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Sign in with a token; the answer sets a cookie that expires."""
        asked, caller = read_body(SessionRequest, body_of(request)), caller_of(request)

        def started() -> ASGIResponse:
            secret = service.sign_in.start_session(asked.token, caller, days)
            cookie = session_cookie(secret, days=days, https=caller.https)
            return no_answer({_SET_COOKIE: cookie})

        return await service.workers.run(started)

    @delete(
        "/v1/session",
        status_code=200,  # the answer says 204 itself
        operation_class=documented(answers={204: None}, errors=CHANGING, signed_in=False),
    )
    async def sign_out(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Sign out: the session ends, and the cookie is cleared."""
        caller = caller_of(request)

        def ended() -> ASGIResponse:
            if caller.session and caller.secret is not None:
                service.store.end_session(caller.secret)
            return no_answer({_SET_COOKIE: session_cookie("", days=days, https=caller.https)})

        return await service.workers.run(ended)

    return [sign_in, sign_out]


def _me(service: Service) -> list[HTTPRouteHandler]:
    store = service.store

    @get("/v1/me", operation_class=documented(answers={200: Me}))
    async def me(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Say who is asking."""

        def known(identity: Identity, _: Served) -> ASGIResponse:
            local = not service.sign_in.tokens_in_use
            return json_answer(
                Me(listener=identity.listener, admin=identity.admin, local=local, signed_in=True)
            )

        return await service.work(request, known)

    @get("/v1/me/export", operation_class=documented(answers={200: OBJECT}))
    async def export(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Give everything that is stored about a listener."""

        def exported(identity: Identity, _: Served) -> ASGIResponse:
            name = 'attachment; filename="moodtune-export.json"'
            return json_answer(
                store.export(identity.listener), headers={"content-disposition": name}
            )

        return await service.work(request, exported)

    @delete(
        "/v1/me", status_code=200, operation_class=documented(answers={204: None}, errors=CHANGING)
    )
    async def forget(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Forget a listener: all rows, tokens and sessions are gone."""
        caller = caller_of(request)

        def forgotten(identity: Identity, _: Served) -> ASGIResponse:
            store.forget(identity.listener)
            return no_answer({_SET_COOKIE: session_cookie("", days=0, https=caller.https)})

        return await service.work(request, forgotten)

    return [me, export, forget]


def _keeping(service: Service) -> list[HTTPRouteHandler]:
    store = service.store

    @post(
        "/v1/playlists",
        status_code=201,
        operation_class=documented(
            answers={201: PlaylistAnswer}, body=PlaylistRequest, errors=(404, 409)
        ),
    )
    async def keep(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Keep a list of tracks under a name."""
        asked = read_body(PlaylistRequest, body_of(request))

        def kept_for(identity: Identity, served: Served) -> ASGIResponse:
            check_tracks(served.bundle, asked.track_ids)
            kept = store.add_playlist(identity.listener, asked.name, asked.track_ids, now())
            return json_answer(kept_answer(served.bundle, kept), status=201)

        return await service.work(request, kept_for)

    @delete(
        "/v1/playlists/{playlist_id:str}",
        status_code=200,  # the answer says 204 itself
        operation_class=documented(answers={204: None}, errors=(404, *CHANGING)),
    )
    async def remove(request: Request[Any, Any, Any], playlist_id: FromPath[str]) -> ASGIResponse:
        """Remove a list."""

        def removed_for(identity: Identity, _: Served) -> ASGIResponse:
            if not store.remove_playlist(identity.listener, playlist_id):
                raise _no_playlist()
            return no_answer()

        return await service.work(request, removed_for)

    return [keep, remove]


def _reading(service: Service) -> list[HTTPRouteHandler]:
    store = service.store

    @get("/v1/playlists", operation_class=documented(answers={200: PlaylistsAnswer}))
    async def playlists(request: Request[Any, Any, Any]) -> ASGIResponse:
        """Name the lists that are kept, the newest first."""

        def named(identity: Identity, _: Served) -> ASGIResponse:
            return json_answer(lines_answer(store.playlists(identity.listener)))

        return await service.work(request, named)

    @get(
        "/v1/playlists/{playlist_id:str}",
        operation_class=documented(
            answers={200: (PlaylistAnswer, *(Content(kind, TEXT) for kind in FORMATS.values()))},
            errors=(404, 422),
        ),
    )
    async def playlist(
        request: Request[Any, Any, Any],
        playlist_id: FromPath[str],
        file_format: Annotated[
            Literal["json", "csv", "m3u8", "xspf"], QueryParameter(name="format")
        ] = "json",
    ) -> ASGIResponse:
        """Give a list, as JSON or as a file to take away."""

        def given(identity: Identity, served: Served) -> ASGIResponse:
            kept = store.playlist(identity.listener, playlist_id)
            if kept is None:
                raise _no_playlist()
            if file_format == "json":
                return json_answer(kept_answer(served.bundle, kept))
            return attachment(served.bundle, kept, file_format)

        return await service.work(request, given)

    return [playlists, playlist]


def _no_playlist() -> NotFoundError:
    return NotFoundError("there is no list of that id")
