"""Editing the topics of a model."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.errors import InputError
from topicgen.topic_model.editing import changes
from topicgen.topic_model.editing.suggestions import merge_suggestions
from topicgen.topic_model.edits import Edit
from topicgen.topic_model.facade.base import Documents, FittedModel
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.kept import KeptDocuments

if TYPE_CHECKING:
    import pandas as pd


class EditMethods(FittedModel):
    """The methods of ``TopicModel`` that edit its topics.

    If an edit fails, the model is unchanged; ``undo`` takes an edit back. Topics may be given by
    number or by name.
    """

    def rename(self, names: Mapping[int | str, str | None]) -> Edit:
        """Name topics; all tables, figures and files show the names.

        Args:
            names: the new name of each topic, such as ``{3: "economy"}``; None removes a name.

        Raises:
            InputError: where there is no such topic, a name is not a line of text, or two topics
                would have the same name.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, max_epochs=2, random_state=0).fit(docs)
            >>> edit = model.rename({1: "pets that bark"})
            >>> model.topic_names_
            [None, 'pets that bark']
        """
        return self._edit(lambda fitted: changes.rename(fitted, names))

    def merge(
        self,
        topics: Sequence[int | str],
        X: Documents = None,
        *,
        metadata: Any = None,
        embeddings: Any = None,
    ) -> Edit:
        r"""Merge topics into one: their counts add up.

        With the shares :math:`\pi`, means :math:`m` and shapes :math:`r` of the topics,

        .. math::
            \beta' = \frac{\sum_k \pi_k \beta_k}{\sum_k \pi_k}, \qquad
            m' = \sum_k m_k, \qquad \frac{m'^2}{r'} = \sum_k \frac{m_k^2}{r_k} .

        The merged topic gets the lowest number of its parts, and the first name among them. Later
        topics move up to fill the gap.

        Args:
            topics: two or more topics.
            X: documents to measure the cost on, as in ``transform``; by default the documents of
                the fit that the model keeps, held-out ones if there are any.
            metadata: of X, as in ``transform``.
            embeddings: of X, as in ``transform``.

        Returns:
            What was done, which topics have new numbers, and the cost: how much the perplexity of
            document completion has risen.

        Raises:
            InputError: where the topics or the documents cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=3, max_epochs=2, random_state=0).fit(docs)
            >>> edit = model.merge([0, 2])
            >>> model.components_.shape[0], edit.numbers
            (2, (0, 1, 0))
        """
        documents = self._to_edit_with(X, metadata, embeddings)
        return self._edit(lambda fitted: changes.merge(fitted, topics, documents))

    def drop(
        self,
        topics: Sequence[int | str],
        X: Documents = None,
        *,
        metadata: Any = None,
        embeddings: Any = None,
    ) -> Edit:
        """Drop topics: the other topics explain their words, and later topics move up.

        Arguments, return value and errors are those of ``merge``.
        """
        documents = self._to_edit_with(X, metadata, embeddings)
        return self._edit(lambda fitted: changes.drop(fitted, topics, documents))

    def split(
        self, topic: int | str, X: Documents = None, *, metadata: Any = None, embeddings: Any = None
    ) -> Edit:
        """Split a topic in two, so that documents have one half or the other as far as possible.

        The larger half keeps the number of the topic. The other half gets a new number at the end
        (before the background topic, if there is one).

        Args:
            topic: the topic.
            X: documents to split it by, as in ``transform``; by default the documents of the fit
                that the model keeps. The more of them have the topic, the better the split.
            metadata: of X, as in ``transform``.
            embeddings: of X, as in ``transform``.

        Returns:
            As ``merge``; a negative cost means that the halves predict better.

        Raises:
            InputError: where the topic or the documents cannot be used, or fewer than 10 documents
                have the topic.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        documents = self._to_edit_with(X, metadata, embeddings)
        return self._edit(lambda fitted: changes.split(fitted, topic, documents))

    def freeze(self, topics: Sequence[int | str]) -> Edit:
        """Freeze topics: ``partial_fit`` and ``refit`` leave their words exactly as they are.

        Only the other topics are trained. Where ``refit`` changes the vocabulary, the
        probabilities of a frozen topic are renormalised over the words that remain, and new words
        get probability 0. A new ``fit`` starts without frozen topics.

        Raises:
            InputError: where there is no such topic.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, max_epochs=2, random_state=0).fit(docs)
            >>> edit, before = model.freeze([1]), model.components_
            >>> (model.partial_fit(["cats run"] * 9).components_ == before).all(axis=1)
            array([False,  True])
        """
        return self._edit(lambda fitted: changes.freeze(fitted, topics))

    def unfreeze(self, topics: Sequence[int | str] | None = None) -> Edit:
        """Let further training change topics again; by default, all frozen topics.

        Raises:
            InputError: where a topic is not frozen.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        return self._edit(lambda fitted: changes.unfreeze(fitted, topics))

    def undo(self) -> Edit:
        """Take back the last edit, and return it; the model is then exactly what it was before.

        Raises:
            InputError: where there is no edit to take back, or the model was trained since.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        fitted = self._fitted()
        before = changes.undo(fitted)
        self._adopt(before)
        return fitted.edits[-1]

    def suggest_merges(
        self, n: int = 10, X: Documents = None, *, metadata: Any = None, embeddings: Any = None
    ) -> "pd.DataFrame":
        """Return the pairs of topics that cost least to merge: suggested pairs first, then by cost.

        Args:
            n: how many pairs.
            X: documents to measure the cost on, as in ``transform``; by default the documents of
                the fit that the model keeps.
            metadata: of X, as in ``transform``.
            embeddings: of X, as in ``transform``.

        Returns:
            A row for each pair: ``topic`` and ``other``, with their ``label`` and ``other_label``;
            ``similarity``, 1 minus the Jensen-Shannon divergence of their word distributions in
            bits; ``cost``, how much worse the merged model predicts words, in nats per token of
            the smaller topic, with its 95% interval from ``low`` to ``high``; and ``suggested``,
            whether the two are probably one topic: whether the interval ends below .2. In
            simulations, nearly all merges of suggested pairs were right (docs/editing.md).

        Raises:
            InputError: where an argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        documents = self._to_edit_with(X, metadata, embeddings)
        return merge_suggestions(self._fitted(), n, documents)

    @property
    def edits_(self) -> list[Edit]:
        """The edits since the last fit, oldest first."""
        return list(self._fitted().edits)

    def _edit(self, change: Callable[[Fitted], Fitted]) -> Edit:
        after = change(self._fitted())
        self._adopt(after)
        return after.edits[-1]

    def _to_edit_with(self, X: Documents, metadata: Any, embeddings: Any) -> KeptDocuments | None:
        """Return the user's documents in the form that a model keeps; None without any."""
        fitted = self._fitted()
        if X is None:
            return None
        counts = self._read(X)
        n_documents = counts.shape[0]
        covariates = None
        if fitted.prevalence is not None:
            found = self._metadata(X, metadata, n_documents)()
            if metadata is not None or fitted.prevalence.is_known(found):
                covariates = fitted.prevalence.design.read(found, n_documents)
        vectors = self._embeddings(X, embeddings, n_documents)
        if fitted.embedding is not None and vectors is not None:
            vectors = fitted.embedding.standardized(vectors).numpy()
        rows = np.flatnonzero(np.diff(counts.indptr))
        if not len(rows):
            raise InputError(
                "X has no document with a word that the model knows; pass documents like those "
                "that the model was fitted to"
            )
        documents = KeptDocuments(
            counts,
            np.zeros(n_documents, dtype=bool),
            np.arange(n_documents),
            covariates,
            embeddings=vectors,
        )
        return documents.select(rows)
