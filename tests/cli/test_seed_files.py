import json
import os

import pytest

from topicgen.cli.seed_files import read_seeds
from topicgen.errors import InputError

SEEDS = {"economy": ["growth", "tax*"], "Gesundheit": ["Ärzte"]}


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(SEEDS),
        "\n" + json.dumps(SEEDS, ensure_ascii=False, indent=2),
        "economy: growth, tax*\nGesundheit: Ärzte\n",
        "\r\n economy :growth,tax*,\r\n\r\nGesundheit:Ärzte",
        "\ufeffeconomy: growth, tax*\nGesundheit: Ärzte",
    ],
    ids=["JSON", "indented", "lines", "with spaces", "with a byte order mark"],
)
def test_both_forms_are_read(tmp_path, text):
    path = tmp_path / "seeds"
    path.write_bytes(text.encode("utf-8"))
    assert read_seeds(str(path)) == SEEDS
    assert list(read_seeds(str(path))) == list(SEEDS)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("growth, tax*", "line 1"),
        ("a: x\n\nb:\n", "line 3"),
        (": x", "line 1"),
        ("a: x\nb: y\na: z", "'a' in line 1 and in line 3"),
        ('{"a": ["x"], "a": ["y"]}', "name 'a' 2 times"),
        ('{"a": ["x"]', "in line 1"),
        ('[["x"]]', "[['x']]"),
    ],
)
def test_other_files_are_refused(tmp_path, text, part):
    path = tmp_path / "seeds.txt"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_seeds(str(path))
    message = str(caught.value)
    assert part in message
    assert str(path) in message
    assert ";" in message
    assert "\n" not in message


def test_files_that_cannot_be_read_are_refused(tmp_path):
    (tmp_path / "latin").write_bytes("a: Ärzte".encode("latin-1"))
    for name, part in [
        ("none", "No such file"),
        (".", "is a folder"),
        ("latin", "not UTF-8"),
    ]:
        with pytest.raises(InputError, match=part):
            read_seeds(str(tmp_path / name))


def test_what_is_no_small_file_is_refused_at_once(tmp_path, monkeypatch):
    os.mkfifo(pipe := tmp_path / "pipe")
    with pytest.raises(InputError, match=r"expected a file, got .* which is a pipe"):
        read_seeds(str(pipe))
    (path := tmp_path / "seeds").write_text("economy: growth")
    monkeypatch.setattr("topicgen.cli.seed_files._MOST_BYTES", 10)
    with pytest.raises(InputError, match="at most 10 bytes, got 15"):
        read_seeds(str(path))


@pytest.mark.parametrize("text", ["[" * 10**5, '{"a": ' * 10**5, '{"a": ' + "9" * 5000 + "}"])
def test_deep_or_endless_json_is_refused(tmp_path, text):
    (path := tmp_path / "seeds.json").write_text(text)
    with pytest.raises(InputError, match="cannot be read"):
        read_seeds(str(path))
