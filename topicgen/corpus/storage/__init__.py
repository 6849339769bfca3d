"""Corpora on disk: arrays and strings that grow, and the corpus folder that they make up."""

from topicgen.corpus.storage.corpus_folder import (
    DESCRIPTION,
    CorpusWriter,
    StoredCorpus,
    hold_corpus_folder,
    is_corpus,
    new_corpus,
)
from topicgen.corpus.storage.strings import Strings

__all__ = [
    "DESCRIPTION",
    "CorpusWriter",
    "StoredCorpus",
    "Strings",
    "hold_corpus_folder",
    "is_corpus",
    "new_corpus",
]
