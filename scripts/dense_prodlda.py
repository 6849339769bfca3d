"""ProdLDA (Srivastava and Sutton, 2017), dense: the baseline that many neural models build on."""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn import functional


class ProdLDA(nn.Module):
    """An encoder to a logistic-normal distribution of proportions, and a product of experts."""

    def __init__(self, n_words: int, n_topics: int, n_hidden: int = 100) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(n_words, n_hidden),
            nn.Softplus(),
            nn.Linear(n_hidden, n_hidden),
            nn.Softplus(),
            nn.Dropout(0.2),
        )
        self.mean = nn.Linear(n_hidden, n_topics)
        self.log_variance = nn.Linear(n_hidden, n_topics)
        self.mean_norm = _shifting_norm(n_topics)
        self.variance_norm = _shifting_norm(n_topics)
        self.dropout = nn.Dropout(0.2)
        self.beta = nn.Linear(n_topics, n_words, bias=False)
        nn.init.xavier_uniform_(self.beta.weight)
        self.beta_norm = _shifting_norm(n_words)
        # The Laplace approximation of a symmetric Dirichlet distribution with concentration 1.
        self.prior_variance = 1.0 - 1.0 / n_topics

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the posterior's mean and log variance, each of shape (n_documents, n_topics)."""
        hidden = self.encoder(x)
        return self.mean_norm(self.mean(hidden)), self.variance_norm(self.log_variance(hidden))

    def logits(self, theta: Tensor) -> Tensor:
        """Return the words' unnormalised log-probabilities: a product of the topics' experts."""
        return self.beta_norm(self.beta(theta))

    def loss(self, x: Tensor) -> Tensor:
        """Return minus the evidence lower bound, in nats per document."""
        mean, log_variance = self.posterior(x)
        sample = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
        theta = self.dropout(functional.softmax(sample, -1))
        log_words = functional.log_softmax(self.logits(theta), -1)
        ratio = log_variance.exp() / self.prior_variance
        kl = 0.5 * (ratio + mean.square() / self.prior_variance - 1 - ratio.log()).sum(-1)
        return (kl - (x * log_words).sum(-1)).mean()


def fit(
    train: sp.csr_matrix, n_topics: int, seed: int, n_epochs: int
) -> tuple[np.ndarray, Callable[[sp.csr_matrix], np.ndarray]]:
    """Return the topics as word distributions, and a function from counts to proportions.

    A topic's distribution is that of a document with this topic alone; proportions are the softmax
    of the posterior mean. softmax(beta) would not do: batch normalisation leaves the scale of beta
    arbitrary and holds the word frequencies in its shift.
    """
    torch.manual_seed(seed)
    model = ProdLDA(train.shape[1], n_topics)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, betas=(0.99, 0.999))
    for _ in range(n_epochs):
        for rows in torch.randperm(train.shape[0]).split(200):
            if len(rows) > 1:
                loss = model.loss(_dense(train[rows.numpy()]))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    model.eval()

    @torch.no_grad()
    def transform(counts: sp.csr_matrix) -> np.ndarray:
        means = [
            model.posterior(_dense(counts[i : i + 500]))[0] for i in range(0, counts.shape[0], 500)
        ]
        return functional.softmax(torch.cat(means), -1).numpy()

    with torch.no_grad():
        topic_word = functional.softmax(model.logits(torch.eye(n_topics)), -1).numpy()
    return topic_word, transform


def _shifting_norm(n_features: int) -> nn.BatchNorm1d:
    """Return batch normalisation with a learnt shift and no scale, as in the authors' code."""
    norm = nn.BatchNorm1d(n_features)
    norm.weight.requires_grad_(False)
    return norm


def _dense(counts: sp.csr_matrix) -> Tensor:
    return torch.from_numpy(counts.toarray().astype(np.float32))
