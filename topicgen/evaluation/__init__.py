"""Scores of topic models, from plain arrays and word lists: any model's, not only topicgen's.

How well a model predicts is its perplexity (:func:`perplexity`, :func:`completion_perplexity`); how
well its topics read is their coherence (:func:`coherence`) and diversity (:func:`topic_diversity`,
:func:`inverted_rbo`); how well they recover known labels is :func:`purity` and
:func:`normalized_mutual_information`. Every logarithm is natural.
"""

from topicgen.evaluation.clustering import normalized_mutual_information, purity
from topicgen.evaluation.coherence import coherence
from topicgen.evaluation.diversity import inverted_rbo, topic_diversity
from topicgen.evaluation.document_completion import completion_perplexity, split_tokens
from topicgen.evaluation.perplexity import Perplexity, log_likelihood, perplexity

__all__ = [
    "Perplexity",
    "coherence",
    "completion_perplexity",
    "inverted_rbo",
    "log_likelihood",
    "normalized_mutual_information",
    "perplexity",
    "purity",
    "split_tokens",
    "topic_diversity",
]
