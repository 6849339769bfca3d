"""topicgen's own form: a corpus folder."""

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats.format import Format
from topicgen.corpus.storage import is_corpus

FORMAT = Format(
    name="topicgen",
    description="a corpus folder, as 'topicgen corpus build' makes it",
    read=Corpus.open,
    write=Corpus.save,
    recognise=is_corpus,
)
