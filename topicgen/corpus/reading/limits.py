"""What a source may take: memory and time that its own size on disk explains.

A few bytes can say that a billion documents follow, and a compressed kilobyte can hold a megabyte
of line breaks. Whatever is declared or compressed is held against the bytes that are really there.
"""

import os
from collections.abc import Iterable, Iterator

from topicgen.corpus.document import Document
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted

# So much is read of any source, however small it is. A document takes some hundred bytes.
FREE_DOCUMENTS, FREE_BYTES = 10**6, 2**26
# Texts are compressed to a tenth, repetitive tables to a fiftieth; gzip ends at a thousandth.
MOST_RATIO = 250


def check_documents(n_documents: int, n_bytes: int, name: str) -> None:
    """Make sure that there are no more documents than a source's size explains.

    Args:
        n_documents: how many it has, or says that it has.
        n_bytes: its size on disk, each of which may be a document.
        name: the source, as messages name it.

    Raises:
        InputError: where there are more.

    Example:
        >>> check_documents(10**8, 20, "'docword.x.txt'")
        Traceback (most recent call last):
        topicgen.errors.InputError: expected at most 1,000,020 documents in the 20 bytes of ...
    """
    most = FREE_DOCUMENTS + n_bytes
    if n_documents > most:
        raise InputError(
            f"expected at most {most:,} documents in the {n_bytes:,} bytes of {name}, got "
            f"{n_documents:,}, so nearly all of them are empty or alike; correct the header, or "
            "leave these documents out"
        )


def explained_documents(
    documents: Iterable[Document], source: str | os.PathLike[str]
) -> Iterator[Document]:
    """Yield documents, and refuse what is more than the size of their file explains.

    Raises:
        InputError: as ``check_documents`` and ``check_expansion``.
    """
    name = quoted(source)
    n_characters = 0
    n_bytes: int | None = None  # asked once, and only where there is much
    for number, document in enumerate(documents, start=1):
        n_characters += len(document.text)
        if number > FREE_DOCUMENTS or n_characters > FREE_BYTES:
            n_bytes = size_on_disk(source) if n_bytes is None else n_bytes
            check_documents(number, n_bytes, name)
            check_expansion(n_characters, n_bytes, name)
        yield document


def size_on_disk(source: str | os.PathLike[str]) -> int:
    """Return how many bytes a source has, as it lies on a disk or in a store.

    Raises:
        InputError: where the store has no such file.
    """
    if stores.is_address(source):
        return stores.size(source) or 0  # a store need not say
    return os.stat(source).st_size


def check_expansion(
    n_bytes: int, compressed: int, name: str, free: int | None = None, where: str = ""
) -> None:
    """Make sure that a source does not grow beyond measure when it is decompressed.

    Args:
        n_bytes: how many bytes it has, or says that it has, when it is decompressed.
        compressed: in how many on disk.
        name: the source, as messages name it.
        free: how many are never refused; by default FREE_BYTES.
        where: the part of the source, for the message.

    Raises:
        InputError: where there are more than can be.
    """
    free = FREE_BYTES if free is None else free
    if n_bytes > free + MOST_RATIO * compressed:
        raise InputError(
            f"expected at most {MOST_RATIO} bytes from each compressed byte, got "
            f"{n_bytes:,} from {compressed:,} in {name}{where}; if you trust the file, decompress "
            "it yourself or write it again"
        )
