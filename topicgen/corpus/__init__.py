"""Text to counts: readers, a vectorizer, and the corpus they make.

The names below load on first use: a process that only counts words needs little of this.
"""

from typing import TYPE_CHECKING

from topicgen.lazy import lazy_names

if TYPE_CHECKING:
    from topicgen.corpus.build import build_corpus
    from topicgen.corpus.corpus import Corpus
    from topicgen.corpus.document import Document
    from topicgen.corpus.reading.readers import read_documents, read_stop_words
    from topicgen.corpus.vectorizer import Vectorizer

__all__ = [
    "Corpus",
    "Document",
    "Vectorizer",
    "build_corpus",
    "read_documents",
    "read_stop_words",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Corpus": "topicgen.corpus.corpus",
        "Document": "topicgen.corpus.document",
        "Vectorizer": "topicgen.corpus.vectorizer",
        "build_corpus": "topicgen.corpus.build",
        "read_documents": "topicgen.corpus.reading.readers",
        "read_stop_words": "topicgen.corpus.reading.readers",
    },
)
