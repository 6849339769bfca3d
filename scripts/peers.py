"""The peers in scripts/benchmark_peers.py: one function per peer, which fits it.

Each takes the training counts, the vocabulary, K, a seed and a share of its usual effort, and
returns the topics as distributions over words, shape (K, V), and a function from counts to
proportions. Settings are those recommended for such a corpus in the libraries' documentation:

- scikit-learn LDA: online, 20 passes in batches of 256, alpha .1, eta .01; one core.
- scikit-learn KL-NMF: multiplicative updates from nndsvda, at most 200; one core. Read as a mixture
  of its factors, with a tenth of a token added to each topic of a document and word of a topic,
  which predicts better than less.
- gensim LdaModel: online, 20 passes, alpha and eta learnt; one core, as required by a learnt alpha.
- tomotopy LDA: 1,000 Gibbs iterations from alpha .1, eta .01, alpha optimised every 10; two
  workers.
- topica LDA: 1,000 Gibbs iterations from alpha 1, eta .01, both optimised every 50 after the first
  200, and 5 snapshots 25 iterations apart averaged; two threads. Optimising
  more often or starting from a smaller alpha predicts equally well.
- topica ProdLDA: its defaults, 200 epochs. The topics it returns leave out the decoder's batch
  normalisation, without which they are close to uniform: they rank words but cannot predict.
- torch ProdLDA: 80 epochs. A topic is the word distribution of a document with this topic alone,
  through the batch normalisation, which predicts far better than the softmax of the weights.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

Fitted = tuple[np.ndarray, Callable[[sp.csr_matrix], np.ndarray]]
_TINY = 1e-12


def normalised(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, dtype=np.float64) + _TINY
    return rows / rows.sum(1, keepdims=True)


def tokens(counts: sp.csr_matrix, vocabulary: list[str]) -> list[list[str]]:
    words = np.array(vocabulary, dtype=object)
    return [list(np.repeat(words[row.indices], row.data)) for row in counts]


def in_columns(topic_word: Any, words: list[str], vocabulary: list[str]) -> np.ndarray:
    """Return topics over the whole vocabulary from a model that knows only some of its words."""
    columns = {word: column for column, word in enumerate(vocabulary)}
    full = np.zeros((len(topic_word), len(vocabulary)))
    full[:, [columns[word] for word in words]] = topic_word
    return normalised(full)


def fit_topicgen(
    train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, effort: float, device: str
) -> tuple[np.ndarray, Callable[[sp.csr_matrix], np.ndarray], Any]:
    from topicgen import TopicModel

    epochs = "auto" if effort == 1 else 2
    model = TopicModel(k, random_state=seed, max_epochs=epochs, device=device).fit(train)
    return model.components_, model.transform, model


def fit_sklearn_lda(
    train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, effort: float
) -> Fitted:
    """Online variational Bayes (Hoffman, Blei and Bach, 2010), priors .1 and .01."""
    from sklearn.decomposition import LatentDirichletAllocation

    model = LatentDirichletAllocation(
        k,
        doc_topic_prior=0.1,
        topic_word_prior=0.01,
        learning_method="online",
        batch_size=256,
        learning_offset=64,
        max_iter=max(int(20 * effort), 1),
        random_state=seed,
    ).fit(train)
    return normalised(model.components_), model.transform


def fit_sklearn_nmf(
    train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, effort: float
) -> Fitted:
    """Non-negative factors under the Kullback-Leibler loss, read as a mixture (PLSA)."""
    from sklearn.decomposition import NMF
    from sklearn.exceptions import ConvergenceWarning

    model = NMF(
        k,
        beta_loss="kullback-leibler",
        solver="mu",
        init="nndsvda",
        max_iter=max(int(200 * effort), 2),
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        weights = model.fit_transform(train.astype(np.float64))
    # A tenth of a token is added: otherwise words outside a document's factors are impossible.
    topic_word = normalised(model.components_ * weights.sum(0)[:, None] + 0.1)
    scale = model.components_.sum(1)

    def transform(counts: sp.csr_matrix) -> np.ndarray:
        return normalised(model.transform(counts.astype(np.float64)) * scale + 0.1)

    return topic_word, transform


def fit_gensim_lda(
    train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, effort: float
) -> Fitted:
    """Online variational Bayes with both priors learnt."""
    from gensim.matutils import Sparse2Corpus
    from gensim.models import LdaModel

    model = LdaModel(
        Sparse2Corpus(train, documents_columns=False),
        num_topics=k,
        id2word=dict(enumerate(vocabulary)),
        passes=max(int(20 * effort), 1),
        alpha="auto",
        eta="auto",
        eval_every=None,  # evaluating perplexity during the fit would count as fitting time
        random_state=seed,
    )

    def transform(counts: sp.csr_matrix) -> np.ndarray:
        gamma, _ = model.inference(Sparse2Corpus(counts, documents_columns=False))
        return normalised(gamma)

    return normalised(model.get_topics()), transform


def fit_tomotopy_lda(
    train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, effort: float
) -> Fitted:
    """Collapsed Gibbs sampling, with an asymmetric prior optimised every 10 iterations."""
    import tomotopy

    model = tomotopy.LDAModel(k=k, alpha=0.1, eta=0.01, seed=seed)
    model.optim_interval = 10
    for document in tokens(train, vocabulary):
        if document:
            model.add_doc(document)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # two workers make its results vary
        model.train(max(int(1000 * effort), 1), workers=2)
    topic_word = [model.get_topic_word_dist(topic) for topic in range(k)]

    def transform(counts: sp.csr_matrix) -> np.ndarray:
        doc_topic = np.tile(model.alpha / model.alpha.sum(), (counts.shape[0], 1))
        occupied = np.flatnonzero(np.diff(counts.indptr))
        documents = [model.make_doc(words) for words in tokens(counts[occupied], vocabulary)]
        doc_topic[occupied] = model.infer(documents, iterations=100, workers=2)[0]
        return normalised(doc_topic)

    return in_columns(topic_word, list(model.used_vocabs), vocabulary), transform


def fit_topica_lda(
    train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, effort: float
) -> Fitted:
    """Collapsed Gibbs sampling, with an asymmetric prior optimised every 50 iterations."""
    import topica

    model = topica.LDA(k, seed=seed, num_threads=2)
    model.fit(
        tokens(train, vocabulary),
        iters=max(int(1000 * effort), 1),
        num_samples=5 if effort == 1 else 1,
        keep_theta_draws=False,  # they are not used, and would count as its memory
        progress=False,
    )
    topic_word = in_columns(model.topic_word, list(model.vocabulary), vocabulary)
    return topic_word, lambda counts: normalised(model.transform(tokens(counts, vocabulary)))


def fit_topica_prodlda(
    train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, effort: float
) -> Fitted:
    """Products of experts, read as a mixture of the topics it returns."""
    import topica

    model = topica.ProdLDA(k, seed=seed)
    iterations = None if effort == 1 else 3
    model.fit(tokens(train, vocabulary), iters=iterations, progress=False)
    topic_word = in_columns(model.topic_word, list(model.vocabulary), vocabulary)
    return topic_word, lambda counts: normalised(model.transform(tokens(counts, vocabulary)))


def fit_torch_prodlda(
    train: sp.csr_matrix, vocabulary: list[str], k: int, seed: int, effort: float
) -> Fitted:
    """ProdLDA (Srivastava and Sutton, 2017) as it is usually written, dense, in torch."""
    from dense_prodlda import fit

    topic_word, transform = fit(train, k, seed, n_epochs=max(int(80 * effort), 1))
    return normalised(topic_word), lambda counts: normalised(transform(counts))


PEERS: dict[str, Callable[..., Fitted]] = {
    "scikit-learn LDA": fit_sklearn_lda,
    "scikit-learn KL-NMF": fit_sklearn_nmf,
    "gensim LdaModel": fit_gensim_lda,
    "tomotopy LDA": fit_tomotopy_lda,
    "topica LDA": fit_topica_lda,
    "topica ProdLDA": fit_topica_prodlda,
    "torch ProdLDA": fit_torch_prodlda,
}

# What each peer imports, so that a benchmark can import it first; torch's optimisers import dynamo.
LIBRARIES = {
    "topicgen": ("topicgen.topic_model", "torch._dynamo"),
    "scikit-learn LDA": ("sklearn.decomposition",),
    "scikit-learn KL-NMF": ("sklearn.decomposition",),
    "gensim LdaModel": ("gensim.models",),
    "tomotopy LDA": ("tomotopy",),
    "topica LDA": ("topica",),
    "topica ProdLDA": ("topica",),
    "torch ProdLDA": ("dense_prodlda", "torch._dynamo"),
}
