import itertools
import math

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix, vstack

from topicgen import Corpus, TopicModel
from topicgen.corpus import Document, Vectorizer
from topicgen.errors import InputError
from topicgen.evaluation import log_likelihood, perplexity, split_tokens
from topicgen.models import SparseCounts

METHODS = ["document_completion", "document_completion_in_sequence", "elbo", "iwae", "ais"]
HALF = METHODS[:2]
TEXTS = ["cats purr and cats sleep", "dogs bark and dogs run", "cats and dogs"] * 15


@pytest.fixture(scope="module")
def counts():
    """Two topics of three words each, 60 documents of 12 words."""
    rng = np.random.default_rng(0)
    beta = np.array([[0.5, 0.3, 0.2, 0, 0, 0], [0, 0, 0, 0.5, 0.3, 0.2]])
    return csr_matrix([rng.multinomial(12, rng.dirichlet([0.4, 0.4]) @ beta) for _ in range(60)])


@pytest.fixture(scope="module")
def model(counts):
    """A model small enough to walk through all its counts."""
    options = {"latent": "poisson", "truncation": 10, "prior_count": 6, "random_state": 0}
    return TopicModel(2, max_epochs=10, **options).fit(counts)


@pytest.fixture(scope="module")
def texts_model():
    return TopicModel(2, max_epochs=5, random_state=0).fit(TEXTS)


def exact_perplexity(model, counts):
    atoms = model.model_.atoms
    z = torch.tensor(list(itertools.product(atoms.tolist(), repeat=2)), dtype=torch.float64)
    log_prior = model.model_.prior.log_prob(z).sum(-1)
    topic_word, total = model.model_.topic_word(), 0.0
    for row in counts:
        copies = SparseCounts.from_csr(csr_matrix(np.tile(row.toarray(), (len(z), 1))))
        log_likelihood = model.model_.log_likelihood(copies, topic_word, z)
        total += (log_prior + log_likelihood).logsumexp(0).item()
    return math.exp(-total / counts.sum())


def test_perplexities_are_in_order_and_close_in_on_the_exact_value(model, counts):
    """ELBO >= IWAE-100 >= IWAE-1000 >= AIS-1000 = exact, by the seed that scoring has.

    Each of 60 documents comes 20 times: by other seeds the values differ by less than .001.
    """
    exact = exact_perplexity(model, counts)
    counts = vstack([counts] * 20, format="csr")
    elbo = model.perplexity(counts, "elbo", n_samples=100)
    iwae_100 = model.perplexity(counts, "iwae", n_samples=100)
    iwae_1000 = model.perplexity(counts, "iwae", n_samples=1000)
    ais = model.perplexity(counts, "ais", n_samples=1000)
    assert elbo > iwae_100 >= iwae_1000 > 0.999 * exact
    assert elbo > 1.01 * exact
    assert iwae_1000 == pytest.approx(exact, rel=0.01)
    assert ais == pytest.approx(exact, rel=0.002)


@pytest.mark.parametrize("method", METHODS)
def test_perplexity_is_the_average_of_the_documents_likelihoods(model, counts, method):
    log_likelihood, n_tokens = model.document_log_likelihood(counts, method)
    assert log_likelihood.shape == n_tokens.shape == (60,)
    assert n_tokens.sum() == (60 * 6 if method in HALF else 60 * 12)
    expected = perplexity(log_likelihood, n_tokens)
    assert model.perplexity(counts, method) == pytest.approx(expected.corpus)
    assert model.perplexity(counts, method, average="document") == pytest.approx(
        expected.per_document
    )


@pytest.fixture(scope="module")
def bursts():
    """500 documents of two topics of 15 words; half of the tokens repeat an earlier one."""
    random = np.random.default_rng(0)
    beta = np.kron(np.eye(2), random.dirichlet(np.ones(15)))
    rows = []
    for theta in random.dirichlet([0.3, 0.3], 500):
        words = random.dirichlet(30 * (theta @ beta) + 1e-9)
        rows.append(random.multinomial(40, words))
    return csr_matrix(np.array(rows))


@pytest.fixture(scope="module")
def burst_model(bursts):
    options = {"likelihood": "negative_binomial", "random_state": 0}
    return TopicModel(2, max_epochs=20, **options).fit(bursts[:400])


def urn(model, counts, in_sequence):
    """Log p(held out | observed) of each document, by urns in plain numpy."""
    observed, held_out = (half.toarray() for half in split_tokens(counts, random_state=0))
    mixture = model.transform(observed) @ model.components_
    module, found = model.model_, []
    steadiness = float(module.likelihood.steadiness.detach())
    for d, length in enumerate((observed + held_out).sum(1)):
        # The expected tokens of a document of this length: as many, where the counts reach so far.
        most = 0.8 * float(module.atoms[-1]) + float(module.smoothing.sum())
        balls = steadiness * min(length, most * float(module.unit)) * mixture[d] + observed[d]
        total = 0.0
        for word in np.repeat(np.arange(len(balls)), held_out[d]):
            total += np.log(balls[word] / balls.sum())
            balls[word] += in_sequence
        found.append(total)
    return np.array(found)


@pytest.mark.parametrize("method", HALF)
def test_bursts_are_predicted_by_an_urn_with_the_words_seen(burst_model, bursts, method):
    test = bursts[400:]
    ours, n_tokens = burst_model.document_log_likelihood(test, method)
    expected = urn(burst_model, test, in_sequence=method.endswith("in_sequence"))
    np.testing.assert_allclose(ours, expected, rtol=1e-6)
    assert n_tokens.tolist() == [20] * 100


def test_bursts_are_predicted_better_by_a_likelihood_that_knows_them(burst_model, bursts):
    """By .05 nats per token or more; with 4 seeds of documents and models by .062 to .094."""
    test = bursts[400:]
    plain = TopicModel(2, max_epochs=20, random_state=0).fit(bursts[:400])
    without, alone = (np.log(one.perplexity(test)) for one in (plain, burst_model))
    assert alone < without - 0.05
    assert np.log(burst_model.perplexity(test, HALF[1])) < alone


@pytest.mark.parametrize("likelihood", ["multinomial", "poisson"])
def test_without_bursts_both_completions_are_the_mixtures(counts, likelihood):
    model = TopicModel(2, max_epochs=3, likelihood=likelihood, random_state=0).fit(counts)
    observed, held_out = split_tokens(counts, random_state=0)
    expected = log_likelihood(model.transform(observed), model.components_, held_out)
    for method in HALF:
        assert np.array_equal(model.document_log_likelihood(counts, method)[0], expected)


@pytest.mark.parametrize("method", METHODS)
def test_documents_without_words_cost_nothing(model, counts, method):
    empty = csr_matrix(np.vstack([counts[:3].toarray(), np.zeros((2, 6))]))
    log_likelihood, n_tokens = model.document_log_likelihood(empty, method)
    np.testing.assert_allclose(log_likelihood[3:], 0, atol=1e-9)
    assert n_tokens[3:].tolist() == [0, 0]


def test_table_of_perplexities(model, counts):
    table = model.get_perplexities(counts, METHODS).set_index("method")
    assert list(table.index) == METHODS
    for method in METHODS:
        expected = perplexity(*model.document_log_likelihood(counts, method))
        row = table.loc[method]
        assert row["perplexity"] == pytest.approx(expected.corpus)
        assert row["standard_error"] == pytest.approx(expected.standard_error)
        assert row["per_document"] == pytest.approx(expected.per_document)
        assert row["per_document_standard_error"] == pytest.approx(
            expected.per_document_standard_error
        )
        assert row["n_documents"] == 60
        assert math.isnan(row["n_unknown"])
    assert table["n_tokens"].tolist() == [360, 360, 720, 720, 720]
    assert table["scored"].tolist()[:3] == [
        "half of each document's tokens, the other half observed",
        "half of each document's tokens, the other half and those before it observed",
        "all tokens",
    ]


def test_unigram_is_the_frequency_of_the_words_in_training(model, counts):
    frequency = np.exp(model.model_.log_frequency.numpy())
    assert frequency == pytest.approx(counts.sum(0).A1 / counts.sum(), abs=0.02)
    table = model.get_perplexities(counts, ["document_completion", "elbo"])
    for scored, row in zip((split_tokens(counts)[1], counts), table.itertuples(), strict=True):
        log_p = (scored.toarray() * np.log(frequency)).sum(1)
        n_tokens = scored.sum(1).A1
        assert row.unigram == pytest.approx(np.exp(-log_p.sum() / n_tokens.sum()))
        assert row.per_document_unigram == pytest.approx(np.exp(-(log_p / n_tokens).mean()))
        assert row.perplexity < row.unigram


def test_unknown_tokens_are_counted_where_texts_tell(texts_model):
    texts = ["zebras and cats and cats", "dogs", "unheard"]
    table = texts_model.get_perplexities(texts, ["document_completion"])
    assert table[["n_documents", "n_tokens", "n_unknown"]].iloc[0].tolist() == [2, 2, 2]
    documents = [Document(text, str(row)) for row, text in enumerate(texts)]
    corpus = Corpus.from_documents(documents, texts_model.vectorizer_, fit=False)
    assert texts_model.get_perplexities(corpus, ["elbo"])["n_unknown"].tolist() == [2]
    bare = texts_model.get_perplexities(corpus.counts, ["elbo"])["n_unknown"]
    assert bare.isna().all()


def test_a_corpus_of_its_own_vectorizer_tells_its_unknown_tokens():
    documents = [Document(text, str(row)) for row, text in enumerate(TEXTS)]
    corpus = Corpus.from_documents(documents, Vectorizer(max_features=2))
    model = TopicModel(2, max_epochs=2, random_state=0).fit(corpus)
    table = model.get_perplexities(corpus, ["elbo"])
    assert table["n_tokens"][0] + table["n_unknown"][0] == corpus.found["terms"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"method": "exact"},
            "method must be one of document_completion, document_completion_in_sequence, elbo",
        ),
        ({"average": "mean"}, "average must be corpus or document, got 'mean'"),
        ({"method": "ais", "n_samples": 0}, "n_samples must be a positive integer, got 0"),
        ({"method": "ais", "n_samples": 1.5}, "n_samples must be a positive integer, got 1.5"),
    ],
)
def test_bad_arguments_are_named(model, counts, arguments, message):
    with pytest.raises(InputError, match=message):
        model.perplexity(counts, **arguments)
