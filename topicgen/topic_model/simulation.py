"""Documents drawn from a fitted model, with the topics that they were drawn from."""

from numbers import Integral
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_matrix, csr_matrix

from topicgen.corpus.wording import quantity
from topicgen.errors import InputError
from topicgen.html import facts, fragment
from topicgen.models import LatentCountModel
from topicgen.training import generator


class Simulated(NamedTuple):
    """Documents drawn from a model; see ``TopicModel.simulate``.

    Args:
        counts: the counts of the words, shape (n_documents, n_words).
        tokens: the number from each topic, shape (n_documents, n_topics).
        proportions: the probabilities with which the tokens were drawn, likewise; rows sum to 1.
        rates: the expected tokens of each topic, likewise; with a multinomial likelihood, in a
            document of the length that the model expects.
    """

    counts: csr_matrix
    tokens: NDArray[np.int64]
    proportions: NDArray[np.float64]
    rates: NDArray[np.float64]

    def __repr__(self) -> str:
        return f"Simulated({', '.join(self._facts())})"

    def _repr_html_(self) -> str:
        return fragment(facts("Simulated", self._facts()))

    def _facts(self) -> list[str]:
        n_documents, n_words = self.counts.shape
        numbers = {"document": n_documents, "word": n_words, "topic": self.tokens.shape[1]}
        numbers["token"] = int(self.tokens.sum())
        return [quantity(number, noun) for noun, number in numbers.items()]


@torch.no_grad()
def simulate(
    model: LatentCountModel,
    n_tokens: ArrayLike | None,
    n_documents: int | None,
    random: np.random.Generator,
) -> Simulated:
    """Draw documents from a model; the arguments are those of ``TopicModel.simulate``.

    Raises:
        InputError: where lengths are missing, not allowed, or not whole numbers from 0.
    """
    lengths = _lengths(n_tokens, n_documents, models_length=model.likelihood.models_length)
    seed = int(random.integers(2**63))
    draws = generator(seed, model.atoms.device)
    log_rates = model.rates.draw(len(lengths), generator=draws).double()
    rates = log_rates.exp().cpu().numpy()
    proportions = log_rates.softmax(-1).cpu().numpy()
    steadiness, cost = model.likelihood.steadiness, model.likelihood.cost_of_rates
    if cost is None:
        own = random.multinomial(lengths, proportions / proportions.sum(-1, keepdims=True))
    else:
        own = random.poisson(float(cost) * rates)
    rows, topics = np.indices(own.shape).reshape(2, -1)
    rows, topics = (np.repeat(index, own.ravel()) for index in (rows, topics))
    # Every token that is not a repetition starts a series of repetitions (Quenouille, 1949).
    times = np.ones(len(rows), dtype=np.int64)
    if steadiness is not None:
        times = random.logseries(1 / (1 + float(steadiness)), len(rows)).astype(np.int64)
    words = _words(topics, model.topic_word().cpu().numpy(), random)
    tokens = np.zeros(own.shape, dtype=np.int64)
    np.add.at(tokens, (rows, topics), times)
    shape = len(lengths), len(model.log_frequency)
    counts = csr_matrix(coo_matrix((times, (rows, words)), shape))
    return Simulated(counts, tokens, proportions, rates)


def _words(
    topics: NDArray[np.int64], topic_word: NDArray[np.float64], random: np.random.Generator
) -> NDArray[np.int64]:
    """Draw a word for each token from its topic."""
    words = np.empty(len(topics), dtype=np.int64)
    for topic, probabilities in enumerate(topic_word):
        here = topics == topic
        words[here] = random.choice(
            len(probabilities), here.sum(), p=probabilities / probabilities.sum()
        )
    return words


def _lengths(
    n_tokens: ArrayLike | None, n_documents: int | None, *, models_length: bool
) -> NDArray[np.int64]:
    """Return the lengths of the documents, or zeros where the model draws them."""
    if models_length:
        if n_tokens is not None or not isinstance(n_documents, Integral) or n_documents < 0:
            raise InputError(
                "this likelihood models document lengths and draws them itself; pass n_documents, "
                "a whole number from 0, instead of n_tokens"
            )
        return np.zeros(int(n_documents), dtype=np.int64)
    if n_tokens is None or n_documents is not None:
        raise InputError(
            "a multinomial likelihood does not model document lengths; pass n_tokens, one whole "
            "number per document, instead of n_documents"
        )
    try:
        lengths = np.asarray(n_tokens)
    except ValueError:  # lists of different lengths
        lengths = np.array([[]])
    is_whole = lengths.dtype.kind in "iu" or (
        lengths.dtype.kind == "f" and bool((lengths == np.floor(lengths)).all())
    )
    if lengths.ndim != 1 or not is_whole or (lengths < 0).any():
        raise InputError(
            "n_tokens must be a sequence of whole numbers from 0, one per document, got "
            f"{lengths.dtype} of shape {lengths.shape}; pass for example [100] * 50"
        )
    return lengths.astype(np.int64)
