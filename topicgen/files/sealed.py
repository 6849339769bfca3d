"""A folder of files and a description in JSON, which holds the SHA-256 of each, itself included."""

import hashlib
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from topicgen.errors import InputError, shown
from topicgen.files.digests import UNKNOWN, has_own_digest, sha256, with_own_digest
from topicgen.files.json_file import parse_json, read_bytes
from topicgen.files.regular import is_real_folder
from topicgen.plain import quoted

SHA256 = "sha256"


class Sealed:
    """The description of a folder, and the checks of its files.

    Args:
        folder: the folder.
        name: of the file that describes it.
        what: what the folder holds, in a word: "model" or "corpus".
        remedy: what to do where it is damaged.

    Attributes:
        description: what the file holds.

    Raises:
        InputError: where there is no folder, or no such file, or it is not JSON.
    """

    def __init__(self, folder: Path, name: str, *, what: str, remedy: str) -> None:
        self.folder, self.name, self.what, self.remedy = folder, name, what, remedy
        self._data = read_bytes(folder / name, remedy=remedy)
        label = f"the file {quoted(folder / name)}"
        self.description: dict[str, Any] = parse_json(
            self._data, dict, name=label, remedy=remedy, nan=True
        )

    @property
    def own_digest(self) -> str:
        """The SHA-256 of the description as it is on disk."""
        return hashlib.sha256(self._data).hexdigest()

    def check_own(self) -> None:
        """Check that the description is as it was written.

        Raises:
            InputError: where it has changed.
        """
        digest = self._digests().get(self.name)
        if not isinstance(digest, str) or not has_own_digest(self._data, digest):
            raise self.changed(self.name)

    def check_listed(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """Check that the description lists these files and no others.

        Args:
            required: names of files, without that of the description.
            optional: names of further files that may be listed.

        Raises:
            InputError: where it does not.
        """
        listed = self._digests().keys() - {self.name}
        for name in sorted(set(required) - listed):
            raise self.damaged(f"{self.name} has no checksum of {name}")
        for name in sorted(listed - set(required) - set(optional)):
            raise self.damaged(
                f"{self.name} has a checksum of {shown(name)}, which is not a file name"
            )

    def lists(self, name: str) -> bool:
        """Return whether the description lists a file."""
        return name in self._digests()

    def check_file(self, name: str) -> None:
        """Check that a file is as it was written.

        Raises:
            InputError: where it is missing, of another kind, or has changed.
        """
        try:
            found = sha256(self.folder / name)
        except OSError as error:
            raise self.damaged(f"{name} cannot be read: {error.strerror or error}") from error
        if found != self._digests().get(name):
            raise self.changed(name)

    def changed(self, name: str) -> InputError:
        """Return the error that says which file is another than the one written."""
        return self.damaged(f"{name} has changed since it was written, by its SHA-256")

    def damaged(self, problem: str) -> InputError:
        """Return the error that says what is wrong with the folder."""
        return InputError(
            f"the {self.what} folder {quoted(self.folder)} is damaged ({problem}); {self.remedy}"
        )

    def _digests(self) -> dict[str, Any]:
        digests = self.description.get(SHA256)
        if not isinstance(digests, dict):
            raise self.damaged(f"{self.name} has no checksums")
        return digests


def check_is_folder(folder: Path, otherwise: str) -> None:
    """Check that a path is a folder, and not a link to one: what it leads to may change.

    Args:
        folder: the path.
        otherwise: what the error says of another thing.

    Raises:
        InputError: where it is something else, or does not exist.
    """
    if is_real_folder(folder):
        return
    try:
        folder.lstat()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{quoted(folder)} does not exist; check the path") from None
    except (OSError, ValueError):  # where nobody may look, or no file can have the name
        pass
    if folder.is_symlink():
        raise InputError(
            f"{quoted(folder)} is a symbolic link; pass the folder itself, not a link to it"
        )
    raise InputError(f"{quoted(folder)} {otherwise}")


def write_sealed(
    folder: Path, name: str, description: Mapping[str, Any], files: Collection[str]
) -> None:
    """Write the description of a folder, with the SHA-256 of its files and its own.

    Args:
        folder: where the files are.
        name: of the file to write.
        description: what it holds, ready for JSON.
        files: the names of the files.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as name:
        ...     folder = Path(name)
        ...     _ = (folder / "a").write_text("abc")
        ...     write_sealed(folder, "about.json", {"n": 1}, ["a"])
        ...     sealed = Sealed(folder, "about.json", what="model", remedy="save it again")
        ...     sealed.check_own()
        ...     sealed.check_file("a")
        ...     sealed.description["n"]
        1
    """
    digests = {file: sha256(folder / file) for file in files}
    whole = {**description, SHA256: {**digests, name: UNKNOWN}}
    text = with_own_digest(json.dumps(whole, indent=2) + "\n")
    (folder / name).write_bytes(text.encode("utf-8"))
