"""Scores of topic models of any package, from plain arrays and lists of words.

Perplexity measures how well a model predicts (:func:`perplexity`, :func:`perplexity_interval`,
:func:`completion_perplexity`); :func:`log_likelihood` and :func:`burst_log_likelihood` are what it
is computed from.
Coherence (:func:`coherence`, :func:`coherence_scores`), diversity (:func:`topic_diversity`,
:func:`topic_uniqueness`, :func:`inverted_rbo`) and exclusivity (:func:`exclusivity`) measure how
well its topics read; :func:`purity`, :func:`normalized_mutual_information`,
:func:`adjusted_rand_index` and :func:`classification_accuracy`, how well they recover known labels.
:func:`match_topics` and :func:`stability` say whether two models have the same topics, and
:func:`paired_test` whether one predicts better, with :func:`holm` for several tests.
:func:`from_gensim`, :func:`from_sklearn` and :func:`from_tomotopy` read other packages' topics;
:func:`to_octis` and :func:`to_pyldavis` pass topics on. Logarithms are natural unless another base
is named; docs/scores.md defines every score.
"""

from topicgen.evaluation.adapters import (
    Topics,
    from_gensim,
    from_sklearn,
    from_tomotopy,
    to_octis,
    to_pyldavis,
)
from topicgen.evaluation.bursts import burst_log_likelihood
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
from topicgen.evaluation.perplexity import (
    Perplexity,
    log_likelihood,
    perplexity,
    perplexity_interval,
)
from topicgen.evaluation.significance import PairedTest, holm, paired_test
from topicgen.evaluation.stability import stability

__all__ = [
    "CoherenceScore",
    "Matching",
    "PairedTest",
    "Perplexity",
    "Topics",
    "adjusted_rand_index",
    "burst_log_likelihood",
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
    "perplexity_interval",
    "purity",
    "split_tokens",
    "stability",
    "to_octis",
    "to_pyldavis",
    "topic_diversity",
    "topic_uniqueness",
]
