"""A build in parts writes the same bytes as a build in one process."""

import gzip
import json
import warnings
from pathlib import Path

import pytest

from topicgen.cluster.executor import Here
from topicgen.corpus.build import build_corpus
from topicgen.corpus.build_in_parts import build_corpus_in_parts
from topicgen.corpus.reading.parts import Parts
from topicgen.corpus.reading.readers import read_documents
from topicgen.corpus.reading.spans import look
from topicgen.corpus.word_counter import WordCounter
from topicgen.errors import InputError


def build_both(tmp_path, sources, *, span_bytes=50, deduplicate=False, words=None, **reading):
    """Return the files that both builds write and what both say: a pair of pairs."""
    split = reading.pop("split", None)
    outcomes = []
    for name in ("whole", "parts"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            error = None
            try:
                counter = WordCounter(**(words or {}))
                if name == "whole":
                    build_corpus(
                        read_documents(*sources, split=split, **reading),
                        counter,
                        tmp_path / name,
                        deduplicate=deduplicate,
                    )
                else:
                    parts = Parts(*sources, split=split, span_bytes=span_bytes, **reading)
                    build_corpus_in_parts(
                        parts,
                        counter.for_shards(),
                        tmp_path / name,
                        Here(),
                        deduplicate=deduplicate,
                    )
            except InputError as raised:
                error = str(raised)
        folder = tmp_path / name
        files = {path.name: path.read_bytes() for path in folder.iterdir()} if not error else {}
        outcomes.append((files, [str(one.message) for one in caught], error))
    return outcomes


@pytest.fixture
def sources(tmp_path):
    """Write a folder, a text, a compressed table, and lines of JSON with metadata."""
    folder = tmp_path / "letters"
    (folder / "home").mkdir(parents=True)
    (folder / "away").mkdir()
    for number in range(5):
        (folder / "home" / f"{number}.txt").write_text(f"Rain fell on the bank, {number} rates\n")
        (folder / "away" / f"{number}.txt").write_bytes(b"caf\xe9 rates rose\n")
    (folder / "away" / "3b.pdf").write_bytes(b"%PDF-1")
    (folder / "away" / "3c").write_bytes(b"a\0b")
    (folder / "home" / ".hidden").write_text("x")
    (folder / "home" / "9").write_bytes(b"\0")
    (folder / "empty.txt").write_text("")
    text = tmp_path / "lines.txt"
    text.write_text("".join(f"line {n} é bank rose\r\n" for n in range(40)) + "\nlast bank")
    table = tmp_path / "news.csv.gz"
    rows = "".join(f'{n % 4},"snow and rates {n}",NA\n' for n in range(9))
    table.write_bytes(gzip.compress(("topic,text,day\n" + rows).encode()))
    return [str(folder), str(text), str(table)]


def test_the_same_bytes_and_warnings_of_several_sources(tmp_path, sources):
    whole, parts = build_both(tmp_path, [*sources, sources[1]])
    assert parts == whole
    assert whole[2] is None
    assert sum("left out" in line for line in whole[1]) == 1


@pytest.mark.parametrize("deduplicate", [False, True])
@pytest.mark.parametrize(
    "words",
    [{}, {"min_df": 2, "max_features": 5}, {"ngram_range": (1, 2), "tokenizer": "nltk:toktok"}],
)
def test_the_same_bytes_of_lines(tmp_path, sources, deduplicate, words):
    text = Path(sources[1])
    text.write_text(text.read_text("utf-8") * 3 + " \n\n", "utf-8")
    whole, parts = build_both(tmp_path, [text], deduplicate=deduplicate, words=words)
    assert parts == whole
    assert whole[2] is None
    found = json.loads(whole[0]["corpus.json"])["found"]
    assert found["duplicates"] > 40
    assert bool(found["duplicates_dropped"]) == deduplicate


def test_the_same_bytes_of_tables_with_metadata(tmp_path):
    lines = [
        json.dumps({"text": f"rain {n} rates", "id": f"r{n % 3}", "year": 1990 + n, "x": None})
        for n in range(20)
    ]
    (tmp_path / "one.jsonl").write_text("\n".join(lines) + "\n")
    (tmp_path / "two.csv").write_text("text,id,year\nsnow rates,a,1950\nNA,,\n")
    whole, parts = build_both(
        tmp_path, [tmp_path / "*.jsonl", tmp_path / "two.csv"], id_column="id", keep="year"
    )
    assert parts == whole
    assert json.loads(whole[0]["corpus.json"])["metadata"] == {"year": "text"}


def test_the_same_bytes_with_a_table_of_metadata(tmp_path, sources):
    ids = [f"letters/{kind}/{n}.txt" for kind in ("home", "away") for n in range(5)]
    rows = "".join(f"{tmp_path}/{id},{n}\n" for n, id in enumerate([*ids, "empty", "unknown"]))
    rows += f"{tmp_path}/letters/empty.txt,3\n" + "".join(
        f"{tmp_path}/lines.txt:{n},{n}\n" for n in range(1, 43)
    )
    (tmp_path / "about.csv").write_text("id,number\n" + rows)
    whole, parts = build_both(tmp_path, sources[:2], metadata=tmp_path / "about.csv")
    assert parts == whole
    assert whole[2] is None
    assert any("belong to no document" in line for line in whole[1])


def test_the_same_bytes_of_a_split(tmp_path):
    for split in ("train", "test"):
        (tmp_path / "all" / split / "sport").mkdir(parents=True)
        for n in range(3):
            path = tmp_path / "all" / split / "sport" / f"{n}.txt"
            path.write_text(f"{split} number {n} won")
    whole, parts = build_both(tmp_path, [tmp_path / "all"], split="test")
    assert parts == whole
    assert len(whole[0]["indptr.npy"]) == 128 + 4 * 8
    assert b"sport" in whole[0]["labels"]


def _write(path, data):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


@pytest.mark.parametrize(
    ("name", "data", "options"),
    [
        ("a.txt", b"rain fell\n" * 20 + b"caf\xe9 rain\n" * 9, {}),  # cp1252
        ("a.txt", "café rain\n".encode() * 20 + b"caf\xe9 rain\n" * 9, {}),  # two encodings
        ("a.txt", "café rain\n".encode() * 20 + b"caf\xe9 rain\n" * 9, {"encoding": "mixed"}),
        ("a.txt", "\ufeffrain rose\n" * 30, {}),
        ("a.txt", b"rain fell\n" * 20 + b"a\0b rain\n" * 9, {}),
        ("a.txt", b"rain rose\n" * 4 + b"%PDF-1\nPK\x03\x04\n" * 30, {}),
        ("a.txt", "rain rose\rfell again\r\n\r\rsnow\r\r\n" * 30, {}),
        ("a.txt", "".join(f'{{"text": "rain {n}"}}\n' for n in range(30)), {}),  # advice
        ("a.txt", "rain rose\n".encode("utf-16") * 20, {}),
        ("a.txt", "regen fällt\n".encode("latin-1") * 20, {"encoding": "latin-1"}),
        ("a.txt", "\n \n\t\n" * 30, {}),  # nothing but blanks
        ("a.txt", "the of and\n" * 30, {}),  # nothing but stop words
        ("a.txt", "", {}),
        ("a.txt", "rain\n" * 30, {"keep": "year"}),
        ("a.txt", "rain\n" * 30, {"column": "year"}),
        ("a.txt", "rain\n" * 30, {"split": "train"}),
        ("a.csv", "text,x\n" + "rain rose,1\n" * 30 + '"open\n', {}),
        ("a.jsonl", '{"text": "rain"}\n' * 30 + "{]\n", {}),
        ("a.jsonl", '{"text": "rain"}\n' * 30 + '{"text": 7}\n', {}),
        ("a.jsonl", '{"text": "rain"}\n\n' * 30 + '{"text": null}\n', {}),
        ("a.jsonl", '{"a": "rain", "b": "x"}\n' * 30, {}),
        ("a.jsonl", '{"text": "rain", "y": 1}\n' * 30 + '{"z": 1, "text": "x"}', {"keep": "all"}),
        ("a.jsonl", '{"text": "rain"}\n' * 30, {"id_column": "key"}),
        ("a.jsonl", '{"text": "rain"}\n' * 30 + '{"text": "x", "key": 5}', {"id_column": "key"}),
        ("a.pdf", b"%PDF-1", {}),
    ],
)
def test_the_same_words_about_what_is_wrong(tmp_path, name, data, options):
    whole, parts = build_both(tmp_path, [_write(tmp_path / name, data)], **options)
    assert parts == whole


def test_a_tokenizer_that_fails_is_said_in_the_same_words(tmp_path):
    text = _write(tmp_path / "a.txt", "rain rose\n" * 30)
    whole, parts = build_both(tmp_path, [text], words={"tokenizer": "json:loads"})
    assert "the document '1'" in whole[2]
    assert parts[2] == whole[2]


def test_folders_without_text_are_said_in_the_same_words(tmp_path, sources):
    empty = tmp_path / "nothing"
    empty.mkdir()
    _write(empty / "a", b"a\0b")
    _write(empty / "b.pdf", b"%PDF-1")
    whole, parts = build_both(tmp_path, [sources[0], empty])
    assert "expected text files in the folder" in whole[2]
    assert parts[2] == whole[2]


def test_standard_input_is_refused():
    with pytest.raises(InputError, match="all machines can read, got standard input"):
        Parts("-")


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl", "a.ndjson"])
def test_large_files_of_lines_are_cut(tmp_path, name):
    text = _write(tmp_path / name, '{"text": "rain rose"}\n' * 30)
    parts = Parts(text, span_bytes=100)
    shards = list(parts.shards(lambda path, spans: [look(path, span) for span in spans]))
    assert len(shards) == 7
    assert [part.is_last for (part,) in shards] == [False] * 6 + [True]
