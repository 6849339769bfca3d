"""Corpus formats of other tools: read, written and converted."""

from topicgen.corpus.formats.anndata_objects import from_anndata, to_anndata
from topicgen.corpus.formats.format import Format
from topicgen.corpus.formats.gensim_objects import from_gensim, to_gensim
from topicgen.corpus.formats.registry import (
    FORMATS,
    destination_format,
    hold_destination,
    read_corpus,
    recognise,
    write_corpus,
)

__all__ = [
    "FORMATS",
    "Format",
    "destination_format",
    "from_anndata",
    "from_gensim",
    "hold_destination",
    "read_corpus",
    "recognise",
    "to_anndata",
    "to_gensim",
    "write_corpus",
]
