import errno
import os
import re
import subprocess
import sys

import pytest

from topicgen.errors import InputError
from topicgen.files import whole_file, whole_folder

FAILURES = pytest.mark.parametrize(
    "failure", [ValueError("no"), KeyboardInterrupt()], ids=["error", "Ctrl-C"]
)


def write_folder(path, text, fail=None):
    with whole_folder(path) as draft:
        (draft / "file").write_text(text)
        if fail is not None:
            raise fail


def write_file(path, text, fail=None):
    with whole_file(path) as draft:
        draft.write_text(text)
        if fail is not None:
            raise fail


def read(path):
    return (path / "file" if path.is_dir() else path).read_text()


WRITERS = pytest.mark.parametrize("write", [write_folder, write_file], ids=["folder", "file"])


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


@WRITERS
def test_what_was_written_stands_in_its_place(tmp_path, write):
    write(tmp_path / "new", "a")
    assert read(tmp_path / "new") == "a"
    assert os.listdir(tmp_path) == ["new"]


def test_nothing_is_there_before_the_end(tmp_path):
    with whole_file(tmp_path / "new") as draft:
        draft.write_text("a")
        assert not (tmp_path / "new").exists()


@WRITERS
def test_what_stood_there_is_replaced_as_a_whole(tmp_path, write):
    write(tmp_path / "new", "a")
    if write is write_folder:
        (tmp_path / "new" / "other").touch()
    write(tmp_path / "new", "b")
    assert set(content(tmp_path).values()) == {"b"}


@WRITERS
def test_a_relative_path_is_relative_to_the_folder_of_the_start(tmp_path, monkeypatch, write):
    monkeypatch.chdir(tmp_path)
    write("new", "a")
    assert read(tmp_path / "new") == "a"


@WRITERS
@FAILURES
def test_what_fails_leaves_what_was_there(tmp_path, write, failure):
    with pytest.raises(type(failure)):
        write(tmp_path / "new", "a", failure)
    assert os.listdir(tmp_path) == []
    write(tmp_path / "new", "a")
    with pytest.raises(type(failure)):
        write(tmp_path / "new", "b", failure)
    assert read(tmp_path / "new") == "a"
    assert os.listdir(tmp_path) == ["new"]


@WRITERS
def test_a_full_disk_is_told_with_the_path(tmp_path, write):
    write(tmp_path / "new", "old")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    message = f"cannot write {str(tmp_path / 'new')!r}: {full.strerror}; nothing was changed"
    with pytest.raises(InputError, match=re.escape(message)):
        write(tmp_path / "new", "half", full)
    assert read(tmp_path / "new") == "old"
    assert os.listdir(tmp_path) == ["new"]


@WRITERS
def test_two_at_once_are_refused(tmp_path, write):
    message = r"cannot write .*new' while another program is writing it.*wait for that to finish"
    with whole_file(tmp_path / "new") as draft:
        draft.write_text("a")
        with pytest.raises(InputError, match=message):
            write(tmp_path / "new", "b")
    assert (tmp_path / "new").read_text() == "a"


@WRITERS
def test_a_file_system_without_locks_is_written(tmp_path, write, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def no_locks(*_):
        raise OSError(errno.EBADF, "as NFS does")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    write(tmp_path / "new", "a")
    assert read(tmp_path / "new") == "a"


@WRITERS
def test_a_missing_folder_is_told(tmp_path, write):
    with pytest.raises(InputError, match=r"cannot write .*No such file or directory"):
        write(tmp_path / "no" / "new", "a")


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_files_have_the_mode_that_the_umask_allows(tmp_path, umask):
    program = f"""
import os
from topicgen.files import whole_file, whole_folder
os.umask({umask})
with whole_folder({str(tmp_path / "folder")!r}) as draft:
    os.close(os.open(draft / "file", os.O_CREAT, 0o600))  # as safetensors does
    (draft / "inner").mkdir()
    os.close(os.open(draft / "inner" / "file", os.O_CREAT, 0o666))
with whole_file({str(tmp_path / "file")!r}) as draft:
    os.close(os.open(draft, os.O_CREAT, 0o600))
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    for path in tmp_path.rglob("*"):
        allowed = (0o777 if path.is_dir() else 0o666) & ~umask
        assert path.stat().st_mode & 0o777 == allowed, path


@WRITERS
def test_a_link_is_followed_and_kept(tmp_path, write):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "new")
    for text in ("a", "b"):
        write(tmp_path / "link", text)
        assert (tmp_path / "link").is_symlink()
        assert read(tmp_path / "disk" / "new") == text
    assert sorted(os.listdir(tmp_path)) == ["disk", "link"]
    assert os.listdir(tmp_path / "disk") == ["new"]


@WRITERS
def test_a_way_up_from_a_link_is_that_of_the_system(tmp_path, write):
    (tmp_path / "disk" / "inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk" / "inner")
    write(tmp_path / "link" / ".." / "new", "a")
    assert read(tmp_path / "disk" / "new") == "a"


@WRITERS
def test_a_name_that_is_taken_by_a_file_is_told(tmp_path, write):
    (tmp_path / ".new.partial").touch()
    with pytest.raises(InputError, match=r"cannot write .*new': File exists; nothing was changed"):
        write(tmp_path / "new", "a")


def write_several(path, text, names=("a", "a.vocab"), **options):
    with whole_file(path, sidecars=["a.vocab", "a.ids"], **options) as draft:
        for name in names:
            draft.with_name(name).write_text(text)


def test_sidecars_come_and_go_with_their_file(tmp_path):
    write_several(tmp_path / "a", "1", ["a", "a.vocab", "a.ids", "other"])
    assert content(tmp_path) == dict.fromkeys(["a", "a.vocab", "a.ids", "other"], "1")
    write_several(tmp_path / "a", "2")
    assert content(tmp_path) == {"a": "2", "a.vocab": "2", "other": "1"}


@pytest.mark.parametrize("there", ["a", "a.vocab", "a.ids", "other"])
def test_what_is_there_is_refused_unless_it_may_be_replaced(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(InputError, match=f"{there}' already exists; choose another path, or pass"):
        write_several(tmp_path / "a", "1", ["a", "other"], overwrite=False)
    assert content(tmp_path) == {there: "mine"}


def test_a_link_with_sidecars_is_replaced(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "a").write_text("mine")
    (tmp_path / "a").symlink_to(tmp_path / "disk" / "a")
    write_several(tmp_path / "a", "1")
    assert content(tmp_path) == {"a": "1", "a.vocab": "1", "disk/a": "mine"}
    assert not (tmp_path / "a").is_symlink()


def test_a_folder_never_takes_the_place_of_a_file_nor_a_file_that_of_a_folder(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "a.ids").mkdir()
    with pytest.raises(InputError, match=r"cannot write a folder to .*file', which is a file"):
        write_folder(tmp_path / "file", "a")
    with pytest.raises(InputError, match=r"cannot write a file to .*a.ids', which is a folder"):
        write_several(tmp_path / "a", "1", ["a", "a.ids"])
    assert sorted(os.listdir(tmp_path)) == ["a.ids", "file"]


@pytest.mark.parametrize("failure", [OSError(errno.EIO, "broken disk"), KeyboardInterrupt()])
@pytest.mark.parametrize("at", range(6))
def test_an_end_between_the_renames_leaves_what_was_there(tmp_path, monkeypatch, failure, at):
    write_several(tmp_path / "a", "1", ["a", "a.vocab", "a.ids"])
    before, rename, calls = content(tmp_path), os.rename, []

    def fail_once(source, target):
        calls.append(source)
        if len(calls) == at + 1:
            raise failure
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail_once)
    if at == 5:  # three old files and two new ones: there is no sixth rename
        write_several(tmp_path / "a", "2")
        assert len(calls) == 5
        return
    with pytest.raises((InputError, KeyboardInterrupt)):
        write_several(tmp_path / "a", "2")
    assert content(tmp_path) == before


def kill_within(program):
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode < 0, run.stderr


def test_what_a_killed_program_left_is_cleared(tmp_path):
    kill_within(f"""
import os, signal
from topicgen.files import whole_folder
with whole_folder({str(tmp_path / "new")!r}) as draft:
    (draft / "leftover").mkdir()
    (draft / "leftover" / "file").touch()
    (draft / "another").touch()
    os.kill(os.getpid(), signal.SIGKILL)
""")
    assert os.listdir(tmp_path) == [".new.partial"]
    write_folder(tmp_path / "new", "a")
    assert content(tmp_path) == {"new/file": "a"}


@pytest.mark.parametrize("at", range(4))
def test_a_program_killed_between_the_renames_costs_nothing(tmp_path, at):
    write_several(tmp_path / "a", "1")
    kill_within(f"""
import os, signal
from topicgen.files import whole_file
rename, calls = os.rename, []
def killed(source, target):
    if len(calls) == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    calls.append(source)
    rename(source, target)
os.rename = killed
with whole_file({str(tmp_path / "a")!r}) as draft:
    draft.write_text("2")
    draft.with_name("a.vocab").write_text("2")
""")
    with pytest.raises(ValueError, match="no"):
        write_file(tmp_path / "a", "3", ValueError("no"))
    assert content(tmp_path) == {"a": "1", "a.vocab": "1"}
