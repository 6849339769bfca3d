"""Text to counts: readers, a vectorizer, and the corpus they make."""

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.document import Document
from topicgen.corpus.readers import read_documents, read_stop_words
from topicgen.corpus.vectorizer import Vectorizer

__all__ = ["Corpus", "Document", "Vectorizer", "read_documents", "read_stop_words"]
