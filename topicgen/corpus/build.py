"""From documents to a corpus folder, in bounded memory."""

import os
import shutil
from collections.abc import Iterable

from topicgen.corpus.document import Document, check_are_documents, texts_of
from topicgen.corpus.duplicates import Duplicates
from topicgen.corpus.naming import naming
from topicgen.corpus.storage import new_corpus
from topicgen.corpus.word_counter import WordCounter


def build_corpus(
    documents: Iterable[Document],
    vectorizer: WordCounter,
    folder: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    deduplicate: bool = False,
    n_bytes: int | None = None,
) -> None:
    """Count documents into a corpus folder, written whole or not at all.

    The first pass reads the documents, one at a time, and keeps the counts of all words on disk;
    the second goes over these, and keeps those of the vocabulary.

    Args:
        documents: what ``read_documents`` yields.
        vectorizer: what counts the words, such as a ``Vectorizer``; its vocabulary is learned
            from the documents.
        folder: the corpus folder to write.
        overwrite: whether to replace a corpus that is there.
        deduplicate: whether to drop the documents that repeat the text of an earlier one, white
            space at its ends aside; otherwise they are only counted.
        n_bytes: about how many bytes the documents have, if that is known, as by ``total_bytes``;
            a large collection is then counted on all cores from its first documents on.

    Raises:
        InputError: where the documents or the vectorizer's options cannot be used, the folder
            exists or cannot be written, or another program writes it at the same time.
    """
    with new_corpus(folder, overwrite=overwrite) as writer:
        waiting = writer.folder / "waiting"
        waiting.mkdir()
        duplicates = Duplicates(drop=deduplicate)

        def take(document: Document) -> None:
            writer.add_name(document.id, document.label, document.metadata)

        with naming(duplicates.watch(check_are_documents(documents))) as named:
            counts, found = vectorizer.fit_blocks(texts_of(named, take), waiting, n_bytes)
        for block in counts:
            writer.add_counts(block)
        shutil.rmtree(waiting)
        writer.finish(
            list(vectorizer.vocabulary_), vectorizer.to_config(), found | duplicates.found()
        )
