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
    """What changes the topics of ``TopicModel``.

    An edit is made as a whole or not at all, and ``undo`` takes it back. Topics may be given by
    their numbers or their names.
    """

    def rename(self, names: Mapping[int | str, str | None]) -> Edit:
        """Give topics names, which stay with them in all tables, figures and files.

        Args:
            names: a name for each topic to name, such as ``{3: "economy"}``; None takes the name
                away.

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
        self, topics: Sequence[int | str], X: Documents = None, *, metadata: Any = None
    ) -> Edit:
        r"""Merge topics into one: their counts add up.

        With the shares :math:`\pi`, means :math:`m` and shapes :math:`r` of the topics,

        .. math::
            \beta' = \frac{\sum_k \pi_k \beta_k}{\sum_k \pi_k}, \qquad
            m' = \sum_k m_k, \qquad \frac{m'^2}{r'} = \sum_k \frac{m_k^2}{r_k} .

        The merged topic has the lowest number of its parts, and the name of the first of them that
        has one. The topics after it move up.

        Args:
            topics: two or more topics.
            X: documents to measure the cost on, as in ``transform``; by default those that the
                model keeps of its fit, held-out ones where there are any.
            metadata: of X, as in ``transform``.

        Returns:
            What was done, which topics have other numbers now, and the cost: how much higher the
            perplexity of document completion is than before.

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
        documents = self._to_edit_with(X, metadata)
        return self._edit(lambda fitted: changes.merge(fitted, topics, documents))

    def drop(
        self, topics: Sequence[int | str], X: Documents = None, *, metadata: Any = None
    ) -> Edit:
        """Drop topics: the others explain their words, and the topics after them move up.

        Args, returns and raises are those of ``merge``.
        """
        documents = self._to_edit_with(X, metadata)
        return self._edit(lambda fitted: changes.drop(fitted, topics, documents))

    def split(self, topic: int | str, X: Documents = None, *, metadata: Any = None) -> Edit:
        """Split a topic in two, so that documents have one half or the other as far as possible.

        The larger half keeps the number of the topic; the other one gets the last number (before
        that of the background).

        Args:
            topic: the topic.
            X: documents to split it by, as in ``transform``: the more have the topic the better; by
                default those that the model keeps of its fit.
            metadata: of X, as in ``transform``.

        Returns:
            As ``merge``; a negative cost means that the halves predict better.

        Raises:
            InputError: where the topic or the documents cannot be used, or fewer than 10 documents
                have the topic.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        documents = self._to_edit_with(X, metadata)
        return self._edit(lambda fitted: changes.split(fitted, topic, documents))

    def freeze(self, topics: Sequence[int | str]) -> Edit:
        """Freeze topics: ``partial_fit`` and ``refit`` leave their words exactly as they are.

        The other topics are trained around them. Where ``refit`` changes the vocabulary, the
        probabilities of a frozen topic are renormalised over the words that stay, and new words
        have none. A new ``fit`` forgets what was frozen.

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
        """Let further training move topics again; by default all that are frozen.

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
        self, n: int = 10, X: Documents = None, *, metadata: Any = None
    ) -> "pd.DataFrame":
        """Return pairs of topics that cost least to merge: those suggested first, then by cost.

        Args:
            n: how many pairs.
            X: documents to measure the cost on, as in ``transform``; by default those that the
                model keeps of its fit.
            metadata: of X, as in ``transform``.

        Returns:
            A row for each pair: ``topic`` and ``other``, with their ``label`` and ``other_label``;
            ``similarity``, 1 minus the Jensen-Shannon divergence of their word distributions in
            bits; ``cost``, how much worse words are predicted once the two are merged, in nats per
            token of the smaller one, with its 95% interval from ``low`` to ``high``; and
            ``suggested``, whether they are to be taken for one topic: whether the interval ends
            below .2. Parts of a planted topic cost less than that, and topics of their own cost
            more (docs/editing.md).

        Raises:
            InputError: where an argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        documents = self._to_edit_with(X, metadata)
        return merge_suggestions(self._fitted(), n, documents)

    @property
    def edits_(self) -> list[Edit]:
        """The edits since the last fit, the first one first."""
        return list(self._fitted().edits)

    def _edit(self, change: Callable[[Fitted], Fitted]) -> Edit:
        after = change(self._fitted())
        self._adopt(after)
        return after.edits[-1]

    def _to_edit_with(self, X: Documents, metadata: Any) -> KeptDocuments | None:
        """Return documents of the user as those that a model keeps; None without any."""
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
        rows = np.flatnonzero(np.diff(counts.indptr))
        if not len(rows):
            raise InputError(
                "X has no document with a word that the model knows; pass documents like those "
                "that the model was fitted to"
            )
        documents = KeptDocuments(
            counts, np.zeros(n_documents, dtype=bool), np.arange(n_documents), covariates
        )
        return documents.select(rows)
