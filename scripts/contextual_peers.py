"""CombinedTM and ZeroShotTM (Bianchi et al., 2021), from contextualized-topic-models.

Settings are the package's defaults: 100 epochs in batches of 64, two hidden layers of 100 units.
Topics rank words by the decoder's weights. Words are predicted by the decoder, a product of experts
after batch normalisation, averaged over 20 draws of a document's proportions.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch

N_DRAWS = 20


@dataclass(frozen=True)
class Contextual:
    """A fitted model; ``topic_word`` are the decoder's weights as distributions, (K, V)."""

    model: Any
    topic_word: np.ndarray

    def top_words(self, vocabulary: list[str]) -> list[list[str]]:
        """Return the ten words with the largest weights in each topic."""
        return [
            [vocabulary[column] for column in np.argsort(-topic, kind="stable")[:10]]
            for topic in self.topic_word
        ]

    def proportions(self, counts: sp.csr_matrix, embeddings: np.ndarray) -> np.ndarray:
        """Return the mean of the drawn proportions, shape (n_documents, K)."""
        return self._mean(counts, embeddings, lambda theta: theta)

    def words(self, counts: sp.csr_matrix, embeddings: np.ndarray) -> np.ndarray:
        """Return the model's distributions of words, shape (n_documents, V)."""
        decoder = self.model.model
        return self._mean(
            counts,
            embeddings,
            lambda theta: torch.softmax(decoder.beta_batchnorm(theta @ decoder.beta), -1),
        )

    @torch.no_grad()
    def _mean(self, counts: sp.csr_matrix, embeddings: np.ndarray, of: Any) -> np.ndarray:
        network = self.model.model.eval()
        torch.manual_seed(0)
        x = torch.from_numpy(counts.toarray().astype(np.float32))
        mean, log_variance = network.get_posterior(x, torch.from_numpy(embeddings).float())
        total = sum(
            of(torch.softmax(network.reparameterize(mean, log_variance), -1))
            for _ in range(N_DRAWS)
        )
        return (total / N_DRAWS).double().numpy()


def fit_contextual(
    counts: sp.csr_matrix,
    embeddings: np.ndarray,
    vocabulary: list[str],
    k: int,
    seed: int,
    alone: bool = False,
    n_epochs: int = 100,
) -> Contextual:
    """Fit CombinedTM, or ZeroShotTM, which sees the embeddings ``alone``."""
    from contextualized_topic_models.datasets.dataset import CTMDataset
    from contextualized_topic_models.models.ctm import CombinedTM, ZeroShotTM

    torch.manual_seed(seed)
    model = (ZeroShotTM if alone else CombinedTM)(
        bow_size=counts.shape[1],
        contextual_size=embeddings.shape[1],
        n_components=k,
        num_epochs=n_epochs,
        num_data_loader_workers=0,
    )
    dense = counts.toarray().astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(
            CTMDataset(embeddings.astype(np.float32), dense, dict(enumerate(vocabulary))),
            do_train_predictions=False,
        )
    weights = model.best_components.detach().double()
    return Contextual(model, torch.softmax(weights, -1).numpy())
