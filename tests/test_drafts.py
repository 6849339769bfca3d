import os
import subprocess
import sys

import pytest

from topicgen.drafts import drafted
from topicgen.errors import InputError


def write(folder, text, fail=None):
    with drafted(folder) as draft:
        (draft / "file").write_text(text)
        if fail is not None:
            raise fail


def test_what_was_written_stands_in_its_place(tmp_path):
    write(tmp_path / "new", "a")
    assert (tmp_path / "new" / "file").read_text() == "a"
    assert os.listdir(tmp_path) == ["new"]


def test_what_stood_there_is_replaced(tmp_path):
    write(tmp_path / "new", "a")
    (tmp_path / "new" / "other").touch()
    write(tmp_path / "new", "b")
    assert (tmp_path / "new" / "file").read_text() == "b"
    assert os.listdir(tmp_path / "new") == ["file"]
    assert os.listdir(tmp_path) == ["new"]


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()], ids=["error", "Ctrl-C"])
def test_what_fails_leaves_nothing_new(tmp_path, error):
    with pytest.raises(type(error)):
        write(tmp_path / "new", "a", error)
    assert os.listdir(tmp_path) == []
    write(tmp_path / "new", "a")
    with pytest.raises(type(error)):
        write(tmp_path / "new", "b", error)
    assert (tmp_path / "new" / "file").read_text() == "a"
    assert os.listdir(tmp_path) == ["new"]


def test_two_at_once_are_refused(tmp_path):
    message = r"expected to be alone in writing .*\.new\.partial.*wait for it to end"
    with drafted(tmp_path / "new") as draft:
        (draft / "file").write_text("a")
        with pytest.raises(InputError, match=message):
            write(tmp_path / "new", "b")
    assert (tmp_path / "new" / "file").read_text() == "a"


def test_what_a_killed_program_left_is_cleared(tmp_path):
    killed = f"""
import os, signal
from topicgen.drafts import drafted
with drafted({str(tmp_path / "new")!r}) as draft:
    (draft / "leftover").mkdir()
    (draft / "leftover" / "file").touch()
    (draft / "another").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", killed], check=False)
    assert sorted(os.listdir(tmp_path / ".new.partial")) == ["another", "leftover"]
    write(tmp_path / "new", "a")
    assert os.listdir(tmp_path / "new") == ["file"]
