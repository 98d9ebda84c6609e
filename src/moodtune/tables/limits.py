"""How large, deep and compressed a table may be before it is refused."""

from dataclasses import dataclass, fields

from moodtune.errors import SettingsError

_MIB = 1024**2
_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLimits:
    """Bounds on what a table may ask of this machine; all are whole numbers above zero.

    The defaults let ten million rows of twenty columns through, as CSV of some gigabytes or as
    Parquet; what is meant to exhaust a machine is refused after a few megabytes of it were read.
    """

    file_bytes: int = 16 * _GIB
    """Size of a file as it lies."""
    expanded_bytes: int = 16 * _GIB
    """Size of a gzip CSV once expanded, and of the cells of a Parquet file, eight bytes and the
    text for each."""
    expansion_ratio: int = 100
    """Expanded size over the size as it lies, for gzip, XLSX and Parquet."""
    free_expansion_bytes: int = 8 * _MIB
    """Up to here the ratio does not count: small tables of equal cells compress very well."""
    workbook_bytes: int = 1 * _GIB
    """Size of all parts of an XLSX file once expanded, and of the text in its cells."""
    workbook_parts: int = 10_000
    """Number of parts in an XLSX file."""
    page_bytes: int = 32 * _MIB
    """Size of an HTML page."""
    page_tags: int = 1_000_000
    """Number of tags in an HTML page: a cell is two, one that begins it and one that ends it. The
    cells that a table of a page spans, written or not, are no more either."""
    page_attributes: int = 1_000_000
    """Number of attributes that the tags of an HTML page have in all."""
    page_tables: int = 1_000
    """Number of tables in an HTML page."""
    tag_characters: int = 64 * 1024
    """Length of one tag of an HTML page; long values in quotes, as pictures have, do not count."""
    footer_bytes: int = 2 * _MIB
    """Length of what a Parquet file says of its columns; twenty columns in five hundred row groups
    take about as much."""
    nesting: int = 32
    """How many tables of an HTML page may stand inside each other."""
    line_bytes: int = 8 * _MIB
    """Length of one record of a CSV, line breaks inside quotes included."""
    cell_characters: int = 100_000
    """Length of one cell."""
    columns: int = 4_096
    """Number of columns."""
    rows: int = 200_000_000
    """Number of rows."""
    cells: int = 2_000_000_000
    """Rows times columns."""
    files: int = 1_000
    """Number of tables in a folder."""
    folder_entries: int = 100_000
    """Number of files and folders of any kind looked at in a folder."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if type(value) is not int or value < 1:
                raise SettingsError(
                    f"limit {field.name} must be a whole number above zero, got {value!r}"
                )
