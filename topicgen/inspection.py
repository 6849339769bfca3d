"""What a fitted topic model shows of its topics and documents."""

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from topicgen.corpus import Corpus
from topicgen.errors import InputError
from topicgen.models import Hierarchy, LatentCountModel
from topicgen.posterior import Posterior

if TYPE_CHECKING:
    import pandas as pd


class InspectionMixin:
    """The tables of a model with ``components_``, ``topic_share_`` and a posterior.

    pandas is imported where a table is made.
    """

    components_: np.ndarray
    topic_share_: np.ndarray
    vocabulary_: list[str] | None
    model_: LatentCountModel
    hierarchy_: Hierarchy
    _history: list[dict[str, float]]

    def posterior(self, X: Any) -> Posterior:
        """Return the posterior of each document's counts."""
        raise NotImplementedError

    def top_words(self, n: int = 10) -> list[list[str]]:
        """Return the n most probable words of each topic, most probable first."""
        check_is_fitted(self, "components_")
        return [[self._word(column) for column in columns] for columns in self._top_columns(n)]

    def get_topic(self, k: int, top_n: int = 10) -> "pd.DataFrame":
        """Return the most probable words of topic k: columns ``word`` and ``probability``."""
        import pandas as pd

        check_is_fitted(self, "components_")
        if not 0 <= k < len(self.components_):
            raise InputError(f"expected a topic from 0 to {len(self.components_) - 1}, got {k}")
        columns = self._top_columns(top_n)[k]
        words = [self._word(column) for column in columns]
        return pd.DataFrame({"word": words, "probability": self.components_[k, columns]})

    def get_topic_info(self, top_n: int = 10) -> "pd.DataFrame":
        """Return a row for each topic, by share.

        Columns: ``topic``; ``share``, of the tokens; ``rate``, the prior mean of its count;
        ``dispersion``, the shape of its negative binomial law, not a number for other laws;
        ``spread``, what that says: "bursty" below 1, in few documents and then much of it, else
        "steady", in most of them to a similar degree; ``words``.
        """
        import pandas as pd

        check_is_fitted(self, "components_")
        dispersion = self.model_.dispersion.cpu().numpy()
        info = pd.DataFrame(
            {
                "topic": np.arange(len(self.components_)),
                "share": self.topic_share_,
                "rate": self.model_.prior.mean.cpu().numpy(),
                "dispersion": dispersion,
                "spread": np.select(
                    [dispersion < 1, dispersion >= 1], ["bursty", "steady"], default=""
                ),
                "words": self.top_words(top_n),
            }
        )
        return info.sort_values("share", ascending=False, kind="stable", ignore_index=True)

    def get_topic_tree(self, top_n: int = 10) -> "pd.DataFrame":
        r"""Return a row for each node of each layer, from the topics (layer 0) up.

        A topic's parent is the node above that most of it comes from,
        :math:`\max_j \pi_j W_{jk} / \sum_i \pi_i W_{ik}`, with the shares :math:`\pi` of the nodes
        and their distributions :math:`W` over the layer below (Ranganath et al., 2015).

        Args:
            top_n: words a node: of a topic the most probable ones, of a node above those that
                tell it most from the whole collection, by :math:`p \log(p / \bar p)`.

        Returns:
            The columns ``layer``, ``topic``, ``parent`` (NA at the top), ``weight`` (the parent's
            part of the topic), ``share`` (of the tokens, of upper nodes as their prior expects)
            and ``words``.

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
        import pandas as pd

        check_is_fitted(self, "components_")
        models = [layer.model for layer in self.hierarchy_.layers]
        shares = [self.topic_share_, *(_expected_share(model) for model in models)]
        words = [self.top_words(top_n)]
        collection = self.topic_share_ @ self.components_
        for topics in self.hierarchy_.topics()[1:]:
            p = topics.detach().cpu().numpy()
            order = np.argsort(-p * np.log(p / collection), axis=1, kind="stable")[:, :top_n]
            words.append([[self._word(column) for column in columns] for columns in order])
        tables = []
        for layer, share in enumerate(shares):
            parent, weight = pd.Series(pd.NA, range(len(share))), np.full(len(share), np.nan)
            if layer < len(models):
                joint = (
                    shares[layer + 1][:, None] * models[layer].topic_word().detach().cpu().numpy()
                )
                parent, weight = joint.argmax(0), joint.max(0) / joint.sum(0)
            columns = {"layer": layer, "topic": np.arange(len(share)), "parent": parent}
            columns |= {"weight": weight, "share": share, "words": words[layer]}
            tables.append(pd.DataFrame(columns).astype({"parent": "Int64"}))
        return pd.concat(tables, ignore_index=True)

    def get_document_info(self, X: Any) -> "pd.DataFrame":
        """Return a row for each document: ``id``, ``tokens``, ``topic``, ``share``, ``count``.

        ``topic`` is the one of which the document holds most, ``share`` its expected proportion
        and ``count`` its expected count; ``tokens`` are those of known words.
        """
        import pandas as pd

        posterior = self.posterior(X)
        topic = posterior.proportions.argmax(1)
        rows = np.arange(len(topic))
        return pd.DataFrame(
            {
                "id": list(X.ids) if isinstance(X, Corpus) else rows,
                "tokens": posterior.n_tokens,
                "topic": topic,
                "share": posterior.proportions[rows, topic],
                "count": posterior.mean[rows, topic],
            }
        )

    @property
    def history_(self) -> "pd.DataFrame":
        """A row for each epoch: temperature, ``log_likelihood``, ``perplexity``.

        The log-likelihood is that of hidden tokens in training (relaxed samples, nats a token), the
        perplexity that of document completion on the held-out documents.
        """
        import pandas as pd

        check_is_fitted(self, "components_")
        return pd.DataFrame(self._history)

    def _top_columns(self, n: int) -> np.ndarray:
        if n < 1:
            raise InputError(f"expected at least 1 word a topic, got {n}")
        return np.argsort(-self.components_, axis=1, kind="stable")[:, :n]

    def _word(self, column: int) -> str:
        return str(column) if self.vocabulary_ is None else self.vocabulary_[column]


def _expected_share(model: LatentCountModel) -> np.ndarray:
    """Return each node's part of the counts that the prior expects."""
    expected = model.prior.mean + model.smoothing
    share: np.ndarray = (expected / expected.sum()).cpu().numpy()
    return share
