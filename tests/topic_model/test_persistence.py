import errno
import json
import os
import shutil
from dataclasses import fields, replace

import numpy as np
import pytest
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from topicgen.errors import InputError
from topicgen.topic_model import persistence
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.fitted import Evidence, Fitted, Origin, Structure
from topicgen.topic_model.occurrence import Occurrence
from topicgen.topic_model.persistence import FORMAT_VERSION, load_fitted, save_fitted

FILES = ["config.json", "training.safetensors", "vocabulary.json", "weights.safetensors"]
PARAMETERS = {"n_components": 2, "latent": "poisson", "temperature": [1.0, 0.25], "seed": None}
VOCABULARY = ["bank", "naïve", "日本", "a\u2028b", '"']


@pytest.fixture
def fitted():
    random = np.random.default_rng(0)
    weights = {
        "topic_logits": random.normal(size=(2, 5)).astype(np.float32),
        "free": np.ones((2, 1), dtype=np.float32),
        "log_frequency": np.log(np.full(5, 0.2, dtype=np.float32)),
        "prior_logits": random.normal(size=(2, 3)).astype(np.float32),
        "atoms": np.arange(3, dtype=np.float32),
        "turned": random.normal(size=(5, 2)).T,
        "empty": np.zeros((0, 4)),
        "scalar": np.array(3.5),
    }
    return Fitted(
        structure=Structure("poisson", "multinomial", "explicit"),
        weights=weights,
        vocabulary=VOCABULARY,
        recipe=None,
        has_feature_names=False,
        evidence=Evidence(
            7,
            31.0,
            random.dirichlet(np.ones(3), 2),
            np.array([0.25, 0.75]),
            Occurrence(*random.random((4, 3, 2))),
        ),
        history=({"epoch": 1, "perplexity": 3.5},),
        diagnostics=Diagnostics(0.01, 2, 2, 3.0, 0.0, 1.0),
        validation_indices=np.array([3, 5]),
        seed=2**62 + 1,
        n_updates=4,
        optimizer={
            "topic_logits.step": np.array(3.0),
            "topic_logits.exp_avg": np.ones((2, 5)),
            "topic_logits.exp_avg_sq": np.ones((2, 5)),
        },
        origin=Origin("0.1.0", "2026-01-01T00:00:00+00:00", "corpus", "news.csv", 8, 5, 31.0),
    )


@pytest.fixture
def save(fitted):
    def save(folder, *, overwrite=False, parameters=PARAMETERS, **changes):
        save_fitted(folder, replace(fitted, **changes), parameters, overwrite=overwrite)

    return save


@pytest.fixture
def folder(tmp_path, save):
    save(tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def refuses():
    """``refuses(parts, function, ...)``: an InputError of one line that says all parts."""

    def refuses(parts, function, *args, **options):
        with pytest.raises(InputError) as caught:
            function(*args, **options)
        message = str(caught.value)
        assert "\n" not in message
        assert ";" in message, message  # what to do comes last
        for part in parts:
            assert str(part) in message, message

    return refuses


def assert_same(first, second):
    """Two values of dataclasses, mappings, sequences and arrays are bit for bit the same."""
    if hasattr(first, "__dataclass_fields__"):
        for field in fields(first):
            assert_same(getattr(first, field.name), getattr(second, field.name))
    elif isinstance(first, dict):
        assert first.keys() == second.keys()
        for name in first:
            assert_same(first[name], second[name])
    elif isinstance(first, np.ndarray):
        assert first.dtype == second.dtype
        np.testing.assert_array_equal(first, second, strict=True)
    else:
        assert first == second


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def full_disk(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_what_is_saved_is_loaded_bit_for_bit(folder, fitted):
    loaded, parameters = load_fitted(folder)
    assert parameters == PARAMETERS
    assert_same(loaded, fitted)


def test_the_folder_says_where_the_model_comes_from(folder):
    origin = json.loads((folder / "config.json").read_text())["origin"]
    assert origin == {
        "topicgen": "0.1.0",
        "date": "2026-01-01T00:00:00+00:00",
        "input": "corpus",
        "source": "news.csv",
        "n_documents": 8,
        "n_words": 5,
        "n_tokens": 31.0,
        "n_terms": None,
    }


def test_a_model_that_does_not_say_how_many_terms_it_read_is_loaded(folder, reseal):
    config = json.loads((folder / "config.json").read_text())
    del config["origin"]["n_terms"]
    (folder / "config.json").write_text(json.dumps(config))
    reseal(folder)
    assert load_fitted(folder)[0].origin.known_share is None


def test_folder_holds_its_files_and_nothing_lies_beside_it(folder):
    assert names(folder) == FILES
    assert names(folder.parent) == ["model"]


def test_files_have_the_mode_that_the_umask_allows(folder):
    """safetensors alone would leave weights that nobody else can read."""
    usual = folder.parent / "usual"
    usual.touch()
    assert {path.stat().st_mode for path in folder.iterdir()} == {usual.stat().st_mode}


def test_json_files_are_utf8_and_end_in_a_newline(folder):
    for name in FILES[::2]:
        assert (folder / name).read_bytes().decode("utf-8").endswith("\n")
    assert "日本" in (folder / "vocabulary.json").read_text("utf-8")


def test_saving_twice_gives_the_same_bytes(folder, save):
    save(folder.with_name("again"))
    assert content(folder) == content(folder.with_name("again"))


def test_vocabulary_may_be_none(tmp_path, save):
    save(tmp_path / "model", vocabulary=None)
    assert load_fitted(tmp_path / "model")[0].vocabulary is None


def test_paths_may_be_strings_and_relative(tmp_path, save, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save("model")
    assert load_fitted("model")[0].vocabulary == VOCABULARY
    assert load_fitted(str(tmp_path / "model"))[0].vocabulary == VOCABULARY


def test_destination_that_exists_is_refused_and_left_alone(folder, save, refuses):
    before = content(folder)
    refuses(["already exists", folder, "overwrite"], save, folder, seed=1)
    assert content(folder) == before


def test_file_in_the_place_of_the_folder_is_refused(tmp_path, save, refuses):
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    refuses([path], save, path)
    refuses([path, "is not a folder"], save, path, overwrite=True)
    assert path.read_text() == "mine"


def test_overwrite_replaces_the_whole_model(folder, save):
    save(folder, seed=1, parameters={"n_components": 3}, overwrite=True)
    fitted, parameters = load_fitted(folder)
    assert parameters == {"n_components": 3}
    assert fitted.seed == 1
    assert names(folder.parent) == ["model"]


def test_overwrite_of_what_is_no_model_is_refused(tmp_path, save, refuses):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("dear")
    refuses(
        ["holds no model", tmp_path / "thesis", "no config.json"],
        save,
        tmp_path / "thesis",
        overwrite=True,
    )
    assert names(tmp_path / "thesis") == ["chapter.txt"]


def test_overwrite_of_nothing_writes(tmp_path, save):
    save(tmp_path / "model", overwrite=True)
    assert names(tmp_path / "model") == FILES


def test_missing_parent_is_refused(tmp_path, save, refuses):
    refuses([tmp_path / "none", "create it"], save, tmp_path / "none" / "model")
    assert names(tmp_path) == []


def test_parent_that_is_a_file_is_refused(tmp_path, save, refuses):
    (tmp_path / "file").write_text("")
    refuses([tmp_path / "file"], save, tmp_path / "file" / "model")


@pytest.mark.parametrize(
    "failure", [full_disk, lambda *_: (_ for _ in ()).throw(SafetensorError("no room"))]
)
def test_write_that_fails_leaves_nothing_behind(tmp_path, save, refuses, monkeypatch, failure):
    monkeypatch.setattr(persistence, "save_file", failure)
    refuses([tmp_path / "model", "nothing was changed"], save, tmp_path / "model")
    assert names(tmp_path) == []


def test_write_that_fails_says_why(tmp_path, save, refuses, monkeypatch):
    monkeypatch.setattr(persistence, "save_file", full_disk)
    refuses([os.strerror(errno.ENOSPC), "nothing was changed"], save, tmp_path / "model")


def test_overwrite_that_fails_keeps_the_old_model(folder, save, refuses, monkeypatch):
    before = content(folder)
    monkeypatch.setattr(persistence, "save_file", full_disk)
    refuses(["nothing was changed"], save, folder, seed=1, overwrite=True)
    assert content(folder) == before
    assert names(folder.parent) == ["model"]


def test_interrupted_write_leaves_nothing_behind(tmp_path, save, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(persistence, "save_file", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(tmp_path / "model")
    assert names(tmp_path) == []


def test_config_that_is_no_json_leaves_nothing_behind(tmp_path, save):
    with pytest.raises(TypeError):
        save(tmp_path / "model", parameters={"latent": object()})
    assert names(tmp_path) == []


def test_loading_what_is_no_folder_is_refused(tmp_path, refuses):
    for missing in (tmp_path / "none", tmp_path / "none" / "model"):
        refuses([f"'{missing}' does not exist; check the path"], load_fitted, missing)
    (tmp_path / "file").write_text("{}")
    refuses(["is not a model folder", tmp_path / "file"], load_fitted, tmp_path / "file")


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(folder, refuses, name):
    (folder / name).unlink()
    refuses([folder, f"lacks {name}", *FILES], load_fitted, folder)


@pytest.mark.parametrize("keep", [0, 4, 40, -1])
def test_truncated_weights_are_refused(folder, refuses, keep, reseal):
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    refuses(["damaged", folder, path.name, "save the model again"], load_fitted, folder)
    reseal(folder)
    refuses(["safetensors", "damaged", path, "save the model again"], load_fitted, folder)


def test_weights_that_are_something_else_are_refused(folder, refuses):
    (folder / "weights.safetensors").write_bytes(b"PK\x03\x04" * 50)
    refuses(["damaged", "weights.safetensors"], load_fitted, folder)


@pytest.mark.parametrize("name", FILES[::2])
@pytest.mark.parametrize("damage", [b"", b'{"a": ', b"\xff\xfe", b"not json", b"[" * 10**5])
def test_damaged_json_is_refused(folder, refuses, name, damage, reseal):
    (folder / name).write_bytes(damage)
    if name != "config.json":
        refuses(["damaged", name], load_fitted, folder)
        reseal(folder)
    refuses(["JSON" if damage[:1] != b"[" else "nested", "damaged", name], load_fitted, folder)


@pytest.mark.parametrize(
    ("name", "text", "got"),
    [
        ("config.json", "[1]", "a list"),
        ("config.json", "null", "null"),
        ("vocabulary.json", '{"a": 1}', "an object"),
        ("vocabulary.json", '"bank"', "a text"),
    ],
)
def test_json_of_another_kind_is_refused(folder, refuses, name, text, got, reseal):
    (folder / name).write_text(text)
    if name != "config.json":
        reseal(folder)
    refuses([f"got {got}", folder / name, "save the model again"], load_fitted, folder)


def test_json_of_another_kind_is_refused_in_words(folder):
    (folder / "vocabulary.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        load_fitted(folder)
    assert "<class" not in str(caught.value)


@pytest.mark.parametrize("version", [FORMAT_VERSION + 1, 99, 0, -1, "1", 1.5, None])
def test_other_format_version_is_refused(folder, refuses, version):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "format_version": version}))
    refuses(
        [f"format_version {FORMAT_VERSION}", f"got {version!r}", folder / "config.json"],
        load_fitted,
        folder,
    )


def test_newer_format_version_asks_for_a_newer_topicgen(folder, refuses):
    (folder / "config.json").write_text(json.dumps({"format_version": FORMAT_VERSION + 1}))
    refuses(["install a newer topicgen"], load_fitted, folder)


def test_config_without_a_version_is_refused(folder, refuses):
    (folder / "config.json").write_text("{}")
    refuses(["format_version", "got None"], load_fitted, folder)


@pytest.mark.parametrize("name", ["vocabulary.json", "weights.safetensors", "training.safetensors"])
def test_a_file_of_another_model_of_the_same_shape_is_refused(
    folder, save, tmp_path, refuses, name
):
    """Its shapes agree, so that only its digest tells."""
    other = tmp_path / "other"
    random = np.random.default_rng(1)
    save(other, vocabulary=VOCABULARY[::-1])
    for file in ("weights.safetensors", "training.safetensors"):
        arrays = {
            key: random.normal(size=value.shape).astype(value.dtype)
            for key, value in load_file(other / file).items()
        }
        save_file(arrays, other / file)
    shutil.copy(other / name, folder / name)
    refuses([folder, "damaged", name, "SHA-256"], load_fitted, folder)


def test_words_that_utf8_cannot_hold_are_saved(folder, tmp_path, save):
    words = ["\ud800", "a\udcffb", "é", "\\ud800", "\n"]
    save(tmp_path / "odd", vocabulary=words)
    assert load_fitted(tmp_path / "odd")[0].vocabulary == words
    (tmp_path / "odd" / "vocabulary.json").read_text("utf-8")


@pytest.mark.parametrize(
    "path", ["evidence n_documents", "evidence n_tokens", "seed", "n_updates", "recipe", "history"]
)
@pytest.mark.parametrize("value", ["many", [1]])
def test_an_entry_of_another_kind_is_refused(folder, refuses, path, value, reseal):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    *parents, name = path.split()
    (config[parents[0]] if parents else config)[name] = value
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    reseal(folder)
    refuses(["do not belong together"], load_fitted, folder)


@pytest.mark.parametrize("frozen", [[99], [1, 0], [0, 0], [-1], "all", None])
def test_frozen_topics_that_there_are_not_are_refused(folder, refuses, frozen, reseal):
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config["frozen"] = frozen
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    reseal(folder)
    refuses(["do not belong together"], load_fitted, folder)
