import os
import tempfile
from functools import partial

import click
import pytest

from topicgen.cli.outputs import (
    default_model_name,
    hold_file,
    hold_model_folder,
    save_or_rescue,
)
from topicgen.errors import InputError
from topicgen.files import whole_folder


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


def in_command(act):
    with click.Context(click.Command("fit")):
        return act()


def test_a_model_folder_is_held_until_the_command_ends(tmp_path):
    (tmp_path / "config.json").touch()
    with click.Context(click.Command("fit")):
        hold_model_folder(str(tmp_path / "new"), overwrite=False)
        hold_model_folder(str(tmp_path), overwrite=True)
        assert len(os.listdir(tmp_path)) == 2
    assert os.listdir(tmp_path) == ["config.json"]


def test_what_is_no_model_is_never_overwritten(tmp_path):
    with pytest.raises(InputError, match=r"holds no model \(there is no config\.json in it\)"):
        in_command(lambda: hold_model_folder(str(tmp_path), overwrite=True))


@pytest.mark.parametrize("hold", [hold_model_folder, hold_file])
def test_a_path_that_means_standard_output_is_refused(hold):
    with pytest.raises(InputError, match=r"cannot be '-' \(standard output\); name a file"):
        in_command(lambda: hold("-", overwrite=True))


@pytest.mark.parametrize("hold", [hold_model_folder, hold_file])
@pytest.mark.parametrize(
    ("kind", "files"),
    [
        ("model", ["config.json", "weights.safetensors"]),
        ("corpus", ["corpus.json", "vocabulary.json"]),
    ],
)
def test_nothing_is_written_into_a_folder_that_is_replaced_as_a_whole(tmp_path, hold, kind, files):
    for name in files:
        (tmp_path / name).touch()
    (tmp_path / "inner").mkdir()
    for path in (tmp_path / "new", tmp_path / "inner" / "new"):
        with pytest.raises(InputError, match=f"new' is inside the {kind} folder .*path outside"):
            in_command(partial(hold, str(path), overwrite=True))


def save_into(path):
    with whole_folder(path) as draft:
        (draft / "weights").write_text("dear")


def test_what_cannot_be_saved_at_its_place_is_saved_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    save_or_rescue(save_into, str(tmp_path / "model"))
    assert (tmp_path / "model" / "weights").read_text() == "dear"
    with pytest.raises(InputError, match=r"No such file.*; what was written is kept in ") as error:
        save_or_rescue(save_into, str(tmp_path / "gone" / "model"))
    kept = next((tmp_path / "tmp").glob("topicgen-*/model"))
    assert str(error.value).endswith(repr(str(kept)))
    assert (kept / "weights").read_text() == "dear"


def test_where_nothing_can_be_saved_the_first_reason_is_given(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def fail(path):
        raise InputError(f"no {path}")

    with pytest.raises(InputError, match=r"^no a$"):
        save_or_rescue(fail, "a")
