import math

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.training import Collection
from topicgen.training.seed_prior import (
    _LEAST_ODDS,
    _USUAL_ODDS,
    _WEIGHT,
    SeedPrior,
    seed_strength,
)
from topicgen.training.seed_topics import seed_agreement


def prior(seeds, counts):
    return SeedPrior([np.array(each) for each in seeds], Collection(csr_matrix(counts)))


def test_log_prob_by_hand():
    """Single seeds, which agree: the first has all of its 7 tokens, the second a quarter of 5."""
    topic_word = torch.tensor([[0.5, 0.3, 0.2], [0.0, 0.1, 0.9]], dtype=torch.float64)
    expected = _WEIGHT * (7 * math.log(1 + _LEAST_ODDS) + 5 * math.log(0.25 + _LEAST_ODDS))
    found = prior([[0], [1]], [[3, 5, 0], [4, 0, 3]]).log_prob(topic_word)
    assert found.item() == pytest.approx(expected)


def test_a_seed_that_does_not_go_with_the_others_weighs_less(planted_counts):
    columns = np.array([0, 1, 2, 15])
    topic_word = torch.full((2, 30), 1 / 30, dtype=torch.float64, requires_grad=True)
    prior([columns], planted_counts).log_prob(topic_word).backward()
    agreement = seed_agreement(planted_counts, columns)
    n_tokens = np.asarray(planted_counts.sum(0)).ravel()[columns]
    odds = np.maximum(_USUAL_ODDS * (1 - agreement) / agreement, _LEAST_ODDS)
    # The gradient in the logit of a topic that has half of the word.
    expected = _WEIGHT * agreement**2 * n_tokens * 0.5 / (0.5 + odds) * 0.5
    np.testing.assert_allclose(topic_word.grad[0, columns].numpy() / 30, expected)
    assert expected[3] < 0.05 * expected[:3].min()


def pull(share, n_topics=4):
    """The gradient in the logit of a seed's word in its topic, for 1 token of the word."""
    others = (1 - share) / (n_topics - 1)
    logits = torch.tensor([share] + [others] * (n_topics - 1), dtype=torch.float64).log()
    logits.requires_grad_()
    prior([[0]], [[1]]).log_prob(logits.exp().unsqueeze(-1)).backward()
    return logits.grad[0].item()


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9])
def test_the_pull_is_that_of_known_tokens_times_the_strength(share):
    strength = share / (share + _LEAST_ODDS)
    assert pull(share) == pytest.approx(_WEIGHT * strength * (1 - share))


def test_the_pull_fades_where_a_seed_is_wrong_and_where_its_topic_has_all_of_it():
    assert pull(0.3) > 3 * pull(0.01)
    assert pull(0.3) > 5 * pull(0.99)


def test_a_seed_that_hardly_agrees_holds_less_of_its_word_than_it_has():
    agreement = 0.4
    assert _WEIGHT * agreement**2 < _USUAL_ODDS * (1 - agreement) / agreement


def test_a_word_may_be_a_seed_of_two_topics():
    topic_word = torch.tensor([[0.5, 0.5], [0.5, 0.5]])
    both = prior([[0], [0]], [[1, 0], [0, 1]]).log_prob(topic_word)
    assert both.item() == pytest.approx(2 * _WEIGHT * math.log(0.5 + _LEAST_ODDS))


def test_a_word_that_no_topic_has_is_finite():
    assert math.isfinite(prior([[0]], [[1, 0]]).log_prob(torch.tensor([[0.0, 1.0]])).item())


def test_strengths_are_from_0_to_1():
    np.testing.assert_allclose(seed_strength(np.array([0.0, 1.0])), [0, 1])
    assert (np.diff(seed_strength(np.linspace(0, 1, 9))) > 0).all()
