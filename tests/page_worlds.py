"""The service on a socket of its own, and a browser's visits to it."""

import importlib.util
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from moodtune.serving.access import rules_of
from moodtune.serving.app import create_app
from moodtune.serving.models import Models
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Store

WIDE, PHONE, NARROW = (1440, 900), (360, 740), (320, 640)
LISTENER = "local"

#: What keeps a browser from asking anybody but the service.
_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
_WATCH_POLICY = """
addEventListener("securitypolicyviolation", (e) =>
  console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
"""
_TIMEOUT_MS = 15_000


@dataclass(frozen=True)
class Site:
    """A running service: its address, its store, and its end."""

    url: str
    store: Store
    stop: Callable[[], None]

    def kept(self) -> dict[str, Any]:
        """What is stored about the one local listener."""
        return self.store.export(LISTENER)

    def get(self, path: str) -> Any:
        return httpx.get(self.url + path).json()


@contextmanager
def running(
    models: Models, folder: Path, *, listener: str | None = None, port: int = 0, **settings: Any
) -> Iterator[tuple[Site, str]]:
    """Run the service in a thread; yield it, and the secret of ``listener``'s token, or ""."""
    chosen = msgspec.convert(settings, ServingSettings)
    store = Store.open(f"sqlite:///{folder / 'store.sqlite3'}", chosen)
    secret = store.new_token(listener, False, datetime.now(UTC)).secret if listener else ""
    app = create_app(
        models=models, store=store, rules=rules_of("127.0.0.1", (), ()), settings=chosen,
        host="127.0.0.1",
    )  # fmt: skip
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)

    def stop() -> None:
        server.should_exit = True
        thread.join(timeout=10)
        bound.close()

    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield Site(f"http://127.0.0.1:{bound.getsockname()[1]}", store, stop), secret
    finally:
        stop()
        store.close()


def launched(playwright: Any, *switches: str) -> Any:
    """Debian's Chromium, driven; with more switches than ours."""
    return playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=[*_SWITCHES, *switches]
    )


def missing() -> str | None:
    """Why there is no browser to test in; None where there is one."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed (pip install playwright)"
    if shutil.which("chromium") is None:
        return "there is no chromium on the PATH (apt-get install chromium)"
    return None


def need_browser() -> None:
    """Skip without a browser; but where every change is tested, one must be there."""
    reason = missing()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def expect(thing: Any, *, message: str | None = None) -> Any:
    """Playwright's assertions, which wait until they hold."""
    from playwright.sync_api import expect as expected

    expected.set_options(timeout=_TIMEOUT_MS)
    return expected(thing, message)


@dataclass
class Visit:
    """A page in the browser, and what went wrong on it."""

    page: Any
    site: Site
    problems: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # every address that was asked for
    leave: Callable[[], None] = lambda: None  # stop listening

    def button(self, name: str | re.Pattern[str], *, exact: bool = True) -> Any:
        if isinstance(name, re.Pattern):
            return self.page.get_by_role("button", name=name)
        return self.page.get_by_role("button", name=name, exact=exact)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def rows(self) -> Any:
        """The rows of the list, once there are any."""
        self.page.wait_for_selector(".body:not(.stale) .row")
        return self.page.locator(".row")

    def titles(self) -> list[str]:
        self.rows()
        return self.page.locator(".row .title").all_inner_texts()

    def until(self, look: Callable[[], object], expected: object) -> None:
        """Look until what is expected is seen; it is asserted at last."""
        end = time.monotonic() + _TIMEOUT_MS / 1000
        while look() != expected and time.monotonic() < end:
            self.page.wait_for_timeout(10)
        assert look() == expected

    def map(self) -> Any:
        """The map's surface, opened, once it is drawn."""
        self.button("Map").click()
        self.page.wait_for_selector("canvas[data-drawn]")
        return self.page.locator(".map-canvas")


def new_window(browser: Any, **context: Any) -> Any:
    """Open a page in a context of its own, which tells when the policy stops something."""
    page = browser.new_context(**context).new_page()
    page.add_init_script(_WATCH_POLICY)
    page.set_default_timeout(_TIMEOUT_MS)
    return page


def watched(page: Any, site: Site) -> Visit:
    """Keep what a page says, asks for and breaks."""
    visit = Visit(page=page, site=site)
    heard = {
        "pageerror": lambda error: visit.problems.append(f"error: {error}"),
        "console": lambda message: _console(visit, message),
        "request": lambda request: _request(visit, request),
    }
    for name, listener in heard.items():
        page.on(name, listener)

    def leave() -> None:
        for name, listener in heard.items():
            page.remove_listener(name, listener)

    visit.leave = leave
    return visit


def _console(visit: Visit, message: Any) -> None:
    # A failing answer is some tests' business; the browser says it in these words.
    if message.type == "error" and "Failed to load resource" not in message.text:
        visit.problems.append(message.text)


def _request(visit: Visit, request: Any) -> None:
    visit.asked.append(request.url)
    if not request.url.startswith((visit.site.url, "blob:", "data:")):
        visit.problems.append(f"another host was asked: {request.url}")
