import numpy as np
import pytest
import torch

from topicgen.models.penalties import distinctive_part, sum_of_squares, topic_overlap


@pytest.mark.parametrize("n_topics", [1, 2, 7])
def test_gradients_are_those_of_plain_operations(n_topics):
    generator = torch.Generator().manual_seed(n_topics)
    topics = torch.rand(n_topics, 11, generator=generator, dtype=torch.float64).requires_grad_()
    for function in (topic_overlap, sum_of_squares):
        assert torch.autograd.gradcheck(function, (topics,))


def test_the_overlap_is_the_mean_of_the_cosines_with_all_others():
    topics = torch.rand(5, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    cosines = torch.nn.functional.cosine_similarity(topics[:, None], topics[None], dim=-1)
    expected = (cosines.sum() - 5) / 5
    torch.testing.assert_close(topic_overlap(topics), expected)


def test_topics_may_lie_word_by_word():
    topics = torch.rand(6, 9, generator=torch.Generator().manual_seed(0))
    turned = topics.T.contiguous().T
    torch.testing.assert_close(topic_overlap(turned), topic_overlap(topics))
    torch.testing.assert_close(sum_of_squares(turned), topics.square().sum())


def test_topics_without_weight_share_nothing():
    topics = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0]], requires_grad=True)
    overlap = topic_overlap(topics)
    torch.testing.assert_close(overlap.detach(), torch.tensor(2 / 3))
    overlap.backward()
    assert topics.grad.isfinite().all()


@pytest.fixture
def frequency():
    return torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64)


def test_the_distinctive_part_is_the_probability_and_what_a_word_adds_to_the_divergence(frequency):
    """Words rarer than 1/e of their frequency weigh nothing."""
    topics = torch.tensor([[0.8, 0.1, 0.05, 0.05], [0.0, 0.0, 0.5, 0.5]], dtype=torch.float64)
    expected = [
        [0.8 * (1 + np.log(2)), 0, 0, 0.05 * (1 - np.log(2))],
        [0, 0, 0.5 * (1 + np.log(2.5)), 0.5 * (1 + np.log(5))],
    ]
    found = distinctive_part(topics, frequency.log())
    torch.testing.assert_close(found, torch.tensor(expected, dtype=torch.float64))


def test_the_gradient_of_the_distinctive_part(frequency):
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(5, 4, generator=generator, dtype=torch.float64).requires_grad_()

    def overlap(logits):
        return topic_overlap(distinctive_part(logits.softmax(-1), frequency.log()))

    assert torch.autograd.gradcheck(overlap, (logits,))


def test_a_word_that_a_topic_does_not_have_has_no_gradient(frequency):
    topics = torch.tensor([[0.0, 0.6, 0.4, 0.0]], dtype=torch.float64, requires_grad=True)
    distinctive_part(topics, frequency.log()).sum().backward()
    expected = [[0.0, np.log(2) + 2, np.log(2) + 2, 0.0]]
    torch.testing.assert_close(topics.grad, torch.tensor(expected, dtype=torch.float64))


def test_common_words_overlap_less_by_distinctive_parts(frequency):
    """Two topics with half of their tokens in the collection's proportions, else apart."""
    apart = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]], dtype=torch.float64)
    topics = (apart + frequency) / 2
    # The words that both have are half as frequent as in the collection: 1 - log 2 of their weight.
    part = distinctive_part(topics, frequency.log())
    torch.testing.assert_close(part[:, 1], topics[:, 1] * (1 - np.log(2)))
    assert topic_overlap(part) < topic_overlap(topics) / 2
