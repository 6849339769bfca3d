"""A guide, which gives the unfolded encoder the pseudo-counts of each document."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import Inputs, Known, LatentCountModel, Seen, SparseCounts, count_atoms
from topicgen.models.priors import negative_binomial_prior

X = np.array([[4.0, 0, 1, 0], [0, 0, 0, 0], [0, 6, 0, 3]])
EMBEDDINGS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 2.0]])


def make(encoder="unfolded", inputs=Inputs(n_dimensions=2), **options):  # noqa: B008
    prior = negative_binomial_prior(torch.tensor([5.0, 5.0, 5.0]), count_atoms(30).float())
    return LatentCountModel(
        prior,
        torch.ones(4),
        encoder=encoder,
        inputs=inputs,
        generator=torch.Generator().manual_seed(0),
        **options,
    )


def seen(model):
    documents = SparseCounts.from_csr(csr_matrix(X))
    return Seen(documents, model.topic_word(), documents.n_tokens)


@pytest.mark.parametrize("encoder", ["unfolded", "unfolded_network"])
def test_a_guide_changes_nothing_at_first(encoder):
    plain = make(inputs=Inputs())
    guided = make(encoder).given(Known(embeddings=EMBEDDINGS))
    guided.load_state_dict(guided.state_dict() | plain.state_dict())
    for inference in ("explicit", "implicit"):
        plain.inference = guided.inference = inference
        expected = plain.encoder.posterior(plain, seen(plain)).probs
        torch.testing.assert_close(guided.encoder.posterior(guided, seen(guided)).probs, expected)


def test_what_a_guide_finds_is_what_is_expected_of_a_document():
    model = make().given(Known(embeddings=EMBEDDINGS))
    with torch.no_grad():
        model.encoder.guide.embeddings.normal_(std=0.2, generator=torch.Generator().manual_seed(1))
        found = model.encoder.guide(seen(model), torch.ones(4), model.known)
        expected = model.log_pseudo_counts.exp() * found.exp()
        encoding = model.encoder.encode(model, seen(model))
        torch.testing.assert_close(model.encoder.pseudo_counts(model, seen(model)), expected)
    # Nothing else is known of the document without words.
    torch.testing.assert_close(encoding.proportions[1], expected[1] / expected[1].sum())
    assert encoding.evidence[1].tolist() == [0, 0, 0]


@pytest.mark.parametrize("inference", ["explicit", "implicit"])
def test_without_reading_words_the_guide_decides_alone(inference):
    model = make(inputs=Inputs(words=False, n_dimensions=2), inference=inference)
    model = model.given(Known(embeddings=EMBEDDINGS))
    with torch.no_grad():
        model.encoder.guide.embeddings.normal_(generator=torch.Generator().manual_seed(1))
        found, other = (
            model.encoder.doc_topic(model, Seen(one.documents, one.topic_word, n_tokens))
            for one in [seen(model)]
            for n_tokens in (one.n_tokens, one.n_tokens.flip(0))
        )
        expected = model.encoder.pseudo_counts(model, seen(model))
    torch.testing.assert_close(found, other)
    assert torch.equal(found.argmax(1), expected.argmax(1))


def test_the_strength_of_what_a_guide_finds_is_bounded():
    model = make()
    with torch.no_grad():
        model.encoder.guide.bias.fill_(1e4)
    found = model.encoder.posterior(model, seen(model))
    assert bool(found.probs.isfinite().all())
