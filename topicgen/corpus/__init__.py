"""Text to counts: readers, a vectorizer, and the corpus they make.

The names below load on first use: a process that only counts words needs little of this.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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

_HOME = {
    "Corpus": "corpus",
    "Document": "document",
    "Vectorizer": "vectorizer",
    "build_corpus": "build",
    "read_documents": "reading.readers",
    "read_stop_words": "reading.readers",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'topicgen.corpus' has no attribute {name!r}")
    return getattr(import_module(f"topicgen.corpus.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
