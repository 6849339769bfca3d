"""Documents as a fitted model counts them. Slow to import: it needs scikit-learn."""

from typing import TYPE_CHECKING

from topicgen.corpus import Vectorizer
from topicgen.errors import InputError

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel


def text_vectorizer(model: "TopicModel") -> Vectorizer:
    """Return the vectorizer that a model was fitted with.

    Raises:
        InputError: where it was fitted on counts, and so knows no way from texts to its words.
    """
    if model.vectorizer_ is None:
        raise InputError(
            "expected a model that was fitted on texts, got one that was fitted on counts; load "
            "it in Python and pass counts of its vocabulary"
        )
    return model.vectorizer_
