import errno
import itertools
import os
from functools import partial
from pathlib import Path

import pytest
from campaigns.killing import killed_at

from topicgen.errors import InputError
from topicgen.files import exchange, restored, swap, whole_file, whole_folder


def write_folder(path, text, names=("a", "b")):
    with whole_folder(path) as draft:
        (draft / "inner").mkdir()
        for name in names:
            (draft / "inner" / name).write_text(text)


def write_file(path, text):
    with whole_file(path) as draft:
        draft.write_text(text)


def write_several(path, text, names=("new", "new.vocab")):
    with whole_file(path, sidecars=["new.vocab", "new.ids"]) as draft:
        for name in names:
            draft.with_name(name).write_text(text)


def write_all(path, text):
    write_several(path, text, ("new", "new.vocab", "new.ids"))


def content(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file()
    }


def visible(folder):
    return {name: text for name, text in content(folder).items() if not name.startswith(".")}


WRITERS = pytest.mark.parametrize(
    "write", [write_folder, write_file, write_several], ids=["folder", "file", "several"]
)
SYSTEMS = pytest.mark.parametrize("has_exchange", [True, False], ids=["exchange", "renames"])


@pytest.fixture
def system(monkeypatch, has_exchange):
    if not has_exchange:
        monkeypatch.setattr(exchange, "_system_call", lambda: None)
    elif exchange._system_call() is None:
        pytest.skip("this system cannot exchange two names")


def whole_states(tmp_path, write, first):
    """Return what is there before a program and after it."""
    states = []
    for text in ("old", "new"):
        if text == "new" or first is not None:
            (first if text == "old" else write)(tmp_path / "new", text)
        states.append(content(tmp_path))
    return states


@SYSTEMS
@WRITERS
@pytest.mark.parametrize("is_there", [False, True], ids=["free", "taken"])
def test_a_program_killed_at_any_moment_loses_and_leaves_nothing(
    tmp_path, write, is_there, system, has_exchange
):
    first = None if not is_there else write_all if write is write_several else write
    (tmp_path / "model").mkdir()
    old, new = whole_states(tmp_path / "model", write, first)
    for at in itertools.count():
        home = tmp_path / str(at)
        home.mkdir()
        if first is not None:
            first(home / "new", "old")
        was_killed = killed_at(at, home, partial(write, home / "new", "new"))
        found = visible(home)
        if write is not write_several and (has_exchange or write is write_file):
            assert found in (old, new), at
        restored(home / "new")
        after = visible(home)
        assert after in (old, new) or ("new" not in after and not is_there), at
        with pytest.raises(ValueError, match="no"), whole_file(home / "other"):
            raise ValueError("no")
        with pytest.raises((InputError, ValueError)), whole_file(home / "new"):
            raise ValueError("no")
        assert content(home) in (old, new), at
        write(home / "new", "new")
        assert content(home) == new, at
        if not was_killed:
            break
    assert at > 8


def test_the_main_file_is_out_of_the_way_while_the_others_move(tmp_path, monkeypatch):
    seen = []
    write_all(tmp_path / "new", "old")

    def watch(call):
        def watched(source, target, **options):
            seen.append(visible(tmp_path))
            call(source, target, **options)

        return watched

    monkeypatch.setattr(os, "rename", watch(os.rename))
    monkeypatch.setattr(swap, "move_new", watch(swap.move_new))
    write_several(tmp_path / "new", "new")
    with_main = [found for found in seen if "new" in found]
    assert len(seen) == 6  # the plan, three old files, two new ones
    assert with_main == [dict.fromkeys(["new", "new.vocab", "new.ids"], "old")] * 2
    assert visible(tmp_path) == {"new": "new", "new.vocab": "new"}


FAILURES = [OSError(errno.EIO, "broken disk"), KeyboardInterrupt()]


@pytest.mark.parametrize("failure", FAILURES, ids=["error", "Ctrl-C"])
@pytest.mark.parametrize("at", range(6))
def test_an_end_between_the_moves_leaves_what_was_there(tmp_path, monkeypatch, failure, at):
    write_all(tmp_path / "new", "old")
    before, calls = content(tmp_path), []

    def fail_once(call):
        def failing(source, target, **options):
            calls.append(source)
            if len(calls) == at + 1:
                raise failure
            call(source, target, **options)

        return failing

    monkeypatch.setattr(os, "rename", fail_once(os.rename))
    monkeypatch.setattr(swap, "move_new", fail_once(swap.move_new))
    with pytest.raises((InputError, KeyboardInterrupt)) as caught:
        write_several(tmp_path / "new", "new")
    if isinstance(failure, OSError):  # the result is not lost
        assert f"kept in {str(tmp_path / 'new.kept')!r}" in str(caught.value)
        kept = {"new.kept/new": "new", "new.kept/new.vocab": "new"}
        assert content(tmp_path) == before | kept
    else:
        assert content(tmp_path) == before


@SYSTEMS
@pytest.mark.parametrize("write", [write_folder, write_file], ids=["folder", "file"])
def test_what_appears_meanwhile_is_replaced_only_where_it_may_be(tmp_path, write, system):
    def appears(overwrite):
        writer = whole_folder if write is write_folder else whole_file
        with writer(tmp_path / "new", overwrite=overwrite) as draft:
            target = draft / "a" if write is write_folder else draft
            target.write_text("mine")
            write(tmp_path / "theirs", "theirs")
            os.rename(tmp_path / "theirs", tmp_path / "new")

    kept = str(tmp_path / "new.kept")
    with pytest.raises(InputError, match=f"new' already exists; .* is kept in {kept!r}$"):
        appears(overwrite=False)
    found = content(tmp_path)
    assert {text for name, text in found.items() if name.startswith("new.kept/")} == {"mine"}
    assert {text for name, text in found.items() if name.startswith("new/") or name == "new"} == {
        "theirs"
    }


def test_a_file_that_appears_among_the_moves_is_not_replaced(tmp_path, monkeypatch):
    write_all(tmp_path / "new", "old")
    move = swap.move_new

    def move_late(source, target):
        if target.name == "new.vocab" and not target.exists():
            Path(target).write_text("theirs")
        move(source, target)

    monkeypatch.setattr(swap, "move_new", move_late)
    with (
        pytest.warns(UserWarning, match=r"another program has written .*; what was there before"),
        pytest.raises(InputError, match=r"new.vocab' already exists"),
    ):
        write_several(tmp_path / "new", "new")
    assert content(tmp_path) == {
        "new": "old",
        "new.ids": "old",
        "new.vocab": "theirs",
        "new.kept/new.vocab": "old",
        "new.kept-2/new": "new",
        "new.kept-2/new.vocab": "new",
    }


def test_what_cannot_be_kept_nearby_is_kept_among_temporary_files(tmp_path, monkeypatch):
    import shutil
    import tempfile

    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))

    def refuse(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(swap, "move_new", refuse)
    monkeypatch.setattr("topicgen.files.rescue.move_new", refuse)
    with pytest.raises(InputError, match=r"Read-only file system; .*kept in .*/tmp/topicgen-"):
        write_file(tmp_path / "new", "a")
    assert [path.read_text() for path in (tmp_path / "tmp").glob("*/new.kept/new")] == ["a"]
    shutil.rmtree(tmp_path / "tmp")
    assert os.listdir(tmp_path) == []
