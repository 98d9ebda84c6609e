"""What a person may say about a behavior table beyond the table itself."""

import msgspec


class ListenerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a behavior table keeps what is not an answer.

    ``mood_column``     the column with the moods that listeners ticked
    ``id_column``       the column with the listeners' ids; without it, it is found by its name
    ``ignore_columns``  columns to leave out, for example one that was made from the moods
    """

    mood_column: str = "music_Influencial_mood"
    id_column: str | None = None
    ignore_columns: tuple[str, ...] = ()
