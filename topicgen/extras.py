"""Packages that only some tasks need: the extras of setup.cfg, imported where they are used."""

from collections.abc import Iterator
from contextlib import contextmanager

from topicgen.errors import InputError

# The extra that installs each package, by the name under which Python imports it.
EXTRAS = {
    "formulaic": "formulas",
    "gcsfs": "stores",
    "gensim": "gensim",
    "h5py": "h5ad",
    "janome": "japanese",
    "jieba": "chinese",
    "khmercut": "khmer",
    "laonlp": "lao",
    "matplotlib": "figures",
    "nltk": "languages",
    "pythainlp": "thai",
    "ray": "ray",
    "s3fs": "stores",
    "simplemma": "languages",
}


@contextmanager
def needed(package: str, purpose: str) -> Iterator[None]:
    """Import an optional package in this block, or explain in one line how to install it.

    Args:
        package: one of EXTRAS, or one that no extra installs.
        purpose: what needs it, with the verb, to begin the message.

    Raises:
        InputError: where the block cannot import the package.

    Example:
        >>> with needed("gensim", "phrases need"):  # doctest: +ELLIPSIS
        ...     raise ModuleNotFoundError("No module named 'gensim'", name="gensim")
        Traceback (most recent call last):
        topicgen.errors.InputError: phrases need gensim, which is not installed: pip install ...
    """
    try:
        yield
    except ImportError as error:
        is_missing = isinstance(error, ModuleNotFoundError) and error.name == package
        problem = "is not installed" if is_missing else f"cannot be imported ({error})"
        message = " ".join(f"{purpose} {package}, which {problem}: {install(package)}".split())
        raise InputError(message) from (None if is_missing else error)


def install(package: str) -> str:
    """Return the command that installs an optional package.

    >>> install("matplotlib")
    "pip install 'topicgen[figures]'"
    >>> install("bertopic")
    'pip install bertopic'
    """
    return (
        f"pip install 'topicgen[{EXTRAS[package]}]'"
        if package in EXTRAS
        else f"pip install {package}"
    )
