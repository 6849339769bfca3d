"""What an encoder reads of documents, as ``TopicModel`` names it and as a model takes it."""

from topicgen.models import Inputs
from topicgen.topic_model.embeddings import Embedding


def inputs_of(encoder_input: str, embedding: Embedding | None) -> Inputs:
    """Return what an encoder reads.

    Args:
        encoder_input: "words", "words_and_embeddings" or "embeddings".
        embedding: how the embeddings of the documents are standardised; None without any.

    Example:
        >>> inputs_of("words", None)
        Inputs(words=True, n_dimensions=0)
    """
    return Inputs(
        words=encoder_input != "embeddings",
        n_dimensions=0 if embedding is None else embedding.n_dimensions,
    )
