"""The topics of a model: their words, shares, tree, seeds and groups."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.topic_model import content, groups, inference, inspection
from topicgen.topic_model.last_documents import LastDocuments, text_of_row
from topicgen.topic_model.measure_names import USUAL_MEASURE
from topicgen.topic_model.notebook import model_html
from topicgen.topic_model.screening import n_screened, short_passages
from topicgen.topic_model.similar import similar_table
from topicgen.topic_model.topics import Topics

if TYPE_CHECKING:
    import pandas as pd
from topicgen.topic_model.facade.base import Documents, FittedModel


class TopicMethods(FittedModel):
    """The methods of ``TopicModel`` that describe its topics."""

    def top_words(
        self, n: int = 10, *, measure: str = USUAL_MEASURE, weight: float | None = None
    ) -> list[list[str]]:
        """Return the top n words of each topic, best first.

        Args:
            n: words per topic.
            measure: as in ``get_topic``.
            weight: as in ``get_topic``.

        Raises:
            InputError: where an argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        return inspection.top_words(self._fitted(), n, measure, weight)

    def show_topics(
        self,
        n: int | None = None,
        top_n: int = 10,
        *,
        measure: str = USUAL_MEASURE,
        weight: float | None = None,
    ) -> Topics:
        """Return the topics for reading: shown as a table in a notebook, and as text elsewhere.

        Args:
            n: how many topics to show, largest shares first; None for all.
            top_n: words per topic.
            measure: as in ``get_topic``.
            weight: as in ``get_topic``.

        Returns:
            A sequence of topics, the largest first; ``to_frame()`` makes a data frame of it.

        Raises:
            InputError: where an argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> sorted(topic.words[0] for topic in model.show_topics())
            ['cats', 'dogs']
        """
        return inspection.top_topics(self._fitted(), n, top_n, measure, weight)

    def _repr_html_inner(self) -> str:
        """Return what a notebook shows: the topics, or without them scikit-learn's diagram."""
        if not self.__sklearn_is_fitted__():
            diagram: str = super()._repr_html_inner()
            return diagram
        return model_html(self._fitted(), repr(self))

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        """Return the forms in which a notebook may show the model, by their MIME types."""
        bundle: dict[str, str] = super()._repr_mimebundle_(**options)
        if "text/html" in bundle and self.__sklearn_is_fitted__():
            bundle["text/html"] = self._repr_html_inner()
        return bundle

    def similar_topics(self, query: int | str | Sequence[str], n: int = 5) -> "pd.DataFrame":
        r"""Return the topics most similar to a topic, or the topics that some words come from.

        The similarity of two topics is 1 minus the Jensen-Shannon divergence of their distributions
        over words, in bits, as in ``topicgen.evaluation.match_topics``: 1 for the same words, 0 for
        no word in common. The similarity of words to a topic is the probability that a token of the
        words comes from the topic, given the shares of the topics: the mean over the words of
        :math:`\pi_k \beta_{kv} / \sum_j \pi_j \beta_{jv}`.

        Args:
            query: the number of a topic; or a text, or a list of words, which are counted as those
                of documents are. The name of a topic is a text like any other.
            n: the number of topics.

        Returns:
            The columns ``topic``, ``label`` and ``similarity``, the most similar first.

        Raises:
            InputError: where there is no such topic, or the model knows none of the words.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> model.similar_topics("dogs that bark", n=1)["label"].str.contains("dogs").tolist()
            [True]
        """
        return similar_table(self._fitted(), query, n)

    def get_topic(
        self,
        k: int | str,
        top_n: int = 10,
        *,
        measure: str = USUAL_MEASURE,
        weight: float | None = None,
        given: Mapping[str, Any] | None = None,
        level: float = 0.95,
    ) -> "pd.DataFrame":
        r"""Return the top words of topic k: ``word``, ``probability``, and the ``measure``.

        Args:
            k: the topic, a number or a name.
            top_n: how many words.
            measure: what the words are ranked by, which is also a column: "relevance", a weighted
                mean of the logarithms of probability and lift; "probability" in the topic; "lift",
                the probability relative to that in all documents, which favours rare words; "frex",
                a mean of ranks by probability and by exclusivity to the topic; or "score", the
                probability times the logarithm of the lift.
            weight: from 0 to 1: of exclusivity in "frex" (.5 by default), or of the probability in
                "relevance" (.6 by default).
            given: a value of the column that ``content`` names, such as {"party": "Con"}, for the
                words of the topic in the documents of this group, by their probability
                there. Further columns are then ``log_ratio``, how much more frequent the word is in
                the topic there than in all documents (a natural logarithm), and its interval from
                ``low`` to ``high``.
            level: the probability of the intervals.

        Raises:
            InputError: where an argument cannot be used, or the model has no such column.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Source: Bischof and Airoldi (2012) ("frex"); Sievert and Shirley (2014) ("relevance").

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "cats climb and cats hunt"] * 20
            >>> places = {"place": ["home", "wood"] * 20}
            >>> model = TopicModel(1, content="place", random_state=0).fit(docs, metadata=places)
            >>> sorted(model.get_topic(0, 3, given={"place": "wood"})["word"])
            ['cats', 'climb', 'hunt']
            >>> model.get_topic(0, 3, measure="frex").columns.tolist()
            ['word', 'probability', 'frex']
        """
        import pandas as pd

        words = pd.DataFrame(inspection.topic_words(self._fitted(), k, top_n, measure, weight))
        if given is None:
            return words
        if measure not in (USUAL_MEASURE, "probability"):
            raise InputError(
                "the words of a group are ranked by their probability, got "
                f"measure={quoted(measure)} with given; leave one out"
            )
        return content.topic_words_given(self._fitted(), k, top_n, given, groups.check_level(level))

    def get_topic_info(
        self, top_n: int = 10, X: Documents = None, *, metadata: Any = None, embeddings: Any = None
    ) -> "pd.DataFrame":
        """Return one row per topic, the largest share first.

        Columns: ``topic``; ``name``, that of its seeds or of ``rename``, or else its three top
        words; ``share``, the topic's share of the tokens; ``tokens``, its mean tokens
        per document; ``presence``, the share of the documents with at least one token of it;
        ``amount``, its share of a document's tokens where it is present; ``dispersion``, that of
        its negative binomial tokens (NaN for other families): their variance over documents is the
        mean plus its square over the dispersion, so .05 means a topic that fills a few documents, 5
        a topic of which all documents have similar amounts; ``words``. The columns ``tokens``,
        ``presence``, ``amount`` and ``dispersion`` have the ends of their 95% intervals next to
        them, in ``..._low`` and ``..._high``. These cover what posterior draws of at most 2,000
        training documents leave open, not what another fit would find.

        With X there are also ``documents``, the number of documents whose largest topic it
        is, and ``representative``, three short passages of typical documents (their words, where X
        has no texts).

        Args:
            top_n: words per topic.
            X: documents, as in ``transform``, through which this looks in about the time that
                ``transform`` takes.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.

        Raises:
            InputError: where an argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        import pandas as pd

        info = pd.DataFrame(inspection.topic_info(self._fitted(), top_n))
        if X is not None:
            info = info.assign(**self._of_documents(self._documents(X, metadata, embeddings)))
        return info.sort_values("share", ascending=False, kind="stable", ignore_index=True)

    def _of_documents(self, last: LastDocuments) -> dict[str, Any]:
        """Return the columns of ``get_topic_info`` that are of documents."""
        screening = self._screening(last, n_screened())
        model = self._hierarchy().base

        def proportions(places: np.ndarray) -> np.ndarray:
            counts, known = screening.part(places)
            return inference.infer_proportions(model, counts, self._refinement(), known=known)

        text = text_of_row(last.X, self.text_column)
        passages = short_passages(self._fitted(), screening, proportions, text)
        return {"documents": screening.n_documents, "representative": passages}

    def get_topic_tree(self, top_n: int = 10) -> "pd.DataFrame":
        r"""Return one row per node of each layer, from the topics (layer 0) up.

        A topic's parent is the node in the layer above that most of it comes from,
        :math:`\max_j \pi_j W_{jk} / \sum_i \pi_i W_{ik}`, with the shares :math:`\pi` of the
        nodes and their distributions :math:`W` over the layer below (Ranganath et al., 2015).

        Args:
            top_n: words per node: a topic's top words; for a node of an upper layer, the
                words that most distinguish it from the whole collection, by
                :math:`p \log(p / \bar p)`.

        Returns:
            The columns ``layer``, ``topic``, ``parent`` (NA at the top), ``weight`` (the part of
            the topic that comes from the parent), ``share`` (of the tokens; for upper nodes, as
            expected under the prior) and ``words``.

        Raises:
            InputError: where ``top_n`` is below 1.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(3, upper_components=(2,), max_epochs=2, random_state=0)
            >>> model.fit(docs).get_topic_tree()["layer"].tolist()
            [0, 0, 0, 1, 1]
        """
        return inspection.topic_tree(self._fitted(), top_n)

    def get_seed_info(self) -> "pd.DataFrame":
        r"""Return one row per seed word, in the order of the topics, with its learnt strength.

        Columns: ``topic``; ``name``; ``word``; ``share``, the expected share of the word's tokens
        that comes from its topic, given all topics and their shares; and ``strength``, from 0 for a
        seed that the documents contradict to 1 for a seed that occurs in its topic alone.

        Raises:
            InputError: where the model has no seeds.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> seeds = {"pets that purr": ["cats", "sl*", "bark"]}
            >>> model = TopicModel(2, seeds=seeds, random_state=0).fit(docs)
            >>> info = model.get_seed_info()
            >>> info["word"].tolist(), (info["strength"] > 0.5).tolist()
            (['cats', 'sleep', 'bark'], [True, True, False])
        """
        import pandas as pd

        return pd.DataFrame(inspection.seed_info(self._fitted()))

    def get_content_info(self, top_n: int = 10, *, level: float = 0.95) -> "pd.DataFrame":
        """Return the words that differ most between groups of documents, topic by topic.

        Args:
            top_n: words per topic and group: those with the log ratios that are the most standard
                deviations away from 0, the largest number first.
            level: the probability of the intervals.

        Returns:
            A row for each topic, group and word: ``topic``; the group, in the column that
            ``content`` names; and ``word``, ``probability``, ``log_ratio``, ``low`` and ``high``,
            as in ``get_topic`` with ``given``.

        Raises:
            InputError: where an argument cannot be used, or the model was fitted without
                ``content``.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        return content.content_table(self._fitted(), top_n, groups.check_level(level))
