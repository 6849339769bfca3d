"""Object stores: addresses such as ``s3://bucket/news.csv`` instead of paths, by fsspec.

An input is read as a stream, or fetched into a temporary folder where it has to be mapped or is a
folder. An output is written to a temporary folder, and uploaded when it is complete: the file that
marks a folder as a model or a corpus is removed first and uploaded last, so that nobody reads half
of one. The temporary folder is removed when the program ends.

Every function of this file that talks to a store turns whatever the store answers into an
``InputError`` of one line.
"""

import glob
import io
import os
import re
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard
from urllib.parse import unquote, urlsplit

from topicgen.errors import InputError
from topicgen.extras import needed
from topicgen.files.destination import WHOLE, already_exists
from topicgen.files.rescue import KeptError
from topicgen.plain import quoted

# Two letters at least: C:\ is a drive. fsspec chains by "::", as in simplecache::s3://bucket/key.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+::)*[A-Za-z][A-Za-z0-9+.-]+://")
# Of stores whose packages are an extra; fsspec names those of the others.
_PACKAGES = {"gcs": "gcsfs", "gs": "gcsfs", "s3": "s3fs", "s3a": "s3fs"}
_MARKS = tuple(files[0] for files in WHOLE.values())

AnyPath = str | os.PathLike[str]


def is_address(path: Any) -> TypeGuard[str]:
    r"""Return whether a path is an address in a store, and no local file is called so.

    >>> [is_address(path) for path in ("s3://bucket/key", "memory://a", r"C:\a", "C://a", "a.txt")]
    [True, True, False, False, False]
    """
    return (
        isinstance(path, str)
        and _ADDRESS.match(path) is not None
        and not path.lower().startswith("file://")
        and not os.path.lexists(path)
    )


def local_path(path: AnyPath) -> AnyPath:
    """Return a path without ``file://``; anything else unchanged.

    >>> local_path("file:///tmp/my%20news.txt"), local_path("news.txt"), local_path("s3://b/k")
    ('/tmp/my news.txt', 'news.txt', 's3://b/k')
    """
    if isinstance(path, str) and path.lower().startswith("file://") and not os.path.lexists(path):
        return unquote(urlsplit(path).path)
    return path


# -- reading -----------------------------------------------------------------------------------


def open_input(address: str) -> BinaryIO:
    """Return a stream of the bytes at an address.

    Raises:
        InputError: where it cannot be opened; while reading, where it cannot be read.
    """
    with _explained(address, "read"):
        fs, path = _store(address)
        return io.BufferedReader(_Stored(fs.open(path, "rb"), address), 2**20)


def size(address: str) -> int | None:
    """Return the number of bytes at an address, or None where the store does not say.

    Raises:
        InputError: where nothing is there.
    """
    with _explained(address, "read"):
        fs, path = _store(address)
        if _is_folder(fs, path):
            raise InputError(
                f"expected a file, got {quoted(address)}, which is a folder; name a file"
            )
        found = fs.info(path).get("size")
        return None if found is None else int(found)


def is_prefix(address: str) -> bool:
    """Return whether something is below an address rather than at it.

    Raises:
        InputError: where nothing is there.
    """
    with _explained(address, "read"):
        fs, path = _store(address)
        return _is_folder(fs, path)


def matching(pattern: str) -> list[str]:
    """Return the addresses of the files that match a pattern, sorted.

    Raises:
        InputError: where the store cannot be asked.

    Example:
        >>> import fsspec
        >>> fsspec.filesystem("memory").pipe({"/doc/a.txt": b"", "/doc/b.txt": b"", "/doc/c": b""})
        >>> matching("memory://doc/*.txt")
        ['memory://doc/a.txt', 'memory://doc/b.txt']
    """
    with _explained(pattern, "read"):
        fs, path = _store(pattern)
        found = fs.glob(path, detail=True)
    scheme = pattern[: pattern.index("://") + 3]
    return sorted(
        scheme + name.lstrip("/") for name, info in found.items() if info.get("type") != "directory"
    )


def has_magic(address: str) -> bool:
    """Return whether an address is a pattern."""
    return glob.has_magic(address)


def fetched(path: AnyPath, *, with_sidecars: bool = False) -> AnyPath:
    """Return where a copy of what is at an address lies; a path is returned unchanged.

    What is fetched twice, and is still the same in the store, is one copy.

    Args:
        path: an address, or a path.
        with_sidecars: whether to fetch also the files next to a file that are called like it, or
            "vocab", as formats of corpora have them.

    Raises:
        InputError: where nothing is there, or it cannot be fetched.

    Example:
        >>> import fsspec
        >>> fsspec.filesystem("memory").pipe({"/doc/m/config.json": b"{}", "/doc/m/a/b": b"1"})
        >>> folder = Path(fetched("memory://doc/m"))
        >>> sorted(str(file.relative_to(folder)) for file in folder.rglob("*"))
        ['a', 'a/b', 'config.json']
        >>> fetched("memory://doc/m") == str(folder), fetched("news.csv")
        (True, 'news.csv')
    """
    path = local_path(path)
    if not is_address(path):
        return path
    with _explained(path, "read"):
        fs, root = _store(path)
        found = _found(fs, root, with_sidecars=with_sidecars)
        state = _state(found)
        known = _COPIES.get(path)
        if known is not None and known[1] == state and os.path.exists(known[0]):
            return known[0]
        name = root.rstrip("/").rpartition("/")[2] or "store"
        home = Path(tempfile.mkdtemp(dir=_temporary()))
        copy = home / _safe(name, path)
        is_folder = _is_folder(fs, root)
        if is_folder:
            copy.mkdir()
        base = root.rstrip("/") + "/" if is_folder else root.rpartition("/")[0] + "/"
        remote = [file for file, info in found.items() if info.get("type") != "directory"]
        places = [
            (copy if is_folder else home) / _safe(file.removeprefix(base), path) for file in remote
        ]
        for place in places:
            place.parent.mkdir(parents=True, exist_ok=True)
        fs.get(remote, list(map(str, places)))
        _COPIES[path] = str(copy), state
        return str(copy)


@contextmanager
def fetching(path: AnyPath, *, with_sidecars: bool = False) -> Iterator[AnyPath]:
    """Yield where a copy lies, as ``fetched`` does; errors in the block name the address."""
    copy = fetched(path, with_sidecars=with_sidecars)
    with naming(path, copy):
        yield copy


@contextmanager
def naming(path: AnyPath, copy: AnyPath) -> Iterator[None]:
    """Let errors in the block name an address rather than the copy of what is there."""
    try:
        yield
    except InputError as error:
        if not is_address(path):
            raise
        raise InputError(str(error).replace(str(copy), path)) from error


def named(path: AnyPath) -> AnyPath:
    """Return the address that a fetched copy came from, for messages; other paths unchanged."""
    for address, (copy, _) in _COPIES.items():
        if isinstance(path, str) and (path == copy or path.startswith(copy + os.sep)):
            return address + path[len(copy) :].replace(os.sep, "/")
    return path


def to_recognise(path: AnyPath) -> Path:
    """Return a path whose name, or what is in it, says what is at an address.

    A folder is fetched; of a file there is the name alone.
    """
    path = local_path(path)
    if not is_address(path):
        return Path(path)
    if not has_magic(path):
        with suppress(InputError):  # for those who read it to say
            if is_prefix(path):
                return Path(fetched(path))
    return Path(_temporary(), "not fetched", path.rstrip("/").rpartition("/")[2])


class _Stored(io.RawIOBase):
    """A binary stream that explains what a store answers."""

    def __init__(self, file: Any, address: str) -> None:
        self._file, self._address = file, address
        self._n_bytes = 0

    def tell(self) -> int:
        return self._n_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _explained(self._address, "read"):
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._n_bytes += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


# -- writing -----------------------------------------------------------------------------------


@contextmanager
def held_address(
    address: str,
    kind: str,
    *,
    mark: str | None = None,
    overwrite: bool | None = False,
    sidecars: Sequence[str] = (),
) -> Iterator[None]:
    """Check an address as ``hold`` checks a path; what ``uploading`` may replace is decided here.

    A store has no locks: others may write there meanwhile, and what has appeared is only replaced
    where ``overwrite`` allows it.

    Args and raises are those of ``hold``.
    """
    _check_address(address, kind, mark=mark, overwrite=overwrite)
    parent = address.rstrip("/").rpartition("/")[0]
    for name in sidecars:
        _check_address(f"{parent}/{name}", "file", overwrite=overwrite)
    terms = _TERMS.setdefault(address, [])
    terms.append(bool(overwrite))
    try:
        yield
    finally:
        terms.remove(bool(overwrite))


def _check_address(
    address: str, kind: str, *, mark: str | None = None, overwrite: bool | None = False
) -> None:
    """Check that something may be written to an address, by writing there and removing it again.

    Args:
        address: the destination.
        kind: what will be written, as messages call it.
        mark: the file that identifies a folder of this kind; None where a file will be written.
        overwrite: as for ``hold``.

    Raises:
        InputError: where something is there that must not be replaced, or the store refuses.
    """
    name = quoted(address)
    with _explained(address, "write"):
        fs, path = _store(address)
        if not path.strip("/"):
            raise InputError(f"{name} has no name after the bucket; add the name to write to")
        is_there = fs.exists(path)
        if is_there and overwrite is not None:
            _check_kind(fs, path, name, kind, mark)
        if is_there and not overwrite:
            raise already_exists(name, can_overwrite=overwrite is not None)
        # Only trying tells whether the credentials allow it.
        probe = f"{path.rstrip('/')}.topicgen-{os.getpid()}"
        fs.pipe_file(probe, b"")
        fs.rm_file(probe)


@contextmanager
def uploading(
    address: str, *, sidecars: Sequence[str] = (), overwrite: bool = True
) -> Iterator[Path]:
    """Yield a path to write to, which is uploaded to an address when the block ends without error.

    Args and raises are those of ``whole_file``. Where the upload fails, what was written is kept,
    and the error says where.
    """
    overwrite = overwrite and all(_TERMS.get(address, ()))
    name = address.rstrip("/").rpartition("/")[2]
    home = Path(tempfile.mkdtemp(dir=_temporary()))
    draft = home / _safe(name, address)
    yield draft
    with _explained(address, "write"):
        fs, path = _store(address)
        parent = path.rstrip("/").rpartition("/")[0]
        if not overwrite and (taken := _taken(fs, path, parent, home, sidecars)):
            raise already_exists(quoted(taken))
    try:
        with _explained(address, "write"):
            _upload(fs, path.rstrip("/"), draft)
            for file in home.iterdir():
                if file != draft:
                    fs.put_file(str(file), f"{parent}/{file.name}")
            for name in sidecars:
                if not (home / name).exists() and fs.exists(f"{parent}/{name}"):
                    fs.rm_file(f"{parent}/{name}")
            _COPIES[address] = str(draft), _state(_found(fs, path))
    except InputError as error:
        kept = tempfile.mkdtemp(prefix="topicgen-kept-")
        shutil.copytree(home, kept, dirs_exist_ok=True)
        raise KeptError(error, os.path.join(kept, draft.name)) from error


def _upload(fs: Any, path: str, draft: Path) -> None:
    if draft.is_file():
        fs.put_file(str(draft), path)
        return
    files = [file for file in sorted(draft.rglob("*")) if file.is_file()]
    last = [file for name in _MARKS for file in files if file == draft / name]
    remote = {file: f"{path}/{file.relative_to(draft).as_posix()}" for file in files}
    if fs.exists(path):  # readers find no whole folder from here on until the mark is back
        old = fs.find(path)
        for file in sorted(old, key=lambda file: file.rpartition("/")[2] not in _MARKS):
            fs.rm_file(file)
    for file in [file for file in files if file not in last] + last:
        fs.put_file(str(file), remote[file])


def _taken(fs: Any, path: str, parent: str, home: Path, sidecars: Sequence[str]) -> str | None:
    """Return what is there already, of what would be written; None for nothing."""
    places = [path, *(f"{parent}/{name}" for name in sidecars)]
    places += [f"{parent}/{file.name}" for file in home.iterdir()]
    return next((place for place in places if fs.exists(place)), None)


def _check_kind(fs: Any, path: str, name: str, kind: str, mark: str | None) -> None:
    is_folder = _is_folder(fs, path)
    if mark is None and is_folder:
        raise InputError(f"{name} is a folder, not a file; name a file inside it")
    if mark is not None and not is_folder:
        raise InputError(f"{name} exists but is not a folder; choose another path for the {kind}")
    if mark is not None and not fs.glob(f"{path.rstrip('/')}/{mark}"):
        raise InputError(
            f"{name} exists and holds no {kind} (there is no {mark} in it), so it is never "
            "overwritten; choose another path"
        )


# -- stores ------------------------------------------------------------------------------------

# By address: the copy that was fetched or uploaded, and what the store said of the original.
_COPIES: dict[str, tuple[str, str]] = {}
_TERMS: dict[str, list[bool]] = {}
_HOMES: dict[int, "_Home"] = {}


class _Home:
    """The temporary folder of this process, removed when it ends, but not by a forked child."""

    def __init__(self) -> None:
        self.path = tempfile.mkdtemp(prefix="topicgen-stores-")
        weakref.finalize(self, _remove, self.path, os.getpid())


def _remove(path: str, process: int) -> None:
    if process == os.getpid():
        shutil.rmtree(path, ignore_errors=True)


def _temporary() -> str:
    process = os.getpid()
    if process not in _HOMES or not os.path.isdir(_HOMES[process].path):
        _HOMES[process] = _Home()
    return _HOMES[process].path


def _store(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path in it.

    Raises:
        InputError: where the package of its store is not installed.
    """
    import fsspec

    scheme = urlsplit(address.rpartition("::")[2]).scheme
    if scheme in _PACKAGES:
        with needed(_PACKAGES[scheme], f"{scheme}:// addresses need"):
            import_module(_PACKAGES[scheme])
    fs, path = fsspec.core.url_to_fs(address)
    fs.invalidate_cache()  # what others have written meanwhile
    return fs, str(path)


def _is_folder(fs: Any, path: str) -> bool:
    if fs.isfile(path):
        return False
    if fs.isdir(path):
        return True
    raise FileNotFoundError(path)


def _found(fs: Any, root: str, *, with_sidecars: bool = False) -> dict[str, dict[str, Any]]:
    """Return what the store says of a file, or of all files below a folder, by their paths."""
    if _is_folder(fs, root):
        found: dict[str, dict[str, Any]] = fs.find(root, detail=True)
        return found
    if not with_sidecars:
        return {root: fs.info(root)}
    parent, _, name = root.rpartition("/")
    own = name.partition(".")[0]
    beside = {info["name"]: info for info in fs.ls(parent, detail=True)}
    return {
        path: info
        for path, info in beside.items()
        if info.get("type") != "directory"
        and path.rpartition("/")[2].partition(".")[0] in (own, "vocab", "vocabulary")
    }


def _state(found: dict[str, dict[str, Any]]) -> str:
    """Return what changes when a file does: sizes, times and tags."""
    return repr(sorted((path, repr(sorted(info.items(), key=str))) for path, info in found.items()))


def _safe(name: str, address: str) -> str:
    """Return a name in the store as one below a local folder; no key leads out of that."""
    parts = name.split("/")
    if not name or any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise InputError(
            f"{quoted(name)} in {quoted(address)} cannot be the name of a file; rename it"
        )
    return os.path.join(*parts)


@contextmanager
def _explained(address: str, verb: str) -> Iterator[None]:
    """Turn what a store, or the lack of its library, answers into an ``InputError``."""
    name = quoted(address)
    try:
        yield
    except InputError:
        raise
    except ImportError as error:
        raise InputError(f"cannot {verb} {name}: {_line(error)}; install the package") from error
    except FileNotFoundError as error:
        if verb == "read":
            raise InputError(f"{name} does not exist; check the bucket and the name") from error
        raise InputError(
            f"cannot write {name}: {_line(error)}; create the bucket, or choose another address"
        ) from error
    except PermissionError as error:
        raise InputError(
            f"cannot {verb} {name}: {_line(error)}; check the credentials and their permissions"
        ) from error
    except Exception as error:  # of any library
        raise InputError(
            f"cannot {verb} {name}: {_line(error)}; check the address, the credentials and the "
            "network"
        ) from error


def _line(error: BaseException) -> str:
    """Return what an error says in one line of at most 200 characters."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else text[:199] + "…"
