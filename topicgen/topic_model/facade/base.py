"""What all methods of ``TopicModel`` share: what has been learnt, and documents as counts."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from topicgen.corpus import Vectorizer
from topicgen.covariates import is_matrix, matrix_frame
from topicgen.effects import Imputed
from topicgen.errors import InputError
from topicgen.models import DocumentCovariates, Hierarchy, Known, LatentCountModel
from topicgen.randomness import RandomSource, numpy_generator
from topicgen.topic_model import documents, parameters
from topicgen.topic_model.columns import Columns
from topicgen.topic_model.devices import torch_device
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.draws import USUAL, Effort
from topicgen.topic_model.embedded import embeddings_of
from topicgen.topic_model.embeddings import Vectors
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.last_documents import (
    LastDocuments,
    check_documents_given,
    readable_twice,
)
from topicgen.topic_model.posterior import Posterior, infer_posterior
from topicgen.topic_model.screening import Screening, screen
from topicgen.topic_model.text_frames import Metadata, metadata_of

if TYPE_CHECKING:
    import pandas as pd

# Texts, lists of tokens, a Corpus, counts (sparse or dense), or a data frame with texts.
Documents: TypeAlias = Any


class FittedModel(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """What a fit has learnt, and the ways from a user's documents to it."""

    # Parameters of the constructor.
    refinement: int
    device: str | torch.device
    text_column: str
    embedder: Callable[[list[str]], Any] | None

    # -- what has been learnt ----------------------------------------------------------------

    @property
    def components_(self) -> np.ndarray:
        """The topics, shape (n_components, n_features), each row a distribution over words."""
        return self._fitted().components

    @property
    def vocabulary_(self) -> list[str] | None:
        """The word of each column."""
        return self._fitted().vocabulary

    @property
    def vectorizer_(self) -> Vectorizer | None:
        """The fitted vectorizer, which counts the words of texts."""
        return self._fitted().vectorizer

    @property
    def topic_names_(self) -> list[str | None]:
        """The name that each topic was given, by its seeds or by ``rename``, or None."""
        fitted = self._fitted()
        return [fitted.name(topic) for topic in range(fitted.n_topics)]

    @property
    def topic_share_(self) -> np.ndarray:
        """Each topic's share of the tokens, shape (n_components,)."""
        return self._fitted().evidence.topic_share

    @property
    def validation_indices_(self) -> np.ndarray:
        """The rows held out from training."""
        return self._fitted().validation_indices

    @property
    def diagnostics_(self) -> Diagnostics:
        """How the training went."""
        return self._fitted().diagnostics

    @property
    def n_epochs_(self) -> int:
        """The number of epochs run."""
        return len(self._fitted().history)

    @property
    def history_(self) -> "pd.DataFrame":
        """One row per epoch: temperature, ``log_likelihood``, ``perplexity``.

        The log-likelihood is of the hidden tokens in training (relaxed samples, nats per token);
        the perplexity is of document completion on the held-out documents.
        """
        import pandas as pd

        return pd.DataFrame(list(self._fitted().history))

    @property
    def hierarchy_(self) -> Hierarchy:
        """The torch module of the topics and the layers above them, in double precision."""
        return self._hierarchy()

    @property
    def model_(self) -> LatentCountModel:
        """The torch module of the topics, in double precision."""
        return self._hierarchy().base

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns of ``transform``: topicmodel0, topicmodel1, ...

        Args:
            input_features: the names of the words, or None. What a pipeline or a
                ``ColumnTransformer`` calls a column of texts plays no part.

        Raises:
            ValueError: from scikit-learn, where they are not those of the fit.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        reads_texts = self._fitted().recipe is not None
        names: np.ndarray = super().get_feature_names_out(None if reads_texts else input_features)
        return names

    # -- internals ---------------------------------------------------------------------------

    def _fitted(self) -> Fitted:
        check_is_fitted(self)
        return self.fitted_

    def _hierarchy(self) -> Hierarchy:
        return self._fitted().on(torch_device(self.device))

    def _adopt(self, fitted: Fitted) -> None:
        """Take over what has been learnt."""
        self.fitted_ = fitted
        self.n_features_in_ = fitted.n_words
        if fitted.has_feature_names:
            self.feature_names_in_ = np.array(fitted.vocabulary, dtype=object)
        else:
            self.__dict__.pop("feature_names_in_", None)

    def _read(self, X: Documents) -> csr_matrix:
        return documents.read_known(self, self._fitted(), X, text_column=self.text_column)

    def _documents(self, X: Documents, metadata: Any, embeddings: Any) -> LastDocuments:
        """Return the documents that were passed, or those of the last fit."""
        last: LastDocuments | None = self.__dict__.get("_last_input")
        if X is None:
            return check_documents_given(last)
        if last is not None and last.is_of(X, metadata, embeddings):
            return last  # it may have been looked through before
        return LastDocuments(readable_twice(X), metadata, embeddings)

    def _screening(self, documents: LastDocuments, most: int) -> Screening:
        """Return which documents may be typical of each topic."""
        X, metadata, embeddings = documents.X, documents.metadata, documents.embeddings

        def look() -> Screening:
            counts = self._read(X)
            known = self._known(X, metadata, embeddings, counts.shape[0])
            return screen(self._hierarchy().base, counts, self._refinement(), known, most)

        return documents.screening(self._fitted(), most, look)

    def _known(
        self, X: Documents, metadata: Any, embeddings: Any, n_documents: int
    ) -> Known | None:
        """Return what is known of documents besides their words, or None."""
        covariates = self._covariates(X, metadata, n_documents)
        vectors = self._embeddings(X, embeddings, n_documents)
        embedding = self._fitted().embedding
        if embedding is None or vectors is None:
            return None if covariates is None else Known(covariates)
        return Known(covariates, embedding.standardized(vectors))

    def _embeddings(self, X: Documents, embeddings: Any, n_documents: int) -> Vectors | None:
        """Return the embeddings of documents; None where the model reads none."""
        embedding = self._fitted().embedding
        return embeddings_of(
            embedding,
            X,
            embeddings,
            n_documents,
            embedder=self.embedder,
            text_column=self.text_column,
        )

    def _covariates(
        self, X: Documents, metadata: Any, n_documents: int
    ) -> DocumentCovariates | None:
        """Return the covariates of documents, or None where the model or they have none."""
        prevalence = self._fitted().prevalence
        if prevalence is None:
            return None
        if prevalence.design.formula is None and metadata is not None:
            return prevalence.read(metadata, n_documents)
        found = metadata_of(X, metadata, self.text_column, n_documents)()
        if metadata is None and not prevalence.is_known(found):
            return None
        return prevalence.read(found, n_documents)

    def _metadata(self, X: Documents, metadata: Any, n_documents: int) -> Metadata:
        """Return the metadata of documents; numbers have the names of those of the fit."""
        prevalence = self._fitted().prevalence
        if prevalence is not None and prevalence.design.formula is None and is_matrix(metadata):
            metadata = matrix_frame(metadata, prevalence.design.variables, n_documents)
        return metadata_of(X, metadata, self.text_column, n_documents)

    def _columns(self, X: Documents, metadata: Any, n_documents: int) -> Columns:
        return Columns(self._metadata(X, metadata, n_documents), n_documents)

    def _posterior(
        self,
        X: Documents,
        counts: csr_matrix,
        metadata: Any,
        embeddings: Any,
        n_draws: int | None,
        random_state: RandomSource,
        effort: Effort = USUAL,
    ) -> Posterior:
        """Return the posterior of documents that have been read as counts."""
        seed = int(numpy_generator(random_state).integers(2**63))
        if n_draws is not None:
            effort = effort._replace(n_draws=int(parameters.checked_value("n_draws", n_draws)))
        return infer_posterior(
            self._hierarchy().base,
            counts,
            effort=effort,
            seed=seed,
            known=self._known(X, metadata, embeddings, counts.shape[0]),
        )

    def _refinement(self) -> int:
        return int(parameters.checked_value("refinement", self.refinement))

    def _imputed(self) -> Imputed:
        imputed = self._fitted().imputed
        if imputed is None:
            raise InputError(
                "the model was fitted without covariates, so it has no effects; fit it with "
                "prevalence='~ ...' (--prevalence), a formula over the columns of the metadata"
            )
        return imputed

    @property
    def _n_features_out(self) -> int:
        return self._fitted().n_topics

    def __sklearn_is_fitted__(self) -> bool:
        return "fitted_" in self.__dict__
