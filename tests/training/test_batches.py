import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.training import Collection, generator
from topicgen.training.batches import Batches
from topicgen.training.resident import Resident

OPTIONS = {"batch_size": 16, "token_dropout": 0.5, "count_power": 1.0}
# Everything at once, and parts of some documents.
SOURCES = {
    "batches": Batches,
    "resident": Resident,
    "resident in parts": lambda *args, **options: Resident(*args, **options, most_entries=150),
}


def source(name, counts, **options):
    options = {"generator": generator(0, "cpu"), **OPTIONS, **options}
    return SOURCES[name](Collection(counts), **options)


def rows_of(documents, n):
    copied = documents.copied()
    dense = torch.zeros(len(copied), copied.n_columns)
    dense[copied.rows, copied.columns] = copied.values
    assert dense[int(n) :].abs().sum() == 0  # what fills up the batch
    return dense[: int(n)]


def seen(batches):
    """What an epoch shows, as dense matrices: observed, and hidden."""
    parts = [
        [rows_of(documents, batch.n_documents) for documents in (batch.observed, batch.predicted)]
        for batch in batches.epoch()
    ]
    return [torch.cat(part) for part in zip(*parts, strict=True)]


def as_rows(matrix):
    return sorted(map(tuple, np.asarray(matrix).tolist()))


@pytest.mark.parametrize("name", SOURCES)
def test_an_epoch_shows_every_token_once(name, planted_counts):
    observed, hidden = seen(source(name, planted_counts))
    assert as_rows(observed + hidden) == as_rows(planted_counts.toarray())
    assert bool((observed >= 0).all())
    assert bool((hidden >= 0).all())


@pytest.mark.parametrize("name", SOURCES)
def test_every_epoch_has_another_order_and_hides_other_tokens(name, planted_counts):
    batches = source(name, planted_counts)
    first, second = seen(batches), seen(batches)
    assert not torch.equal(first[0] + first[1], second[0] + second[1])
    assert as_rows(first[0]) != as_rows(second[0])


@pytest.mark.parametrize("name", SOURCES)
def test_a_token_is_hidden_with_the_probability_asked_for(name, planted_counts):
    """4,800 tokens: a share more than 4 standard errors off comes once in 15,000 seeds."""
    hidden = seen(source(name, planted_counts, token_dropout=0.25))[1].sum().item()
    n = planted_counts.sum()
    assert abs(hidden - 0.25 * n) < 4 * (n * 0.25 * 0.75) ** 0.5


@pytest.mark.parametrize("name", SOURCES)
def test_hidden_counts_are_raised_to_the_power(name):
    batches = source(name, csr_matrix([[9.0, 4.0]]), token_dropout=0.0, count_power=0.5)
    observed, hidden = seen(batches)
    assert observed.tolist() == [[9.0, 4.0]]
    assert hidden.tolist() == [[3.0, 2.0]]


@pytest.mark.parametrize("name", SOURCES)
def test_totals_are_those_of_the_documents(name, planted_counts):
    for batch in source(name, planted_counts).epoch():
        for documents in (batch.observed, batch.predicted):
            expected = documents.copied().n_tokens
            torch.testing.assert_close(documents.n_tokens, expected)


@pytest.mark.parametrize("name", SOURCES)
def test_a_seed_gives_the_same_batches(name, planted_counts):
    first, again = (seen(source(name, planted_counts)) for _ in range(2))
    assert torch.equal(first[0], again[0])


@pytest.mark.parametrize("name", SOURCES)
def test_documents_without_words_are_shown_too(name):
    counts = csr_matrix([[0, 0], [1, 0], [0, 0], [0, 2]])
    observed, hidden = seen(source(name, counts))
    assert as_rows(observed + hidden) == as_rows(counts.toarray())


@pytest.mark.parametrize("name", ["resident", "resident in parts"])
def test_every_batch_is_the_same_tensors(name, planted_counts):
    places = {
        (
            batch.observed.counts.values.data_ptr(),
            batch.predicted.counts.values.data_ptr(),
            batch.observed.index.data_ptr(),
            batch.n_documents.data_ptr(),
        )
        for batch in source(name, planted_counts).epoch()
    }
    assert len(places) == 1


def test_a_document_longer_than_a_part_has_a_part_of_its_own(planted_counts):
    counts = csr_matrix(np.vstack([planted_counts.toarray(), np.ones(30)]))
    batches = Resident(Collection(counts), generator=generator(0, "cpu"), **OPTIONS, most_entries=5)
    observed, hidden = seen(batches)
    assert as_rows(observed + hidden) == as_rows(counts.toarray())


@pytest.mark.parametrize("name", SOURCES)
def test_all_tokens_can_be_predicted_from_some(name, planted_counts):
    observed, predicted = seen(source(name, planted_counts, predicts_all=True))
    assert as_rows(predicted) == as_rows(planted_counts.toarray())
    assert bool((observed <= predicted).all())
    assert 0.4 < (observed.sum() / predicted.sum()).item() < 0.6


@pytest.mark.parametrize("name", SOURCES)
def test_a_batch_knows_the_lengths_of_its_documents(name, planted_counts):
    for batch in source(name, planted_counts, count_power=0.5).epoch():
        n = int(batch.n_documents)
        assert batch.whole.n_tokens[:n].tolist() == [40] * n


@pytest.mark.parametrize("token_dropout", [0.0, 0.5])
def test_some_documents_are_hidden_whole(planted_counts, token_dropout):
    """120 documents: a share more than 4 standard errors off comes once in 15,000 seeds."""
    options = {"token_dropout": token_dropout, "share_unread": 0.25}
    observed, hidden = seen(source("batches", planted_counts, **options))
    assert as_rows(observed + hidden) == as_rows(planted_counts.toarray())
    unread = (observed.sum(1) == 0).float().mean().item()
    assert abs(unread - 0.25) < 4 * (0.25 * 0.75 / 120) ** 0.5
    if not token_dropout:
        assert set(observed.sum(1).tolist()) == {0.0, 40.0}
