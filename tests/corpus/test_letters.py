import csv
import gzip
import io
import re
from collections import Counter

import numpy as np
import pytest
from study_letters import generator

from topicgen.corpus.catalog import checksum, find_card, get

make = generator()


@pytest.fixture(scope="module")
def letters():
    return list(make.letters())


def test_the_generator_remakes_what_is_shipped(tmp_path):
    with gzip.open(make.SHIPPED) as packed:
        assert packed.read() == make.csv_text().encode()
    (tmp_path / "made.csv").write_bytes(make.csv_text().encode())
    assert checksum(tmp_path / "made.csv") == find_card("letters").sha256


def test_the_corpus_is_got_as_a_table(tmp_path):
    get(find_card("letters"), tmp_path / "letters.csv")
    with open(tmp_path / "letters.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == make.LETTERS
    assert tuple(rows[0]) == make.COLUMNS
    assert len({row["text"] for row in rows}) == len({row["id"] for row in rows}) == len(rows)
    assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)


def test_letters_are_of_a_length_that_can_be_read(letters):
    lengths = [len(letter.text.split()) for letter in letters]
    assert min(lengths) >= 60
    assert max(lengths) <= 150


def test_no_slot_is_left_open(letters):
    assert not [letter.text for letter in letters if re.search(r"[][{}|]|  ", letter.text)]


@pytest.mark.parametrize("subject", make.SUBJECTS)
def test_sentences_are_complete_and_different(subject):
    parts = make._sentences(subject)
    assert list(parts) == ["first", "detail", "request"]
    sentences = [sentence for part in parts.values() for sentence in part]
    assert len(sentences) >= 35
    assert len(set(sentences)) == len(sentences)
    assert not [it for it in sentences if not re.fullmatch(r"[A-Z{].*[.?]", it)]


def test_shares_follow_the_weights():
    harbour, old_town = (
        make.expected_shares(make.FIRST_DAY, district, "post")
        for district in ("Harbour", "Old Town")
    )
    assert sum(harbour.values()) == pytest.approx(1)
    # Against housing, which depends on nothing.
    assert harbour["flooding"] / harbour["housing"] == pytest.approx(0.6 / 1.1)
    assert old_town["noise"] / old_town["housing"] == pytest.approx(1.6 / 1.1)


def test_shares_are_as_expected(letters):
    """Mean shares are within 4 standard errors of what is expected: 50 tests, error rate .003."""
    shares = np.array([[letter.words.get(k, 0) for k in make.SUBJECTS] for letter in letters])
    shares = shares / shares.sum(1, keepdims=True)
    expected = np.array(
        [
            list(make.expected_shares(letter.date, letter.district, letter.channel).values())
            for letter in letters
        ]
    )
    assert list(make.SUBJECTS) == list(make.expected_shares(make.STORM, "Harbour", "post"))
    assert np.allclose(expected.sum(1), 1)
    for district in make.DISTRICTS:
        rows = [letter.district == district for letter in letters]
        excess = (shares - expected)[rows]
        assert (np.abs(excess.mean(0)) < 4 * excess.std(0) / np.sqrt(len(excess))).all()


def test_readme_counts_the_letters(letters):
    readme = (make.HERE / "README.md").read_text("utf-8")
    for counts in (Counter(it.district for it in letters), Counter(it.channel for it in letters)):
        for name, count in counts.items():
            assert re.search(rf"{name}`? \({count}\b", readme)


def test_truth_is_a_share_of_each_letter():
    rows = list(csv.DictReader(io.StringIO(make.truth_text())))
    assert len(rows) == make.LETTERS
    for row in rows:
        row.pop("id")
        assert sum(map(float, row.values())) == pytest.approx(1, abs=1e-3)
