"""What a person may say about a catalog's tables beyond the tables themselves."""

import msgspec


class CatalogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units that differ from the schema's; columns by any name that the reader understands.

    ``percent``  features of [0, 1] that the table gives as 0 to 100, for example ``("energy",)``
    ``seconds``  durations that the table gives in seconds: ``("duration",)`` or nothing
    """

    percent: tuple[str, ...] = ()
    seconds: tuple[str, ...] = ()
