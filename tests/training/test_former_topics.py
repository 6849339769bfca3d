from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import PRIORS, LatentCountModel, count_atoms
from topicgen.training import Collection, FormerTopics, start_at_clusters, start_at_former
from topicgen.training.former_topics import FormerPrior


def make_model(n_topics, frequency, **options):
    prior = PRIORS["negative_binomial"](torch.full((n_topics,), 3.0), count_atoms(30))
    random = torch.Generator().manual_seed(0)
    return LatentCountModel(prior, frequency, generator=random, **options)


def former_of(before, columns_now, columns_before, topics, **changes):
    """What new topics start at: the first topics of an earlier model, in their order."""
    kept = slice(0, len(topics))
    former = FormerTopics(
        topics=np.array(topics),
        columns=np.array(columns_now),
        logits=before.topic_logits.detach()[kept][:, columns_before],
        log_frequency=before.log_frequency[columns_before],
        tokens=torch.full((len(topics),), 1600.0),
        log_pseudo_counts=before.log_pseudo_counts.detach()[kept] + 0.5,
        log_word_weight=before.log_word_weight.detach()[columns_before] + 0.25,
        frozen=(),
        n_seeded=0,
        is_same=False,
    )
    return replace(former, **changes)


@pytest.fixture
def before():
    return make_model(2, torch.tensor([4.0, 3.0, 2.0, 1.0, 1.0]))


def shares(model, columns):
    topic_word = model.topic_word().detach().double()[:, columns]
    return topic_word / topic_word.sum(1, keepdim=True)


def test_topics_keep_their_shared_words_where_the_vocabulary_changes(before):
    """A word is gone, two are new, and the others have another order and frequency."""
    model = make_model(2, torch.tensor([1.0, 5.0, 2.0, 9.0, 1.0, 2.0]))
    now, then = [5, 0, 1, 3], [0, 1, 3, 4]
    start_at_former(model, former_of(before, now, then, [0, 1]))
    torch.testing.assert_close(shares(model, now), shares(before, then), rtol=1e-5, atol=0)
    # The new words have the share in each topic that they have in the collection.
    assert model.topic_word()[:, [2, 4]].sum(1).tolist() == pytest.approx([3 / 20] * 2, rel=1e-5)
    assert model.log_pseudo_counts.tolist() == pytest.approx([np.log(2.5) + 0.5] * 2)
    assert model.log_word_weight.tolist() == [0.25, 0.25, 0, 0.25, 0, 0.25]


def test_topics_of_the_same_words_start_exactly_where_they_were(before):
    model = make_model(2, torch.tensor([4.0, 3.0, 2.0, 1.0, 1.0]))
    every = list(range(5))
    start_at_former(model, former_of(before, every, every, [0, 1], is_same=True))
    assert torch.equal(model.topic_logits, before.topic_logits)


def test_a_frozen_topic_is_the_same_whatever_the_documents_are(before):
    model = make_model(2, torch.tensor([1.0, 3.0, 9.0, 1.0, 1.0]))
    every = list(range(5))
    start_at_former(model, former_of(before, every, every, [0, 1], is_same=True, frozen=(1,)))
    assert torch.equal(model.topic_word()[1], before.topic_word()[1])
    assert model.frozen.tolist() == [1]


def test_a_frozen_topic_gets_no_new_words(before):
    model = make_model(2, torch.ones(6))
    now, then = [0, 1, 2, 3, 4], list(range(5))
    start_at_former(model, former_of(before, now, then, [0, 1], frozen=(0,)))
    assert model.topic_word()[0, 5].item() < 1e-12
    assert model.topic_word()[1, 5].item() == pytest.approx(1 / 6, rel=1e-5)


def test_further_topics_start_where_documents_are_least_like_the_earlier_ones(planted_counts):
    collection = Collection(planted_counts)
    before = make_model(2, torch.ones(30))
    with torch.no_grad():
        before.topic_logits.zero_()
        before.topic_logits[0, 20:], before.topic_logits[1, :10] = 5.0, 5.0
    model = make_model(3, torch.ones(30))
    start_at_clusters(model, collection, np.random.default_rng(0))
    every = list(range(30))
    start_at_former(model, former_of(before, every, every, [0, 2]))
    largest = model.topic_word().argmax(0)
    np.testing.assert_array_equal(largest, np.repeat([2, 1, 0], 10))


def test_topics_with_seeds_and_the_background_stay_where_they_start(planted_counts):
    before = make_model(1, torch.ones(30))
    model = make_model(4, torch.ones(30), background=True)
    start_at_clusters(model, Collection(planted_counts), np.random.default_rng(0))
    start = model.topic_logits.detach().clone()
    every = list(range(30))
    start_at_former(model, former_of(before, every, every, [1], n_seeded=1))
    assert torch.equal(model.topic_logits[[0, 3]], start[[0, 3]])
    assert torch.equal(model.topic_logits[1], before.topic_logits[0])


# -- the prior ---------------------------------------------------------------------------------


def expected_prior(model, former, weight):
    """alpha * sum of n_k * beta' * log beta, by hand."""
    p = (former.logits + former.log_frequency).double().softmax(-1)
    q = shares(model, former.columns)[former.topics]
    return (weight * (former.tokens.unsqueeze(1) * p * q.log()).sum()).item()


@pytest.mark.parametrize(("n_documents", "weight"), [(1000, 1.0), (40, 0.5)])
def test_earlier_tokens_count_fully_but_no_more_than_those_of_the_training(
    before, n_documents, weight
):
    counts = csr_matrix(np.tile([[10, 10, 10, 5, 5, 0]], (n_documents, 1)))
    model = make_model(3, torch.ones(6))
    former = former_of(before, [5, 0, 1, 3], [0, 1, 3, 4], [2, 0])  # of 3,200 tokens
    prior = FormerPrior(former, Collection(counts))
    found = prior.log_prob(model)
    assert found.item() == pytest.approx(expected_prior(model, former, weight), rel=1e-5)
    found.backward()
    assert torch.isfinite(model.topic_logits.grad).all()
    assert (model.topic_logits.grad[1] == 0).all()  # it has no earlier topic


def test_the_prior_is_largest_at_the_earlier_topics(before):
    every = list(range(5))
    former = former_of(before, every, every, [0, 1])
    prior = FormerPrior(former, Collection(csr_matrix(np.ones((900, 5)))))
    model = make_model(2, torch.tensor([4.0, 3.0, 2.0, 1.0, 1.0]))
    start_at_former(model, former)
    at_former = prior.log_prob(model)
    at_former.backward()
    assert model.topic_logits.grad.abs().max() < 1e-3
    for _ in range(5):
        with torch.no_grad():
            model.topic_logits.copy_(before.topic_logits + torch.randn(2, 5))
        assert prior.log_prob(model) < at_former
