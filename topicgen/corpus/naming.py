"""Names for the documents that an error is about."""

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from topicgen.corpus.document import Document
from topicgen.corpus.words.tokenizers import TokenizerError

# Documents are read ahead, but no more than a block of them.
_REMEMBERED = 2**17


@contextmanager
def naming(documents: Iterable[Document]) -> Iterator[Iterable[Document]]:
    """Yield the documents once more; an error of the user's tokenizer then names one by its id.

    >>> from topicgen.corpus import Vectorizer
    >>> documents = [Document("bank", "news.txt:1"), Document("", "news.txt:2")]
    >>> with naming(documents) as named:
    ...     Vectorizer(tokenizer="json:loads").fit(document.text for document in named)
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    topicgen...TokenizerError: the tokenizer json:loads failed at the document 'news.txt:1', ...
    """
    ids: deque[str | None] = deque(maxlen=_REMEMBERED)
    n_read = 0

    def remembered() -> Iterator[Document]:
        nonlocal n_read
        for document in documents:
            ids.append(getattr(document, "id", None))
            n_read += 1
            yield document

    try:
        yield remembered()
    except TokenizerError as error:
        if error.index is None:
            raise
        raise error.of_document(error.index, ids[error.index - n_read]) from error.__cause__
