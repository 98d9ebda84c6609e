"""Who somebody is: tokens and sessions looked up in the store, and guessing made slow."""

import threading
import time
from collections import OrderedDict
from datetime import UTC, datetime

from moodtune.errors import ForbiddenError, RateError, SignInError
from moodtune.serving.access import Caller, Rules, check_start, neighbourhood
from moodtune.serving.rates import Buckets
from moodtune.serving.settings import ServingSettings
from moodtune.serving.store import Identity, Store
from moodtune.serving.store.credentials import fingerprint

#: The one listener of a service without tokens.
LOCAL = "local"


class SignIn:
    """Whether tokens are needed, and whose a request is.

    Once tokens were seen they are needed for as long as the process lives: revoking the last one
    must not open a door.
    """

    def __init__(self, store: Store, rules: Rules, settings: ServingSettings, host: str) -> None:
        self._store = store
        self._looked_s = settings.tokens_looked_for_s
        self._looked_at = time.monotonic()
        self.tokens_in_use = store.has_tokens()
        check_start(rules, tokens=self.tokens_in_use, host=host)
        self._lock = threading.Lock()
        self._failed = Buckets(
            rate=settings.failed_rate, burst=settings.failed_burst, most=settings.rate_keys
        )
        self._good: OrderedDict[bytes, str] = OrderedDict()  # and whose each is
        self._most_good = settings.good_secrets

    def identify(self, caller: Caller) -> Identity:
        """Return who is asking, in a search thread; SignInError where nobody has signed in."""
        if not self._needs_tokens():
            return Identity(listener=LOCAL, admin=False)
        if caller.secret is None:
            raise SignInError("sign in first: send a token as Authorization: Bearer, or the cookie")
        key = fingerprint(caller.secret)
        self._check_guessing(caller, key)
        look_up = self._store.who_session if caller.session else self._store.who
        found = look_up(caller.secret, datetime.now(UTC))
        if found is None:
            raise self._failure(caller, key)
        self._remember(key, found.listener)
        return found

    def known(self, caller: Caller) -> str | None:
        """Return the listener whose secret a request brings; None unless it was good before."""
        if caller.secret is None:
            return None
        key = fingerprint(caller.secret)
        with self._lock:
            return self._good.get(key)

    def check_admin(self, identity: Identity) -> None:
        """Refuse a listener who is no admin, where tokens are in use."""
        if self.tokens_in_use and not identity.admin:
            raise ForbiddenError("this is for an admin's token alone")

    def start_session(self, token: str, caller: Caller, days: int) -> str:
        """Return the secret of a new session; SignInError where the token is none."""
        key = fingerprint(token)
        self._check_guessing(caller, key)
        session = self._store.start_session(token, datetime.now(UTC), days)
        if session is None:
            raise self._failure(caller, key)
        if (found := self._store.who(token, datetime.now(UTC))) is not None:
            self._remember(key, found.listener)
        return session

    def _needs_tokens(self) -> bool:
        if not self.tokens_in_use:
            now = time.monotonic()
            if now - self._looked_at >= self._looked_s:
                self._looked_at = now
                self.tokens_in_use = self._store.has_tokens()
        return self.tokens_in_use

    def _check_guessing(self, caller: Caller, key: bytes) -> None:
        """Refuse a secret from an address that has sent too many wrong ones, unless it was good."""
        with self._lock:
            if key in self._good:
                return
            wait = self._failed.wait(neighbourhood(caller.address), time.monotonic())
        if wait is not None:
            raise RateError("too many secrets from here were no tokens; try again later", wait)

    def _failure(self, caller: Caller, key: bytes) -> SignInError:
        with self._lock:
            self._good.pop(key, None)
            self._failed.take(neighbourhood(caller.address), time.monotonic())
        return SignInError("that is no token, or it was revoked, or its session has ended")

    def _remember(self, key: bytes, listener: str) -> None:
        with self._lock:
            self._good[key] = listener
            self._good.move_to_end(key)
            if len(self._good) > self._most_good:
                self._good.popitem(last=False)
