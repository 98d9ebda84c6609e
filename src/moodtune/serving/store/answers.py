"""The latest answers of each listener."""

from datetime import datetime

import msgspec
import sqlalchemy as sa

from moodtune.errors import UsageError
from moodtune.serving.store import schema
from moodtune.serving.store.database import Database
from moodtune.serving.store.listeners import LISTENER_ID, Listeners, row_of_listener
from moodtune.serving.store.moments import written
from moodtune.serving.store.nouns import Answers, SavedAnswers

_TABLE = schema.answers
_DECODER = msgspec.json.Decoder(dict[str, str | tuple[str, ...]])


class LatestAnswers:
    """Keeps one set of answers per listener."""

    def __init__(self, database: Database, listeners: Listeners) -> None:
        self._database, self._listeners = database, listeners
        names = ["listener_id", "answers", "at"]
        values = [sa.bindparam(name, type_=schema.TEXT) for name in names[1:]]
        insert = database.insert(_TABLE).from_select(names, row_of_listener(*values))
        self._save = database.prepare(
            insert.on_conflict_do_update(
                index_elements=[_TABLE.c.listener_id],
                set_={"answers": insert.excluded.answers, "at": insert.excluded.at},
            )
        )
        mine = _TABLE.c.listener_id == LISTENER_ID
        self._find = database.prepare(sa.select(_TABLE.c.answers, _TABLE.c.at).where(mine))

    def save(self, listener: str, answers: Answers, at: datetime) -> None:
        """Keep answers in place of those that are there."""
        values = {"listener": listener, "answers": _text(answers), "at": written(at)}
        if self._database.write(self._save, values):
            return
        self._listeners.introduce(listener)
        if not self._database.write(self._save, values):
            raise self._listeners.unknown(listener)

    def of(self, listener: str) -> SavedAnswers | None:
        """Return the latest answers; None if there are none."""
        row = self._database.read(self._find, {"listener": listener})
        return None if row is None else SavedAnswers(answers=_DECODER.decode(row[0]), at=row[1])


def _text(answers: Answers) -> str:
    try:
        return msgspec.json.encode(answers).decode()
    except UnicodeEncodeError:
        raise UsageError("answers must be Unicode, and hold half of a surrogate pair") from None
