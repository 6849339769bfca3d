import os
import subprocess
import sys
from pathlib import Path

import pytest

from topicgen.errors import InputError
from topicgen.files import stores


def test_paths_are_no_addresses():
    for path in (
        "news.csv",
        "C:\\news.csv",
        "C:/news.csv",
        "./s3://a",
        "a b://c",
        "file:///a",
        "://",
    ):
        assert not stores.is_address(path)
    for address in ("s3://bucket/key", "gs://b/k", "memory://a", "simplecache::s3://bucket/key"):
        assert stores.is_address(address)
    assert not stores.is_address(Path("s3://bucket/key"))


def test_the_temporary_folder_is_removed_at_exit_but_not_by_a_fork():
    program = """
import fsspec, os, sys
from topicgen.files import stores
fsspec.filesystem("memory").pipe({"/a/m/config.json": b"{}"})
copy = stores.fetched("memory://a/m")
child = os.fork()
if not child:
    sys.exit(0)
os.waitpid(child, 0)
print(copy, os.path.isdir(copy))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, check=True
    )
    copy, was_there = done.stdout.split()
    assert was_there == "True"
    assert not os.path.exists(copy)
    assert not os.path.exists(os.path.dirname(os.path.dirname(copy)))


def test_what_is_held_is_not_replaced_where_it_appears_meanwhile():
    import fsspec

    fs = fsspec.filesystem("memory")
    address = f"memory://{os.urandom(4).hex()}/theta.csv"

    def write() -> None:
        with stores.held_address(address, "file"), stores.uploading(address) as draft:
            draft.write_text("mine")
            fs.pipe(address, b"theirs")

    with pytest.raises(InputError, match="already exists"):
        write()
    assert fs.cat(address) == b"theirs"


def test_a_new_version_is_fetched_anew():
    import fsspec

    address = f"memory://{os.urandom(4).hex()}/a.csv"
    fs = fsspec.filesystem("memory")
    fs.pipe(address, b"old")
    copy = stores.fetched(address)
    assert stores.fetched(address) == copy
    fs.pipe(address, b"newer")
    assert Path(stores.fetched(address)).read_bytes() == b"newer"
    assert stores.named(stores.fetched(address)) == address
