"""SHA-256 of files, streamed, by which a file that has changed is found."""

import hashlib
import os

from topicgen.files.regular import open_regular

_BLOCK = 2**20


def sha256(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a regular file as 64 hexadecimal digits; memory does not grow with it.

    Raises:
        InputError: where it is a link, a pipe, a socket, a device or a folder.
        OSError: where it cannot be read.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "a")
        ...     _ = path.write_bytes(b"abc")
        ...     sha256(path)[:16]
        'ba7816bf8f01cfea'
    """
    digest = hashlib.sha256()
    with open_regular(path) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


# What stands in a text in the place of its own digest while that is computed.
UNKNOWN = "0" * 64


def with_own_digest(text: str) -> str:
    """Return a text in which its own SHA-256 stands where it has ``UNKNOWN``, once.

    A file can so hold its own checksum: it is that of the text with 64 zeros in its place.

    >>> text = with_own_digest(f"sha256 {UNKNOWN}")
    >>> text[:15], has_own_digest(text.encode(), text[7:])
    ('sha256 406c4023', True)
    """
    if text.count(UNKNOWN) != 1:
        raise ValueError(f"expected one place for the digest, got {text.count(UNKNOWN)}")
    return text.replace(UNKNOWN, hashlib.sha256(text.encode()).hexdigest())


def has_own_digest(data: bytes, digest: str) -> bool:
    """Return whether a digest, which stands once in a text, is that of ``with_own_digest``."""
    own = digest.encode()
    if len(own) != len(UNKNOWN) or data.count(own) != 1:
        return False
    return hashlib.sha256(data.replace(own, UNKNOWN.encode())).hexdigest() == digest
