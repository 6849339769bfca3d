import json

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
    for name, part in [("none", "No such file"), (".", "directory"), ("latin", "not UTF-8")]:
        with pytest.raises(InputError, match=part):
            read_seeds(str(tmp_path / name))
