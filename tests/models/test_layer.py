import pytest
import torch

from topicgen.models import Layer


@pytest.fixture
def layer(enumerable):
    return enumerable(1).hierarchy.layers[0]


def test_each_document_has_its_own_counts_to_expect_below(layer):
    y = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
    law = layer.below(y)
    assert law.batch_shape == (3, 2)
    torch.testing.assert_close(law.probs[0], law.probs[2])
    assert not torch.allclose(law.probs[0], law.probs[1])


def test_a_layer_comes_back_from_its_state(layer):
    again = Layer.from_state(layer.state_dict(), family="negative_binomial").double()
    y = torch.ones(1, 2, dtype=torch.float64)
    torch.testing.assert_close(again.below(y).probs, layer.below(y).probs)
