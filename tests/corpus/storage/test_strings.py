import pytest

from topicgen.corpus.storage.strings import Strings, StringWriter, write_strings

WORDS = ["a", "", "größer", "two\nlines", "\ud800", "z" * 5000]


@pytest.fixture
def strings(tmp_path):
    write_strings(tmp_path / "words", WORDS)
    return Strings(tmp_path / "words")


def test_reads_what_was_written(strings):
    assert list(strings) == WORDS
    assert len(strings) == 6
    assert [strings[i] for i in range(-6, 6)] == WORDS * 2


@pytest.mark.parametrize(
    "part", [slice(1, 4), slice(None), slice(-2, None), slice(3, 1), slice(None, None, -2)]
)
def test_slices_are_those_of_a_list(strings, part):
    assert strings[part] == WORDS[part]


def test_index_beyond_the_end(strings):
    with pytest.raises(IndexError):
        strings[6]


def test_equal_where_all_strings_are(strings):
    assert strings == WORDS
    assert strings == tuple(WORDS)
    assert strings != WORDS[:-1]
    assert strings != [*WORDS[:-1], "other"]
    assert strings != "a"


def test_shows_its_beginning(strings):
    assert repr(strings) == "Strings(['a', '', 'größer', ...], length=6)"


def test_strings_are_written_and_read_in_parts(tmp_path, monkeypatch):
    monkeypatch.setattr("topicgen.corpus.storage.strings._CHUNK", 2)
    with StringWriter(tmp_path / "words") as writer:
        for word in WORDS:
            writer.append(word)
    assert list(Strings(tmp_path / "words")) == WORDS


def test_no_strings(tmp_path):
    write_strings(tmp_path / "none", [])
    assert list(Strings(tmp_path / "none")) == []
