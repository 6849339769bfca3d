import math

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import Inputs, Known, Seen, SparseCounts
from topicgen.models.encoders import Perceptron

X = np.array([[4.0, 0, 1, 0], [0, 0, 0, 0], [0, 6, 0, 3]])
WEIGHT = torch.tensor([1.0, 0.5, 2.0, 1.0])
START = torch.tensor([0.3, -0.2])


def seen(matrix=X, words=None):
    documents = SparseCounts.from_csr(csr_matrix(matrix))
    return Seen(documents, torch.ones(2, matrix.shape[1]), documents.n_tokens, words)


def known(seed=0):
    return Known(embeddings=torch.randn(3, 5, generator=torch.Generator().manual_seed(seed)))


def make(inputs, widths):
    network = Perceptron(inputs, 4, START, widths, generator=torch.Generator().manual_seed(0))
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():  # as after some training
        for weight in network.parameters():
            weight.add_(0.3 * torch.randn(weight.shape, generator=random))
    return network


def by_equation(network, embeddings):
    """The layers by their equation, all words of all documents."""
    hidden = torch.zeros(3, network._width)
    if network.words is not None:
        hidden = torch.log1p(torch.tensor(X).float() * WEIGHT) @ network.words
    if network.embeddings is not None:
        hidden = hidden + embeddings @ network.embeddings
    if not len(network.scales):
        return hidden + network.bias
    for number, (scale, shift) in enumerate(zip(network.scales, network.shifts, strict=True)):
        if number:
            hidden = hidden @ network.layers[number - 1]
        centered = hidden - hidden.mean(1, keepdim=True)
        deviation = (centered.square().mean(1, keepdim=True) + 1e-5).sqrt()
        hidden = (1 + (centered / deviation * scale + shift).exp()).log()
    return hidden @ network.output.T + network.bias


INPUTS = [Inputs(), Inputs(n_dimensions=5), Inputs(words=False, n_dimensions=5)]


@pytest.mark.parametrize("widths", [(), (6,), (6, 4)])
@pytest.mark.parametrize("inputs", INPUTS)
def test_outputs_are_those_of_the_equation(inputs, widths):
    network = make(inputs, widths)
    found = network(seen(), WEIGHT, known())
    torch.testing.assert_close(found, by_equation(network, known().embeddings))
    found.square().sum().backward()
    for name, weight in network.named_parameters():
        assert weight.grad.abs().sum() > 0, name


@pytest.mark.parametrize("widths", [(), (6,), (6, 4)])
@pytest.mark.parametrize("inputs", INPUTS)
def test_before_any_training_all_documents_have_the_same_outputs(inputs, widths):
    network = Perceptron(inputs, 4, START, widths, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(network(seen(), WEIGHT, known()), START.expand(3, -1))


def test_a_document_is_read_alike_by_itself_and_where_the_words_are_fewer():
    network = make(Inputs(), (6,))
    whole = network(seen(), WEIGHT, None)
    alone = network(seen(X[2:]), WEIGHT, None)
    torch.testing.assert_close(alone, whole[2:])
    words = torch.tensor([1, 3])
    torch.testing.assert_close(network(seen(X[2:, [1, 3]], words), WEIGHT[words], None), alone)


def test_unknown_embeddings_are_taken_to_be_the_mean():
    network = make(Inputs(n_dimensions=5), (6,))
    expected = network(seen(), WEIGHT, Known(embeddings=torch.zeros(3, 5)))
    torch.testing.assert_close(network(seen(), WEIGHT, None), expected)
    torch.testing.assert_close(network(seen(), WEIGHT, Known()), expected)


def test_weights_are_drawn_from_the_generator_at_a_scale_that_keeps_the_variance():
    one, other = (
        Perceptron(
            Inputs(n_dimensions=400), 300, START, (200,), generator=torch.Generator().manual_seed(0)
        )
        for _ in range(2)
    )
    assert torch.equal(one.words, other.words)
    # The standard deviations of 60,000 and 80,000 draws, by six standard errors.
    assert one.words.std().item() == pytest.approx(1 / math.sqrt(200), rel=0.02)
    assert one.embeddings.std().item() == pytest.approx(1 / math.sqrt(400), rel=0.02)
