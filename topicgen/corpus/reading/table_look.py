"""Tables that are read as lines of text, since nothing in their names says that they are tables."""

import json
import re

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.tables import COMMON_COLUMNS

# A row of names, such as "id,text" or '"date";"text"', without a space anywhere.
_HEADER = re.compile(r'"?[\w.-]{1,40}"?(?:([,;|\t])"?[\w.-]{1,40}"?(?:\1"?[\w.-]{1,40}"?)*)')
_JSON_BEGINS = re.compile(r"\[\s*[{\"]|\{\s*\"")


def suffix_of_table(head: str) -> str | None:
    r"""Return the suffix that a text should have by its first lines, or None if it is prose.

    A first line that is a JSON object or the beginning of an array, or names of columns of which
    one is usual for texts, with as many fields in the second line, shows a table.

    >>> suffix_of_table('{"text": "Stocks rose."}\n'), suffix_of_table("id,text\n1,Rain fell.\n")
    ('.jsonl', '.csv')
    >>> suffix_of_table("Stocks rose, rain fell.\n") is None
    True
    """
    first, _, rest = head.lstrip().partition("\n")
    first, second = first.rstrip(), rest.lstrip().partition("\n")[0]
    if first.startswith("{") and isinstance(_json(first), dict):
        return ".jsonl"
    if _JSON_BEGINS.match(head.lstrip()):
        is_json = first in ("[", "{") or _json(first) is not None or first.endswith(",")
        return ".json" if is_json else None
    if (found := _HEADER.fullmatch(first)) is None or found[1] not in second:
        return None
    names = {name.strip('"').lower() for name in first.split(found[1])}
    if names.isdisjoint(COMMON_COLUMNS):
        return None
    return ".tsv" if found[1] == "\t" else ".csv"


def advice_on_table(name: str, suffix: str) -> str:
    """Return what to say where a source was read as lines, but looks like a table.

    >>> advice_on_table("standard input", ".csv")
    'standard input looks like a .csv table but was read as one document per line; ...
    """
    where = "save it in a file whose name ends"
    if name != streams.display_name(streams.STANDARD_INPUT):
        where = "to read it as one, end its name"
    return (
        f"{name} looks like a {suffix} table but was read as one document per line; {where} in "
        f"{suffix}"
    )


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
