"""Document completion: how probable half of each document is to a model, given the other half."""

import numpy as np
import torch
from scipy.sparse import csr_matrix

from topicgen import evaluation
from topicgen.models import LatentCountModel
from topicgen.topic_model.fitted import Fitted


def completion_log_likelihood(
    fitted: Fitted,
    model: LatentCountModel,
    halves: tuple[csr_matrix, csr_matrix],
    doc_topic: np.ndarray,
    *,
    in_sequence: bool = False,
) -> np.ndarray:
    r"""Return the log-probability of held-out tokens in nats, shape (n_documents,).

    The likelihood's own conditional is used, with :math:`\mu = E[\theta \mid o] \beta`. That is
    exact for single tokens, as their probabilities are linear in :math:`\theta`; in sequence,
    :math:`E[\theta \mid o]` is plugged in. For likelihoods without bursts the two are the same.

    Args:
        fitted: the model.
        model: its torch module.
        halves: the observed and the held-out tokens; see ``evaluation.split_tokens``.
        doc_topic: from ``infer_proportions`` on the observed half, (n_documents, n_topics).
        in_sequence: whether each token is conditioned on the earlier held-out ones too.
    """
    observed, held_out = halves
    n_tokens = np.asarray((observed + held_out).sum(1), dtype=np.float64).ravel()
    concentration = model.concentration(torch.from_numpy(n_tokens).to(model.atoms))
    if concentration is None:
        return evaluation.log_likelihood(doc_topic, fitted.components, held_out)
    return evaluation.burst_log_likelihood(
        doc_topic,
        fitted.components,
        held_out,
        observed,
        concentration.cpu().numpy(),
        in_sequence=in_sequence,
    )
