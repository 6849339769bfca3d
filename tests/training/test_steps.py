"""What a step of the training shows the encoder."""

import pytest
import torch

from topicgen.models import Known
from topicgen.training.steps import with_dropout


def test_a_step_leaves_out_dimensions_of_embeddings_and_keeps_their_expectation():
    """100,000 numbers: a share more than 4 standard errors off comes once in 15,000 seeds."""
    known = Known(embeddings=torch.full((1_000, 100), 3.0))
    found = with_dropout(known, torch.Generator().manual_seed(0)).embeddings
    assert found is not None
    kept = found > 0
    assert kept.float().mean().item() == pytest.approx(0.1, abs=4 * (0.1 * 0.9 / 1e5) ** 0.5)
    assert found[kept].unique().item() == pytest.approx(30.0)
    assert len(kept.unique(dim=0)) > 990  # each document on its own


def test_documents_without_embeddings_stay_as_they_are():
    known = Known()
    assert with_dropout(known, None) is known
