import errno
import os

import pytest

from topicgen.cli.outputs import (
    check_model_folder,
    check_output_file,
    default_model_name,
    written_whole,
)
from topicgen.errors import InputError


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("corpus.txt", "corpus-model"),
        ("a/b/corpus.CSV.gz", "corpus-model"),
        ("corpus.v2.txt", "corpus.v2-model"),
        ("corpus", "corpus-model"),
        ("-", "topicgen-model"),
    ],
)
def test_default_name_of_a_file(source, name):
    assert default_model_name([source]) == name


def test_default_name_of_a_folder_is_its_whole_name(tmp_path, monkeypatch):
    folder = tmp_path / "news.2024"
    folder.mkdir()
    assert default_model_name([f"{folder}/"]) == "news.2024-model"
    monkeypatch.chdir(folder)
    assert default_model_name(["."]) == "news.2024-model"


def test_a_new_folder_and_a_model_to_overwrite_pass_and_are_left_as_they_are(tmp_path):
    check_model_folder(str(tmp_path / "new"), overwrite=False)
    (tmp_path / "config.json").touch()
    check_model_folder(str(tmp_path), overwrite=True)
    assert os.listdir(tmp_path) == ["config.json"]


def test_a_folder_that_exists_is_refused(tmp_path):
    with pytest.raises(InputError, match=f"{str(tmp_path)!r}, which exists; pass --overwrite"):
        check_model_folder(str(tmp_path), overwrite=False)


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_what_is_no_model_is_never_overwritten(tmp_path, kind):
    path = tmp_path / "notes"
    {"file": path.touch, "folder": path.mkdir, "dangling link": lambda: path.symlink_to("no")}[
        kind
    ]()
    with pytest.raises(InputError, match=r"a model folder, got .*holds no config\.json"):
        check_model_folder(str(path), overwrite=True)


def test_a_missing_parent_is_refused(tmp_path):
    with pytest.raises(InputError, match="no', which does not exist; create it"):
        check_model_folder(str(tmp_path / "no" / "model"), overwrite=False)


def test_a_parent_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="got 'Not a directory' from the system; make room"):
        check_model_folder(str(tmp_path / "file" / "model"), overwrite=False)


def test_a_parent_that_cannot_be_written_is_refused(tmp_path, monkeypatch):
    # Not with chmod: the tests may run as root, whom nothing stops.
    def deny(*args, **kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("tempfile.mkdtemp", deny)
    for check in (check_model_folder, check_output_file):
        with pytest.raises(InputError, match="got 'Read-only file system' from the system"):
            check(str(tmp_path / "new"), overwrite=False)


def test_an_output_file_that_exists_needs_overwrite_and_a_folder_is_none(tmp_path):
    path = tmp_path / "theta.csv"
    check_output_file(str(path), overwrite=False)
    path.touch()
    check_output_file(str(path), overwrite=True)
    with pytest.raises(InputError, match=r"theta\.csv', which exists; pass --overwrite"):
        check_output_file(str(path), overwrite=False)
    with pytest.raises(InputError, match="a folder; name a file in it"):
        check_output_file(str(tmp_path), overwrite=True)


def test_a_file_appears_whole(tmp_path):
    path = tmp_path / "theta.csv"
    with written_whole(str(path)) as partial:
        with open(partial, "w") as stream:
            stream.write("words")
        assert not path.exists()
    assert path.read_text() == "words"
    assert os.listdir(tmp_path) == ["theta.csv"]


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, failure):
    path = tmp_path / "theta.csv"
    path.write_text("old")
    with (
        pytest.raises(InputError if isinstance(failure, OSError) else KeyboardInterrupt),
        written_whole(str(path)) as partial,
        open(partial, "w"),
    ):
        raise failure
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["theta.csv"]
