import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from topicgen.corpus import read_documents
from topicgen.corpus.reading import limits, parquet_pages
from topicgen.corpus.reading.parquet_pages import batch_rows, page_bytes


def write(path, texts, **options):
    pq.write_table(pa.table({"text": texts, "n": list(range(len(texts)))}), path, **options)
    return pq.ParquetFile(path)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.parquet"


def test_as_many_rows_as_the_texts_of_a_dictionary_allow(path):
    file = write(path, ["a" * 2**20, "b"] * 50)
    assert batch_rows(path, file, ["text"], "") == 2**25 // (2**20 + 4 + 5) == 31
    assert batch_rows(path, file, ["n"], "") == 256


def test_columns_without_a_dictionary_come_in_whole_batches(path):
    file = write(path, ["a" * 1000] * 50, use_dictionary=False)
    assert batch_rows(path, file, ["text"], "") == 256


def test_what_is_no_page_says_nothing(path):
    path.write_bytes(b"PAR1" * 10)
    with path.open("rb") as file:
        assert page_bytes(file, 0) == page_bytes(file, 10**6) == 0


def test_a_text_that_a_few_bytes_hold_is_refused_before_it_is_read(path, refuses):
    write(path, ["a" * 3 * 10**7], compression="zstd")
    assert path.stat().st_size < 10**4
    with refuses("at most 250 bytes", "got 30,000,", str(path)):
        list(read_documents(path))


def test_texts_that_repeat_one_of_a_dictionary_beyond_measure_are_refused(
    path, refuses, monkeypatch
):
    write(path, ["a" * 10**6] * 100, compression="zstd")
    monkeypatch.setattr(limits, "FREE_BYTES", 10**7)
    with refuses("at most 250 bytes", "got 11,000,000 from", str(path)):
        list(read_documents(path))


def test_rows_of_nothing_are_refused(path, refuses, monkeypatch):
    pq.write_table(pa.table({"text": pa.nulls(10**6, pa.string())}), path)
    monkeypatch.setattr(limits, "FREE_DOCUMENTS", 1000)
    with refuses("at most", "documents in the", "got 1,000,000", str(path)):
        list(read_documents(path))


def test_large_texts_are_held_one_at_a_time(path, monkeypatch):
    texts = [letter * 10**5 for letter in "abc"] * 100
    write(path, texts, use_dictionary=False, compression="none")
    monkeypatch.setattr(parquet_pages, "BATCH_BYTES", 2**20)
    monkeypatch.setattr("topicgen.corpus.reading.parquet._MANY_BYTES", 10**5)
    assert [document.text for document in read_documents(path)] == texts


def test_what_is_said_of_a_column_may_be_damaged_without_an_end_of_the_process(tmp_path, path):
    """The library ends the process where it is asked for a column with such sizes."""
    from campaign_inputs import mutated
    from campaigns.forms import all_forms

    form = all_forms(tmp_path)["parquet plain"]
    path.write_bytes(mutated(form, 4, 63)[1]["a.parquet"])
    with pytest.raises(ValueError, match="damaged or of another kind"):
        form.read(path)
