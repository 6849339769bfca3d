import os

import pytest

from topicgen.cli.outputs import check_model_folder, default_model_name
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


def test_what_is_no_model_is_never_overwritten(tmp_path):
    with pytest.raises(InputError, match=r"holds no model \(there is no config\.json in it\)"):
        check_model_folder(str(tmp_path), overwrite=True)
