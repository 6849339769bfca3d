from array import array

import numpy as np

from topicgen.cli.input_rows import InputRows
from topicgen.corpus import Document
from topicgen.corpus.duplicates import Duplicates
from topicgen.corpus.splits import documents_of_split

IDS = ["test/1", "train/1", "train/2", "test/2", "train/3"]


def documents(texts="aabba"):
    return [Document(text, id) for text, id in zip(texts, IDS, strict=True)]


def test_all_documents_are_used_where_nothing_chooses():
    rows = InputRows()
    assert len(list(rows.counted(documents()))) == rows.n_read == 5
    assert rows.numbers is None


def test_choices_follow_each_other():
    rows, duplicates = InputRows(), Duplicates(drop=True)
    of_split = rows.noted(documents_of_split(rows.counted(documents()), "train", "INPUT"))
    rows.choose(duplicates.kept)
    used = [document.id for document in duplicates.watch(of_split)]
    assert used == ["train/1", "train/2"]  # the third repeats the first
    assert rows.n_read == 5
    np.testing.assert_array_equal(rows.numbers, [1, 2])


def test_nothing_may_be_left():
    rows = InputRows()
    rows.choose(array("q"))
    assert rows.numbers.tolist() == []
