"""Reading JSON that somebody else may have written: every fault of it is one line."""

import json
import os
from typing import Any

from topicgen.errors import InputError, shown
from topicgen.files.regular import open_regular

_MOST_BYTES = 2**26
_NAMES = {dict: "an object", list: "a list", str: "a text", type(None): "null"}


def read_json(
    path: str | os.PathLike[str],
    kinds: type | tuple[type, ...] = dict,
    *,
    remedy: str,
    most_bytes: int = _MOST_BYTES,
    nan: bool = False,
) -> Any:
    """Return the value in a file of JSON.

    Args:
        path: of a regular file in UTF-8.
        kinds: what the value may be: ``dict``, ``list``, ``str`` or ``type(None)``.
        remedy: what to do where it cannot be used; the last part of the error.
        most_bytes: how large the file may be.
        nan: whether NaN and Infinity, which only Python's JSON has, may come.

    Raises:
        InputError: where the file cannot be read, is larger, is not JSON, is nested too deeply,
            names something twice, or holds another kind of value.
    """
    data = read_bytes(path, remedy=remedy, most_bytes=most_bytes)
    return parse_json(data, kinds, name=f"the file {_named(path)}", remedy=remedy, nan=nan)


def read_bytes(
    path: str | os.PathLike[str], *, remedy: str, most_bytes: int = _MOST_BYTES
) -> bytes:
    """Return the bytes of a regular file.

    Raises:
        InputError: where it cannot be read, or is larger than ``most_bytes``.
    """
    try:
        with open_regular(path) as file:
            # Not more than there is: reading sets aside as much memory as it is asked for.
            size = os.fstat(file.fileno()).st_size
            data = file.read(min(size, most_bytes) + 1)
    except OSError as error:
        problem = f"cannot be read ({error.strerror or error})"
        raise InputError(f"the file {_named(path)} {problem}; {remedy}") from error
    if len(data) > most_bytes:
        raise InputError(f"the file {_named(path)} is larger than {most_bytes:,} bytes; {remedy}")
    return data


def parse_json(
    data: bytes,
    kinds: type | tuple[type, ...] = dict,
    *,
    name: str,
    remedy: str,
    nan: bool = False,
) -> Any:
    """Return the value that bytes of JSON hold; ``read_json`` says what may be wrong with them.

    Args:
        data: in UTF-8.
        kinds: what the value may be.
        name: what the bytes are called in an error.
        remedy: what to do then.
        nan: whether NaN and Infinity may come.

    Example:
        >>> parse_json(b'{"a": 1}', name="the file 'a.json'", remedy="save it again")
        {'a': 1}
        >>> parse_json(b'[' * 100_000, name="it", remedy="save it again")
        Traceback (most recent call last):
        topicgen.errors.InputError: it is damaged: it is nested too deeply; save it again
    """
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_once,
            parse_constant=None if nan else _refuse_constant,
        )
    except RecursionError:
        raise InputError(f"{name} is damaged: it is nested too deeply; {remedy}") from None
    except ValueError as error:
        problem = f"it is not valid JSON ({' '.join(str(error).split())[:200]})"
        raise InputError(f"{name} is damaged: {problem}; {remedy}") from None
    kinds = kinds if isinstance(kinds, tuple) else (kinds,)
    # Not isinstance: True is an int, and an int is not a float here.
    if type(value) not in kinds:
        expected = " or ".join(_NAMES.get(kind, kind.__name__) for kind in kinds)
        came = _NAMES.get(type(value), type(value).__name__)
        raise InputError(f"{name} is damaged: expected {expected} of JSON, got {came}; {remedy}")
    return value


def _named(path: str | os.PathLike[str]) -> str:
    # Paths are shown whole: a user has to find the file.
    return repr(os.fspath(path))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ValueError(f"{shown(twice)} comes twice")
    return values


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")
