import pytest
import torch

from topicgen.models.penalties import sum_of_squares, topic_overlap


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
