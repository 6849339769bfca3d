"""Cells of CSV files that a spreadsheet never takes for formulas.

Excel, LibreOffice and Google Sheets compute a cell that begins with "=", "+", "-" or "@", and a
formula can run programs or send data elsewhere: a label such as ``=HYPERLINK("http://…")`` comes
from whoever wrote the documents. Such a text gets an apostrophe before it, by which a spreadsheet
knows text; ``cell.removeprefix("'")`` gets back what it was. Numbers are never changed, nor are
texts that are plain numbers, such as "-5": they compute nothing, and pandas reads them as numbers.

All CSV files that topicgen writes for people go through here. Formats for other programs, such as
the ``corpus.tsv`` of OCTIS, and .parquet and .npz files do not: their words are data, which must
come back exactly as they were.
"""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# Significant digits of numbers that people read.
DIGITS = 6
# With the wide forms of East Asian fonts, which some spreadsheets read alike: see OWASP's page on
# CSV injection.
_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def safe_cell(text: str) -> str:
    """Return a text as a cell, with an apostrophe before what a spreadsheet would compute.

    Example:
        >>> [safe_cell(text) for text in ("bank", "=1+1", "-5", "-5+1", "@SUM(A1)")]
        ['bank', "'=1+1", '-5', "'-5+1", "'@SUM(A1)"]
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def safe_frame(frame: "pd.DataFrame") -> "pd.DataFrame":
    """Return a data frame whose texts, names of columns included, are safe as cells.

    Example:
        >>> import pandas as pd
        >>> safe_frame(pd.DataFrame({"label": ["=1+1", "tax"], "+n": [-5, 2]})).to_dict("list")
        {'label': ["'=1+1", 'tax'], "'+n": [-5, 2]}
    """
    import pandas as pd

    columns = [_safe_column(frame.iloc[:, at]) for at in range(frame.shape[1])]
    safe = pd.concat(columns, axis=1) if columns else frame.copy()
    safe.columns = [safe_cell(str(name)) for name in frame.columns]
    return safe


def write_frame(frame: "pd.DataFrame", file: Any, *, header: bool = True) -> None:
    """Write a data frame as CSV whose texts are safe as cells.

    Args:
        frame: to write, without its index.
        file: path or stream.
        header: whether to write the names of the columns.
    """
    safe_frame(frame).to_csv(
        file,
        header=header,
        index=False,
        lineterminator="\n",
        errors="backslashreplace",
    )


def _safe_column(column: "pd.Series") -> "pd.Series":
    from pandas.api import types

    if types.is_numeric_dtype(column) or types.is_datetime64_any_dtype(column):
        return column
    import pandas as pd

    cells = [safe_cell(value) if isinstance(value, str) else value for value in column]
    return pd.Series(cells, column.index, dtype=object)
