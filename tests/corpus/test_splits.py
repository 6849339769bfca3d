import pytest

from topicgen.corpus import Corpus
from topicgen.corpus.splits import check_split, count_splits, split_of, split_sizes, splits_of


@pytest.mark.parametrize(
    ("id", "split"),
    [
        ("train/1", "train"),
        ("Training/1", "train"),
        ("valid/a/b", "val"),
        ("aclImdb_test/pos/0_10.txt", "test"),
        ("20news-bydate-train/sci.space/1", "train"),
        ("train", None),
        ("train:1", None),
        ("news/train/1", None),
        ("trainers/1", None),
        ("test2/1", None),
        ("/train/1", None),
        ("", None),
    ],
)
def test_the_split_is_the_first_part_of_an_id(id, split):
    assert split_of(id) == split


def test_a_collection_has_splits_where_all_documents_have_one():
    assert splits_of(["test/1", "train/1"]) == ["test", "train"]
    assert splits_of(["test/1", "sport/1"]) is None
    assert splits_of([]) is None
    assert splits_of(["README", "cats.txt"]) is None
    assert splits_of(["README", "training/1", "test/1"]) == ["", "train", "test"]
    assert splits_of([*map(str, range(101)), "train/1"]) is None


def test_sizes_are_in_the_order_of_their_use():
    ids = ["cats.txt", "test/1", "dev/1", "train/2", "train/1"]
    assert list(count_splits(ids).items()) == [("train", 2), ("val", 1), ("test", 1), ("", 1)]
    assert count_splits(["1", "2"]) == {}
    assert split_sizes({"test": 1, "val": 20, "train": 11314}) == "train 11,314 + val 20 + test 1"


@pytest.mark.parametrize("split", ["", "all", "trains", None, 1])
def test_what_is_no_split_is_refused(split, refuses):
    with refuses("a split among train, val, test", f"got {split!r}"):
        check_split(split)


def test_documents_of_a_split():
    ids = ["test/1", "train/1", "test/2"]
    corpus = Corpus([[1, 0], [0, 2], [3, 3]], ["bank", "rate"], ids, ["x", "", "y"], source="news")
    assert corpus.splits == ["test", "train", "test"]
    test = corpus.of_split("testing")
    assert test.counts.toarray().tolist() == [[1, 0], [3, 3]]
    assert (test.ids, test.labels, test.source) == (["test/1", "test/2"], ["x", "y"], "news")
    assert test.vocabulary == corpus.vocabulary


def test_a_split_without_documents_is_refused(refuses):
    with refuses("of the split 'val' in 'news'", "got only train 1", "name one of these"):
        Corpus([[1]], ["bank"], ["train/1"], source="news").of_split("val")
    with refuses("of the split 'val' in the corpus", "ids that name no split"):
        Corpus([[1]], ["bank"], ["1"]).of_split("val")
