import math

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import Inputs, Known, Seen, SparseCounts
from topicgen.models.encoders import Perceptron
from topicgen.training.steps import with_dropout

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


def test_a_matrix_is_moderated_where_all_of_the_embedding_is_read():
    """By hand: a fifth of (1, 2), times 5, spreads 0.5 + 2 * 0.25 by 4 * (0.25 + 0.25)."""
    network = make(Inputs(words=False, n_dimensions=2), ())
    with torch.no_grad():
        network.embeddings.copy_(torch.tensor([[0.5, 0.0], [0.25, 0.0]]))
    given = Known(embeddings=torch.tensor([[1.0, 2.0]] * 3))
    training = network(seen(), WEIGHT, given) - network.bias
    with torch.no_grad():
        reading = network(seen(), WEIGHT, given) - network.bias
    torch.testing.assert_close(training[:, 0], torch.ones(3))
    torch.testing.assert_close(reading[:, 0], torch.full((3,), (1 + math.pi / 8 * 2) ** -0.5))
    assert reading[:, 1].abs().max() < 1e-6


def test_the_spread_is_that_of_the_dropout():
    network = make(Inputs(words=False, n_dimensions=5), ())
    embeddings = known().embeddings
    random = torch.Generator().manual_seed(3)
    draws = torch.stack(
        [
            network(seen(), WEIGHT, with_dropout(Known(embeddings=embeddings), random))
            for _ in range(4_000)
        ]
    )
    full = network(seen(), WEIGHT, known()) - network.bias
    with torch.no_grad():
        moderated = network(seen(), WEIGHT, known()) - network.bias
    variance = 8 / math.pi * ((full / moderated).square() - 1)
    # Within a tenth: five standard errors of a variance of 4,000 draws, with a kurtosis below 6.
    torch.testing.assert_close(draws.var(0), variance, rtol=0.1, atol=1e-3)
