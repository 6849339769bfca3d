"""JSON of somebody else: the value, or one line."""

import os

import pytest

from topicgen.errors import InputError
from topicgen.files.json_file import parse_json, read_json

_SAY = {"name": "the file 'x'", "remedy": "save it again"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"{", "it is not valid JSON"),
        (b"", "it is not valid JSON"),
        (b"\xff", "it is not valid JSON"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b'{"a":' * 100_000, "it is nested too deeply"),
        (b"[1]", "expected an object of JSON, got a list"),
        (b"null", "expected an object of JSON, got null"),
        (b"1", "expected an object of JSON, got int"),
        (b'{"a": NaN}', "NaN is not a number of JSON"),
        (b'{"a": 1, "b": 2, "a": 3}', "'a' comes twice"),
        (b'{"a": ' + b"9" * 5000 + b"}", "it is not valid JSON"),
    ],
)
def test_every_fault_is_one_line(data: bytes, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_json(data, **_SAY)
    message = str(caught.value)
    assert problem in message
    assert "\n" not in message
    assert message.endswith("; save it again")
    assert len(message) < 400


def test_nan_where_it_may_come() -> None:
    assert parse_json(b'{"a": Infinity}', nan=True, **_SAY) == {"a": float("inf")}


def test_a_file_that_is_too_large_is_not_parsed(tmp_path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": 1}' + b" " * 100)
    assert read_json(path, remedy="save it again") == {"a": 1}
    with pytest.raises(InputError, match="is larger than 64 bytes; save it again"):
        read_json(path, remedy="save it again", most_bytes=64)


def test_what_is_not_a_file_is_refused_at_once(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    kinds = {"pipe": "a pipe", "link": "a symbolic link", "folder": "a folder"}
    for name, kind in kinds.items():
        with pytest.raises(InputError, match=f"expected a file, got .*, which is {kind}; put"):
            read_json(tmp_path / name, remedy="save it again")
    with pytest.raises(InputError, match="cannot be read"):
        read_json(tmp_path / "none", remedy="save it again")
