import os

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import Rows, SparseCounts
from topicgen.models.encoders.encoder import Encoding
from topicgen.models.encoders.unfolded import encode

if os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("these tests are for Triton's interpreter", allow_module_level=True)
documents = pytest.importorskip("topicgen.kernels.documents", reason="needs Triton")

N_WORDS, N_LAYERS = 90, 5


def ragged(n_documents=9):
    """Documents of no word, of one, of some, and of all words."""
    random = np.random.default_rng(0)
    counts = random.integers(1, 5, (n_documents, N_WORDS)) * (random.random((n_documents, 1)) < 0.4)
    counts[random.random(counts.shape) < 0.5] = 0
    counts[2], counts[3], counts[5] = 0, 0, random.integers(1, 9, N_WORDS)
    counts[3, 7] = 6
    return csr_matrix(counts)


def weights(n_topics, dtype):
    """The topics, pseudo-counts and word weights, all with gradients."""
    generator = torch.Generator().manual_seed(n_topics)
    logits = 2 * torch.randn(n_topics, N_WORDS, generator=generator, dtype=torch.float64)
    pseudo_counts = 0.1 + torch.rand(n_topics, generator=generator, dtype=torch.float64)
    word_weight = 0.5 + torch.rand(N_WORDS, generator=generator, dtype=torch.float64)
    found = logits.softmax(-1), pseudo_counts, word_weight
    return [value.to(dtype).requires_grad_() for value in found]


def relative(ours, exact):
    return ((ours.double() - exact).norm() / exact.norm().clamp_min(1e-12)).item()


def given(shape, dtype):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(shape, generator=generator, dtype=torch.float64).to(dtype)


@pytest.mark.parametrize("rows", [None, [3, 0, 5, 2, 0]])
@pytest.mark.parametrize("n_topics", [1, 7, 8, 50, 500])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-6), (torch.float64, 1e-13)])
def test_values_and_gradients_are_those_of_plain_operations(rows, n_topics, dtype, tolerance):
    index = None if rows is None else torch.tensor(rows)
    whole = SparseCounts.from_csr(ragged(), dtype)
    exact_counts = SparseCounts.from_csr(ragged(), torch.float64)
    if index is not None:
        exact_counts = exact_counts.select(index)
    exact = weights(n_topics, torch.float64)
    encoding = encode(exact_counts, *exact, N_LAYERS)
    log_likelihood = exact_counts.log_likelihood(encoding.proportions, exact[0])
    shape = encoding.proportions.shape
    loss = (encoding.proportions * given(shape, torch.float64)).sum()
    loss += (encoding.evidence * given(shape, torch.float64)).sum()
    (loss + (log_likelihood * given(shape[0], torch.float64)).sum()).backward()

    ours = weights(n_topics, dtype)
    words = documents.Words(whole.starts, whole.columns, whole.values, index)
    proportions, evidence = documents.Encode.apply(words, *ours, N_LAYERS)
    value = documents.LogLikelihood.apply(words, proportions, ours[0])
    loss = (proportions * given(shape, dtype)).sum() + (evidence * given(shape, dtype)).sum()
    (loss + (value * given(shape[0], dtype)).sum()).backward()

    assert relative(proportions, encoding.proportions) < tolerance
    assert relative(evidence, encoding.evidence) < tolerance
    assert relative(value, log_likelihood) < tolerance
    assert relative(ours[0].grad, exact[0].grad) < tolerance
    assert relative(ours[2].grad, exact[2].grad) < tolerance
    if n_topics > 1:  # of a single topic nothing depends on its pseudo-count
        assert relative(ours[1].grad, exact[1].grad) < tolerance


def encode_by_kernel(counts, *rest):
    return Encoding(*documents.Encode.apply(counts.words, *rest))


@pytest.mark.parametrize("n_topics", [7, 8])
def test_documents_may_have_pseudo_counts_of_their_own(n_topics):
    counts = SparseCounts.from_csr(ragged(), torch.float64)
    factor = torch.linspace(0.1, 3, len(counts), dtype=torch.float64).unsqueeze(1)
    grads, values = [], []
    for function in (encode, encode_by_kernel):
        topics, pseudo_counts, word_weight = weights(n_topics, torch.float64)
        found = function(counts, topics, factor * pseudo_counts, word_weight, N_LAYERS)
        shape = found.proportions.shape
        loss = (found.proportions * given(shape, torch.float64)).sum() + found.evidence[:, 0].sum()
        loss.backward()
        values.append(found.proportions.detach())
        grads.append([value.grad for value in (topics, pseudo_counts, word_weight)])
    assert relative(values[1], values[0]) < 1e-13
    for ours, exact in zip(grads[1], grads[0], strict=True):
        assert relative(ours, exact) < 1e-13


def test_documents_without_words_have_what_is_expected_of_any():
    topics, pseudo_counts, word_weight = weights(7, torch.float64)
    counts = SparseCounts.from_csr(csr_matrix((3, N_WORDS)), torch.float64)
    found = documents.Encode.apply(counts.words, topics, pseudo_counts, word_weight, N_LAYERS)
    expected = (pseudo_counts / pseudo_counts.sum()).expand(3, 7)
    torch.testing.assert_close(found[0], expected)
    assert found[1].abs().max() == 0
    value = documents.LogLikelihood.apply(counts.words, found[0], topics)
    assert value.tolist() == [0.0] * 3


def test_no_documents_have_no_values_and_gradients_of_0():
    topics, pseudo_counts, word_weight = weights(7, torch.float64)
    counts = SparseCounts.from_csr(csr_matrix((0, N_WORDS)), torch.float64)
    found = documents.Encode.apply(counts.words, topics, pseudo_counts, word_weight, N_LAYERS)
    value = documents.LogLikelihood.apply(counts.words, found[0], topics)
    assert found[0].shape == (0, 7)
    (value.sum() + found[0].sum()).backward()
    assert topics.grad.abs().max() == 0


@pytest.mark.parametrize("n_topics", [1, 4, 7, 50])
def test_topics_lie_word_by_word_at_multiples_of_four(n_topics):
    topics = torch.rand(n_topics, N_WORDS, requires_grad=True)
    aligned = documents.word_by_word(topics)
    assert torch.equal(aligned, topics)
    assert aligned.stride() == (1, 4 * -(-n_topics // 4))
    aligned.sum().backward()
    assert torch.equal(topics.grad, torch.ones_like(topics))


def test_rows_are_read_where_they_are(monkeypatch):
    whole = SparseCounts.from_csr(ragged(), torch.float64)
    rows = Rows(whole, whole.n_tokens, torch.tensor([5, 3]))
    topics = weights(7, torch.float64)[0]
    mixture = torch.full((2, 7), 1 / 7, dtype=torch.float64)
    plain = rows.log_likelihood(mixture, topics)
    monkeypatch.setattr("topicgen.kernels.usable", lambda tensor: True)
    monkeypatch.setattr(Rows, "copied", None)
    torch.testing.assert_close(rows.log_likelihood(mixture, topics), plain)
    torch.testing.assert_close(rows.n_tokens, rows.counts.select(rows.index).n_tokens)
