"""Reading seed words from a file: a JSON object, or one topic per line."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from topicgen.errors import InputError, shown
from topicgen.files import stores
from topicgen.plain import quoted

_FORMS = (
    'a JSON object such as {"economy": ["growth", "tax*"]}, or one topic per line such as '
    "economy: growth, tax*"
)

_MOST_BYTES = 2**24


def read_seeds(path: str) -> dict[str, Any]:
    """Return the seeds in a file: a list of words by the name of their topic.

    Args:
        path: of UTF-8 text, a JSON object of lists or one topic per line ("economy: growth, tax*").

    Raises:
        InputError: where the file cannot be read, is too large or is in neither form.
    """
    from topicgen.corpus.reading.streams import check_is_file

    try:
        copy = Path(stores.fetched(path))
        if copy.exists() and (size := check_is_file(copy)) > _MOST_BYTES:
            raise InputError(
                f"expected seeds in at most {_MOST_BYTES:,} bytes, got {size:,} in "
                f"{quoted(path)}; write {_FORMS}"
            )
        text = copy.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"cannot read the seeds in {quoted(path)}: {error.strerror or error}; pass a file with "
            f"{_FORMS}"
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"the seeds in {quoted(path)} are not UTF-8 text ({error.reason} at byte "
            f"{error.start}); save the file as UTF-8"
        ) from error
    if not text.strip():
        raise InputError(f"the file of seeds {quoted(path)} is empty; write {_FORMS}")
    return _from_json(text, path) if text.lstrip()[0] in "{[" else _from_lines(text, path)


def _from_json(text: str, path: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        for name, n_times in Counter(name for name, _ in pairs).items():
            if n_times > 1:
                raise InputError(
                    f"the seeds in {quoted(path)} name {quoted(name)} {n_times} times; put its "
                    "words in one list"
                )
        return dict(pairs)

    try:
        seeds = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise InputError(
            f"the seeds in {quoted(path)} are not valid JSON ({error.msg} in line {error.lineno}); "
            f"write {_FORMS}"
        ) from error
    except (RecursionError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = "too many lists within each other, or too many digits"
        raise InputError(
            f"the seeds in {quoted(path)} cannot be read ({reason}); write {_FORMS}"
        ) from None
    if not isinstance(seeds, dict):
        raise InputError(
            f"the seeds in {quoted(path)} must be {_FORMS}, got {shown(seeds)}; name each list"
        )
    return seeds


def _from_lines(text: str, path: str) -> dict[str, Any]:
    seeds: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, colon, listed = (part.strip() for part in line.partition(":"))
        words = [word.strip() for word in listed.split(",") if word.strip()]
        if not (name and colon and words):
            raise InputError(
                f"line {number} of the seeds in {quoted(path)} must be a name, a colon and words "
                f"separated by commas, such as economy: growth, tax*, got {shown(line.strip())}; "
                "correct the line"
            )
        if name in lines:
            raise InputError(
                f"the seeds in {quoted(path)} name {quoted(name)} in line {lines[name]} and in "
                f"line {number}; put its words in one line"
            )
        seeds[name], lines[name] = words, number
    return seeds
