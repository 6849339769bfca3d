"""Scores of topic models, from plain arrays and word lists: any model's, not only topicgen's.

How well a model predicts is its perplexity (:func:`perplexity`, :func:`completion_perplexity`); how
well its topics read is their coherence (:func:`coherence`, :func:`coherence_scores`), diversity
(:func:`topic_diversity`, :func:`topic_uniqueness`, :func:`inverted_rbo`) and exclusivity
(:func:`exclusivity`); how well they recover known labels is :func:`purity`,
:func:`normalized_mutual_information`, :func:`adjusted_rand_index` and
:func:`classification_accuracy`. Whether two models' topics are the same is :func:`match_topics` and
:func:`stability`, and whether one predicts better :func:`paired_test`, with :func:`holm` where
there are several. :func:`from_gensim`, :func:`from_sklearn` and :func:`from_tomotopy` read other
packages' topics; :func:`to_octis` and :func:`to_pyldavis` hand them on. Logarithms are natural
where no other base is named; docs/scores.md defines every score.
"""

from topicgen.evaluation.adapters import (
    Topics,
    from_gensim,
    from_sklearn,
    from_tomotopy,
    to_octis,
    to_pyldavis,
)
from topicgen.evaluation.classification import classification_accuracy
from topicgen.evaluation.clustering import (
    adjusted_rand_index,
    normalized_mutual_information,
    purity,
)
from topicgen.evaluation.coherence import coherence
from topicgen.evaluation.coherence_scores import CoherenceScore, coherence_scores
from topicgen.evaluation.diversity import inverted_rbo, topic_diversity, topic_uniqueness
from topicgen.evaluation.document_completion import completion_perplexity, split_tokens
from topicgen.evaluation.exclusivity import exclusivity, frex
from topicgen.evaluation.matching import Matching, match_topics
from topicgen.evaluation.perplexity import Perplexity, log_likelihood, perplexity
from topicgen.evaluation.significance import PairedTest, holm, paired_test
from topicgen.evaluation.stability import stability

__all__ = [
    "CoherenceScore",
    "Matching",
    "PairedTest",
    "Perplexity",
    "Topics",
    "adjusted_rand_index",
    "classification_accuracy",
    "coherence",
    "coherence_scores",
    "completion_perplexity",
    "exclusivity",
    "frex",
    "from_gensim",
    "from_sklearn",
    "from_tomotopy",
    "holm",
    "inverted_rbo",
    "log_likelihood",
    "match_topics",
    "normalized_mutual_information",
    "paired_test",
    "perplexity",
    "purity",
    "split_tokens",
    "stability",
    "to_octis",
    "to_pyldavis",
    "topic_diversity",
    "topic_uniqueness",
]
