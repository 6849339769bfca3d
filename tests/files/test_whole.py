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
    message = r"cannot write .*new' while this program is writing it already; wait for that"
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
    monkeypatch.setattr(fcntl, "lockf", no_locks)
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


def write_several(path, text, names=("a", "a.vocab"), **options):
    with whole_file(path, sidecars=["a.vocab", "a.ids"], **options) as draft:
        for name in names:
            draft.with_name(name).write_text(text)


def test_sidecars_come_and_go_with_their_file(tmp_path):
    write_several(tmp_path / "a", "1", ["a", "a.vocab", "a.ids", "other"])
    assert content(tmp_path) == dict.fromkeys(["a", "a.vocab", "a.ids", "other"], "1")
    write_several(tmp_path / "a", "2")
    assert content(tmp_path) == {"a": "2", "a.vocab": "2", "other": "1"}


@pytest.mark.parametrize("there", ["a", "a.vocab", "a.ids"])
def test_what_is_there_is_refused_unless_it_may_be_replaced(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(InputError, match=f"{there}' already exists; choose another path, or pass"):
        write_several(tmp_path / "a", "1", ["a", "other"], overwrite=False)
    assert content(tmp_path) == {there: "mine"}


def test_what_turns_out_to_be_in_the_way_is_not_replaced_and_what_was_written_is_kept(tmp_path):
    (tmp_path / "other").write_text("mine")
    kept = str(tmp_path / "a.kept")
    with pytest.raises(InputError, match=f"other' already exists.*; .* is kept in {kept!r}$"):
        write_several(tmp_path / "a", "1", ["a", "other"], overwrite=False)
    assert content(tmp_path) == {"other": "mine", "a.kept/a": "1", "a.kept/other": "1"}


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
        write_file(tmp_path / "a.ids", "a")
    assert sorted(os.listdir(tmp_path)) == ["a.ids", "file"]


def test_long_names_are_written(tmp_path):
    name = "ü" * 120 + ".txt"
    write_file(tmp_path / name, "a")
    assert content(tmp_path) == {name: "a"}


def test_a_link_or_folder_with_the_name_of_a_draft_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis").write_text("text")
    for name in (".new.partial", ".new.abcdefgh.topicgen"):
        (tmp_path / name).symlink_to(tmp_path / "mine")
    (tmp_path / ".new.abcdefgi.topicgen").mkdir()
    (tmp_path / ".new.abcdefgi.topicgen" / "thesis").write_text("text")
    before = sorted(os.listdir(tmp_path))
    write_file(tmp_path / "new", "a")
    assert sorted(os.listdir(tmp_path)) == [*before, "new"]
    assert list(content(tmp_path).values()).count("text") == 2
