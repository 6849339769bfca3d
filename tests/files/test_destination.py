import errno
import os
import re
from pathlib import Path

import pytest

from topicgen.errors import InputError
from topicgen.files import hold


def check_destination(path, kind, **rules):
    with hold(path, kind, **rules) as checked:
        return checked


def check_model(path, *, overwrite=False):
    return check_destination(path, "model", mark="config.json", overwrite=overwrite)


def check_file(path, *, overwrite=False):
    return check_destination(path, "file", overwrite=overwrite)


def refused(message):
    return pytest.raises(InputError, match=re.escape(message))


@pytest.mark.parametrize("check", [check_model, check_file])
@pytest.mark.parametrize("overwrite", [False, True])
def test_a_new_path_comes_back_as_it_is_and_nothing_is_made(tmp_path, check, overwrite):
    assert check(str(tmp_path / "new"), overwrite=overwrite) == tmp_path / "new"
    assert os.listdir(tmp_path) == []


def test_a_relative_path_stays_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(check_model("new")) == "new"


def test_what_is_of_the_kind_is_replaced_only_when_asked(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").touch()
    (tmp_path / "theta.csv").touch()
    for check, name in ((check_model, "model"), (check_file, "theta.csv")):
        assert check(tmp_path / name, overwrite=True) == tmp_path / name
        with refused(f"{name}' already exists; choose another path, or pass --overwrite"):
            check(tmp_path / name)


def test_a_caller_that_never_replaces_does_not_suggest_it(tmp_path):
    with pytest.raises(InputError, match=r"already exists; choose another path$"):
        check_destination(tmp_path, "corpus", overwrite=None)


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_is_of_another_kind_is_never_replaced(tmp_path, overwrite):
    (tmp_path / "notes").touch()
    (tmp_path / "thesis").mkdir()
    with refused("notes' exists but is not a folder; choose another path for the model"):
        check_model(tmp_path / "notes", overwrite=overwrite)
    with refused("thesis' exists and holds no model (there is no config.json in it)"):
        check_model(tmp_path / "thesis", overwrite=overwrite)
    with refused("thesis' is a folder, not a file; name a file inside it"):
        check_file(tmp_path / "thesis", overwrite=overwrite)


def test_a_mark_must_be_a_file_and_may_be_a_pattern(tmp_path):
    (tmp_path / "a.mm").mkdir()
    with refused("(there is no *.mm in it)"):
        check_destination(tmp_path, "corpus", mark="*.mm", overwrite=True)
    (tmp_path / "b.mm").touch()
    check_destination(tmp_path, "corpus", mark="*.mm", overwrite=True)


def test_a_device_is_never_replaced():
    with refused("'/dev/null' is not a regular file"):
        check_file("/dev/null", overwrite=True)


@pytest.mark.parametrize("check", [check_model, check_file])
def test_a_link_stands_for_what_it_points_to(tmp_path, check):
    (tmp_path / "link").symlink_to(tmp_path / "new")
    assert check(tmp_path / "link") == tmp_path / "link"
    (tmp_path / "lost").symlink_to(tmp_path / "no" / "new")
    with refused(f"the folder {str(tmp_path / 'no')!r} does not exist"):
        check(tmp_path / "lost")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with refused("loop'"):
        check(tmp_path / "loop", overwrite=True)


def test_an_empty_path_is_refused():
    with refused("the path of the model is empty"):
        check_model("")


def test_a_missing_folder_is_refused(tmp_path):
    with refused(f"the folder {str(tmp_path / 'no')!r} does not exist; create it, or choose"):
        check_model(tmp_path / "no" / "model")
    assert os.listdir(tmp_path) == []


def test_a_file_for_a_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with refused(f"{str(tmp_path / 'file')!r} is not a folder; choose another path"):
        check_model(tmp_path / "file" / "model")


@pytest.mark.parametrize("check", [check_model, check_file])
def test_a_folder_that_cannot_be_written_is_refused(tmp_path, monkeypatch, check):
    # Not with chmod: the tests may run as root, whom nothing stops.
    def deny(*args, **kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", deny)
    with refused(f"new' in the folder {str(tmp_path)!r}: Read-only file system; nothing was"):
        check(tmp_path / "new")


def test_messages_are_one_line(tmp_path):
    (tmp_path / "a\nb").touch()
    with pytest.raises(InputError) as caught:
        check_file(tmp_path / "a\nb")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("check", [check_model, check_file])
def test_a_name_that_is_too_long_is_refused(tmp_path, check):
    with refused("File name too long; nothing was changed"):
        check(tmp_path / ("n" * 256))
    assert check(tmp_path / ("n" * 255)).name == "n" * 255
    assert os.listdir(tmp_path) == []


def test_a_path_with_a_zero_byte_is_refused():
    with refused(r"'a\x00b' is not a path"):
        check_model("a\0b")


def test_a_folder_where_a_disk_is_mounted_is_refused(tmp_path, monkeypatch):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").touch()
    monkeypatch.setattr(os.path, "ismount", lambda path: path == tmp_path / "model")
    with refused("model' is where a disk is mounted"):
        check_model(tmp_path / "model", overwrite=True)
