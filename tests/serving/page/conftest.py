"""Visits: each a fresh context of one browser, on a service that knows nothing of its listener."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from page_worlds import LISTENER, WIDE, Site, Visit, launched, need_browser, running, watched


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


@pytest.fixture
def visit(browser, site) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens the page; at the end nothing may have gone wrong on it."""
    site.store.forget(LISTENER)
    opened: list[Visit] = []

    def open_page(
        fragment: str = "",
        *,
        at: Site = site,
        size: tuple[int, int] = WIDE,
        ready: str = ".page",
        prepare: Callable[[Any], object] | None = None,
        **context: Any,
    ) -> Visit:
        viewport = {"width": size[0], "height": size[1]}
        page = browser.new_context(viewport=viewport, **context).new_page()
        found = watched(page, at)
        opened.append(found)
        if prepare is not None:
            prepare(page)
        page.goto(at.url + "/" + fragment)
        page.wait_for_selector(ready)
        return found

    yield open_page
    for one in opened:
        one.page.context.close()
    assert [problem for one in opened for problem in one.problems] == []
