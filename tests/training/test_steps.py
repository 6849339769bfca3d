"""What a step of the training shows the encoder."""

import pytest
import torch

from topicgen.models import PRIORS, Known, LatentCountModel, count_atoms
from topicgen.training import Collection, Trainer
from topicgen.training.resident import Resident
from topicgen.training.steps import Advance, with_dropout


def test_a_step_leaves_out_dimensions_of_embeddings_and_keeps_their_expectation():
    """100,000 numbers: a share more than 4 standard errors off comes once in 15,000 seeds."""
    known = Known(embeddings=torch.full((1_000, 100), 3.0))
    found = with_dropout(known, torch.Generator().manual_seed(0)).embeddings
    assert found is not None
    kept = found > 0
    assert kept.float().mean().item() == pytest.approx(0.2, abs=4 * (0.2 * 0.8 / 1e5) ** 0.5)
    assert found[kept].unique().item() == pytest.approx(15.0)
    assert len(kept.unique(dim=0)) > 990  # each document on its own


def test_documents_without_embeddings_stay_as_they_are():
    known = Known()
    assert with_dropout(known, None) is known


@pytest.mark.parametrize("encoder", ["unfolded", "network"])
def test_empty_documents_that_fill_up_a_batch_say_nothing(encoder, planted_counts):
    moved = []
    for size in (8, 16):  # a batch of eight documents, and of as many with eight empty ones
        model = LatentCountModel(
            PRIORS["negative_binomial"](torch.full((3,), 4.0), count_atoms(20).float()),
            torch.ones(30),
            encoder=encoder,
            generator=torch.Generator().manual_seed(0),
        )
        collection = Collection(planted_counts[:8])
        trainer = Trainer(model, batch_size=size, objective="elbo", estimator="mean")
        batches = Resident(
            collection,
            batch_size=size,
            token_dropout=0.0,
            count_power=1.0,
            predicts_all=True,
            generator=torch.Generator().manual_seed(0),
        )
        (batch,) = batches.epoch()
        assert len(batch.observed) == size
        Advance(trainer, collection, None)(batch, 1.0, 0.2, 0.5)
        moved.append(dict(model.named_parameters()))
    for name, weight in moved[0].items():
        torch.testing.assert_close(weight, moved[1][name], atol=1e-4, rtol=1e-3)
