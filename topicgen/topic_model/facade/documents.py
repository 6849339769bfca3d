"""The topics of documents: their proportions, their posterior, and documents drawn at random."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from topicgen.corpus.metadata.frames import beside
from topicgen.errors import InputError, check_flag
from topicgen.evaluation.checks import check_whole
from topicgen.randomness import RandomSource, numpy_generator
from topicgen.topic_model import documents, groups, inference, inspection
from topicgen.topic_model.draws import FAST, USUAL
from topicgen.topic_model.explanation import Explanation, explain
from topicgen.topic_model.last_documents import (
    LastDocuments,
    is_tokens,
    readable_twice,
    text_of_row,
)
from topicgen.topic_model.posterior import Posterior, infer_posterior
from topicgen.topic_model.representatives import (
    Representative,
    at_rows,
    n_candidates,
    representative,
    representative_table,
)
from topicgen.topic_model.screening import n_screened
from topicgen.topic_model.simulation import Simulated, simulate
from topicgen.topic_model.text_frames import without_ids

if TYPE_CHECKING:
    import pandas as pd
from topicgen.topic_model.facade.base import Documents, FittedModel


class DocumentMethods(FittedModel):
    """The methods of ``TopicModel`` that describe documents."""

    def transform(
        self, X: Documents, *, metadata: Any = None, embeddings: Any = None, empty: str = "prior"
    ) -> np.ndarray:
        r"""Return the expected topic proportions :math:`E[\theta \mid x]`.

        ``transform(X) @ components_`` is then the model's distribution of a document's next word;
        with a negative binomial likelihood, of its next word that does not repeat an earlier one. A
        document without known words gets the proportions that the encoder gives to an empty one.
        A warning says if hardly any word is known.

        Args:
            X: texts, lists of tokens, a ``Corpus``, counts of shape (n_documents, n_features), or a
                data frame with texts in ``text_column``; the columns of one with counts are matched
                with the model's words by name.
            metadata: as in ``fit``. A model with ``prevalence`` reads the covariates from it, and
                expects more of the topics that go with them. Where none are passed, and X has no
                such columns itself, it treats the documents as average ones.
            embeddings: as in ``fit``, from the same sentence encoder. A model that was fitted with
                embeddings needs them, and other models do not read any.
            empty: "prior", or "missing" for NaN in the rows of documents without known words,
                unless the model reads embeddings and infers their topics from these.

        Returns:
            Shape (n_documents, n_components), rows sum to 1.

        Raises:
            InputError: where the documents cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        model, is_missing = self._hierarchy().base, inference.is_missing(empty)
        counts = self._read(X)
        return inference.infer_proportions(
            model,
            counts,
            self._refinement(),
            known=self._known(X, metadata, embeddings, counts.shape[0]),
            without_empty=is_missing,
        )

    def posterior(
        self,
        X: Documents,
        *,
        metadata: Any = None,
        embeddings: Any = None,
        n_draws: int | None = None,
        fast: bool = False,
        random_state: RandomSource = 0,
    ) -> Posterior:
        """Return the joint posterior of the documents' topics: means, intervals and draws.

        ``transform`` gives the proportions that predict words best; this says how much the words
        leave open: "107 of the document's 184 tokens come from topic 3 (90% interval: 95 to 118)".
        Given the topics as they were learnt, it is exact up to the noise of the draws; see
        ``Posterior``. The prior is the one that ``fit`` estimated; layers above the topics play no
        part in it.

        Args:
            X: as in ``transform``; counts have to be whole numbers.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.
            n_draws: the number of posterior draws of each document, by default 160. With more
                draws, the ends of an interval vary less from seed to seed.
            fast: 7 draws by default, from a single short chain. It takes about ten times as long as
                ``transform``, and its intervals are wider and approximate (docs/posterior.md).
            random_state: of the draws: a seed, numpy's ``Generator`` or ``RandomState``, or None.

        Raises:
            InputError: where the documents or an argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> posterior = model.posterior(["cats purr and dogs sleep and cats run"])
            >>> posterior.tokens.sum(1)
            array([6.])
            >>> lower, upper = posterior.interval(0.9, of="tokens")
            >>> bool((lower <= posterior.tokens).all() and (posterior.tokens <= upper).all())
            True
        """
        check_flag("fast", fast)
        effort = FAST if fast else USUAL
        return self._posterior(
            X, self._read(X), metadata, embeddings, n_draws, random_state, effort
        )

    def representative_documents(
        self,
        k: int | str | Sequence[int | str] | None = None,
        n: int = 5,
        X: Documents = None,
        *,
        metadata: Any = None,
        embeddings: Any = None,
        level: float = 0.9,
        length: int = 40,
        random_state: RandomSource = 0,
    ) -> "pd.DataFrame":
        """Return the most typical documents of a topic, each with a typical passage.

        Documents are ranked by the lower end of the posterior interval of the topic's proportion,
        so that a document of a few words, all from the topic, does not come before a long document
        that is nearly all about it. Of near-duplicates, which have more than half of their tokens
        in common, only the first is listed. A fast pass over all documents chooses candidates: the
        same 25 of each topic for every ``n`` up to 10, so that the first documents do not depend
        on it; with more, 2n + 5.

        Args:
            k: a topic, a number or a name, or a list of topics; None for all topics.
            n: documents per topic; fewer if the others are near-duplicates.
            X: as in ``transform``; by default the documents of the last fit, if that was in this
                process. Counts have to be whole numbers.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.
            level: the probability of the interval.
            length: the most words of a passage.
            random_state: as in ``posterior``.

        Returns:
            A row for each topic and document, the most typical first: ``topic``; its ``label``;
            ``document``, the row in X, and its ``id``; ``share``, the expected proportion of the
            topic, with the lower end of its interval, ``share_low``; ``tokens``, the expected
            tokens of the topic; ``passage``, whole sentences with the most of these tokens (None
            where X has no texts); ``words``, the words of the document that most of the tokens come
            from; and ``spans``, where the words that the model counts stand in the passage: tuples
            of the start, the end and the probability that the word comes from the topic.

        Raises:
            InputError: where there is no such topic, or the documents cannot be used or are missing
                after ``load``.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["My cats purr. I sleep.", "My dogs bark! They run."] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> table = model.representative_documents(n=1, length=3)
            >>> sorted(table["passage"])
            ['My cats purr.', 'My dogs bark!']
        """
        topics = inspection.check_topics(self._fitted(), k)
        n, length = (check_whole(value, name) for value, name in ((n, "n"), (length, "length")))
        documents_ = self._documents(X, metadata, embeddings)
        found = self._representatives(documents_, topics, n, level, length, random_state)
        ids, _ = documents.row_labels(documents_.X, self.text_column)
        return representative_table(self._fitted(), found, ids)

    def _representatives(
        self,
        last: LastDocuments,
        topics: list[int],
        n: int,
        level: float,
        length: int,
        random_state: RandomSource,
    ) -> list[Representative]:
        screening = self._screening(last, n_screened(n))
        level, text = groups.check_level(level), text_of_row(last.X, self.text_column)
        seed = int(numpy_generator(random_state).integers(2**63))
        found = []
        # Each topic by itself, so that its documents do not depend on what else is asked for.
        for topic in topics:
            places = np.array(screening.candidates(topic, n_candidates(n)), dtype=np.int64)
            counts, known = screening.part(places)
            rows = screening.rows[places]
            found += representative(
                self._fitted(),
                infer_posterior(
                    self._hierarchy().base, counts, effort=USUAL, seed=seed, known=known
                ),
                counts,
                None if text is None else at_rows(text, rows),
                n=n,
                topics=[topic],
                rows=rows,
                level=level,
                length=length,
            )
        return found

    def explain(
        self,
        doc: Documents,
        *,
        metadata: Any = None,
        embeddings: Any = None,
        random_state: RandomSource = 0,
    ) -> Explanation:
        r"""Return which words of a document come from which topics.

        Args:
            doc: a text, a list of tokens, or a collection of one document, as in ``transform``.
                Counts have to be whole numbers.
            metadata: of the document, as in ``transform``.
            embeddings: of the document, as in ``transform``.
            random_state: as in ``posterior``.

        Returns:
            An ``Explanation``: in a notebook, the text with its words marked by topic;
            ``to_frame()`` has a row for each word and topic, with the expected tokens
            :math:`x_v E[\theta_k \beta_{kv} / \sum_j \theta_j \beta_{jv}]`.

        Raises:
            InputError: where there is more than one document, or it cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> table = model.explain("cats purr and dogs sleep").to_frame()
            >>> table.groupby("word")["tokens"].sum().round(6).to_dict()
            {'cats': 1.0, 'dogs': 1.0, 'purr': 1.0, 'sleep': 1.0}
        """
        X = [doc] if isinstance(doc, str) or is_tokens(doc) else readable_twice(doc)
        counts = self._read(X)
        if counts.shape[0] != 1:
            raise InputError(f"explain takes one document, got {counts.shape[0]}; pass one of them")
        text = text_of_row(X, self.text_column)
        return explain(
            self._fitted(),
            self._posterior(X, counts, metadata, embeddings, None, random_state),
            counts,
            None if text is None else text(0),
        )

    def get_document_info(
        self, X: Documents, *, metadata: Any = None, embeddings: Any = None, empty: str = "prior"
    ) -> "pd.DataFrame":
        """Return one row per document: its length, its largest topic, and its metadata.

        Columns: ``id``; ``tokens``, those in the vocabulary; ``unknown_share``, the share of its
        terms (tokens other than stop words) outside the vocabulary, NaN for a document without any;
        ``topic``, the largest topic; ``share``, its expected proportion; then the metadata. For a
        pandas Series or DataFrame, the table keeps the index. The ids are the index, or the column
        "id" of a data frame with texts, if every row has one and the index is unnamed integers.

        Args:
            X: as in ``transform``.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.
            empty: "prior", or "missing" for missing values where a document has no known words.

        Raises:
            InputError: where the documents or the metadata cannot be used.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, max_epochs=2, random_state=0).fit(docs)
            >>> info = model.get_document_info(["cats purr", ""], metadata={"year": [1999, 2004]})
            >>> info[["tokens", "unknown_share", "year"]].to_numpy().tolist()
            [[2.0, 0.0, 1999.0], [0.0, nan, 2004.0]]
        """
        counts, lengths = documents.read_with_lengths(
            self, self._fitted(), X, text_column=self.text_column
        )
        of_rows = self._metadata(X, metadata, counts.shape[0])
        ids, index = documents.row_labels(X, self.text_column)
        proportions = inference.infer_proportions(
            self._hierarchy().base,
            counts,
            self._refinement(),
            known=self._known(X, metadata, embeddings, counts.shape[0]),
        )
        n_tokens = np.asarray(counts.sum(1)).ravel()
        without_empty = inference.is_missing(empty) and self._fitted().embedding is None
        table = inspection.document_info(
            proportions, n_tokens, ids, index, lengths, without_empty=without_empty
        )
        of_X = metadata is None
        return beside(table, without_ids(of_rows(), X, self.text_column) if of_X else of_rows())

    def simulate(
        self,
        n_tokens: ArrayLike | None = None,
        *,
        n_documents: int | None = None,
        random_state: RandomSource = 0,
    ) -> Simulated:
        r"""Draw documents from the model, together with their topics, which real documents hide.

        .. math::
            \lambda_k \sim \operatorname{Gamma}(r_k, \text{mean } m_k), \qquad
            \theta = \lambda / \textstyle\sum_k \lambda_k, \qquad
            n \sim \operatorname{Multinomial}(N, \theta), \qquad
            x \sim \textstyle\sum_k \operatorname{Multinomial}(n_k, \beta_k)

        for negative binomial counts and a multinomial likelihood. The rates of other counts lie on
        their atoms, and likelihoods that model the length draw it too. For such documents, the
        intervals of ``posterior`` contain the truth as often as they claim (simulation-based
        calibration; Talts et al., 2018).

        Args:
            n_tokens: the length of each document, for a multinomial likelihood.
            n_documents: how many documents, for likelihoods that model the length.
            random_state: a seed, numpy's ``Generator`` or ``RandomState``, or None.

        Returns:
            The ``counts`` of words, CSR of shape (n_documents, n_features), with the ``tokens``,
            ``proportions`` and ``rates`` (in tokens) of the topics, shape (n_documents,
            n_components).

        Raises:
            InputError: where lengths are missing, not allowed, or not whole numbers from 0.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> simulated = model.simulate([5, 100])
            >>> simulated.tokens.sum(1)
            array([  5, 100])
        """
        random = numpy_generator(random_state)
        return simulate(self._hierarchy().base, n_tokens, n_documents, random)
