"""Visits to a service that knows nothing of its listener, in one browser per file."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from page_worlds import (
    LISTENER,
    WIDE,
    Site,
    Visit,
    launched,
    need_browser,
    new_window,
    running,
    watched,
)

#: Where a window waits for its next visit: of the page's own origin, as Chromium starts another
#: process for each other, which costs more than a visit.
_BLANK = "/healthz"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser per file: Playwright's loop must not outlive the tests that use it."""
    need_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = launched(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def site(models, tmp_path_factory) -> Iterator[Site]:
    """A service without tokens."""
    with running(models, tmp_path_factory.mktemp("site")) as (found, _):
        yield found


@pytest.fixture(scope="module")
def window(browser) -> Any:
    """A page that visits share: to open one of its own costs more than most visits do."""
    return new_window(browser)


@pytest.fixture
def visit(browser, site, window) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens the page; at the end nothing may have gone wrong on it.

    ``routes`` answer in place of the service from the beginning. ``alone``, ``prepare`` and
    settings of a context get a window of their own.
    """
    site.store.forget(LISTENER)
    opened: list[Visit] = []

    def open_page(
        fragment: str = "",
        *,
        at: Site = site,
        size: tuple[int, int] = WIDE,
        ready: str = ".page",
        routes: Mapping[str, Callable[[Any], object]] | None = None,
        alone: bool = False,
        prepare: Callable[[Any], object] | None = None,
        **context: Any,
    ) -> Visit:
        shared = not (alone or prepare or context or opened)
        page = window if shared else new_window(browser, **context)
        found = watched(page, at)
        opened.append(found)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for pattern, route in (routes or {}).items():
            page.route(pattern, route)
        if prepare is not None:
            prepare(page)
        page.goto(at.url + "/" + fragment)
        page.wait_for_selector(ready)
        return found

    yield open_page
    for one in opened:
        one.leave()
        if one.page is window:
            cleaned(window, site)
        else:
            one.page.context.close()
    assert [problem for one in opened for problem in one.problems] == []


def cleaned(page: Any, site: Site) -> None:
    """Leave nothing of a visit to the next one."""
    page.context.set_offline(False)
    page.unroute_all(behavior="ignoreErrors")
    page.context.clear_cookies()
    page.emulate_media(color_scheme=None, reduced_motion=None)
    page.goto(site.url + _BLANK)
