"""Every command on an object store: in memory, and on a local server that speaks S3."""

import gzip
import importlib.util
import json
import os
import socket
from pathlib import Path

import fsspec
import numpy as np
import pandas as pd
import pytest

from topicgen import Corpus, TopicModel
from topicgen.errors import InputError
from topicgen.files import stores

HAS_S3 = all(importlib.util.find_spec(name) for name in ("moto", "s3fs", "flask"))
needs_s3 = pytest.mark.skipif(not HAS_S3, reason="needs moto[server] and s3fs")
# Of aiobotocore and its event loop, not of topicgen.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def server():
    """The address of a server that speaks S3, on this machine."""
    from moto.server import ThreadedMotoServer

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def s3(server, monkeypatch):
    """A new bucket of the server, as s3://... with a slash at its end."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    fs = fsspec.filesystem("s3", skip_instance_cache=True)
    bucket = f"bucket-{os.urandom(4).hex()}"
    fs.mkdir(bucket)
    fsspec.filesystem("s3").clear_instance_cache()
    return f"s3://{bucket}/"


@pytest.fixture(params=["memory", pytest.param("s3", marks=needs_s3)])
def store(request):
    """An empty place in a store, with a slash at its end."""
    if request.param == "s3":
        return request.getfixturevalue("s3")
    return f"memory://{os.urandom(4).hex()}/"


def put(address: str, data: bytes) -> str:
    with fsspec.open(address, "wb") as file:
        file.write(data)
    return address


def names(address: str) -> set[str]:
    fs, path = fsspec.core.url_to_fs(address)
    fs.invalidate_cache()
    return {name.removeprefix(path.rstrip("/") + "/") for name in fs.find(path)}


FIT = ("-k", 3, "--max-epochs", 5, "--seed", 0, "--quiet")


def test_every_command_on_a_store_is_as_on_a_disk(store, run, news, tmp_path):
    table = put(store + "news.csv.gz", gzip.compress(Path(news).read_bytes()))
    on_disk = run("fit", news, *FIT, "-o", tmp_path / "model")
    in_store = run("fit", table, *FIT, "-o", store + "model")
    assert in_store.exit_code == 0, in_store.stderr
    assert in_store.stdout.replace(store, f"{tmp_path}/") == on_disk.stdout
    assert names(store + "model") == {path.name for path in (tmp_path / "model").iterdir()}
    weights = fsspec.open(store + "model/weights.safetensors").open().read()
    assert weights == (tmp_path / "model" / "weights.safetensors").read_bytes()
    for command in ("topics", "evaluate"):
        of_documents = [] if command == "topics" else [table]
        found = run(command, store + "model", *of_documents)
        assert found.exit_code == 0, found.stderr
        local = [] if command == "topics" else [news]
        assert found.stdout == run(command, tmp_path / "model", *local).stdout
    for suffix in (".parquet", ".csv", ".npz"):
        theta = store + "theta" + suffix
        found = run("transform", store + "model", table, "-o", theta)
        assert found.exit_code == 0, found.stderr
        run("transform", tmp_path / "model", news, "-o", tmp_path / f"theta{suffix}")
        assert (
            Path(stores.fetched(theta)).read_bytes() == (tmp_path / f"theta{suffix}").read_bytes()
            or suffix == ".npz"
        )
    found = run("report", store + "model", table, "-o", store + "report.html", "--quiet")
    assert found.exit_code == 0, found.stderr
    assert b"<html" in Path(stores.fetched(store + "report.html")).read_bytes()


def test_corpora_are_built_from_patterns_and_folders(store, run, news, tmp_path):
    texts = pd.read_csv(news)["text"]
    for number, text in enumerate(texts):
        put(f"{store}letters/{number:02}.txt", f"{text}\n".encode())
    put(store + "letters/notes.pdf", b"%PDF-1.7")
    options = ("--quiet", "--min-df", 1)
    built = run("corpus", "build", store + "letters/*.txt", "-o", store + "corpus", *options)
    assert built.exit_code == 0, built.stderr
    assert built.stdout.startswith(f"corpus: {store}corpus (")
    corpus = Corpus.open(store + "corpus")
    assert corpus.source == store + "corpus"
    assert list(corpus.ids)[:2] == [f"{store}letters/00.txt:1", f"{store}letters/01.txt:1"]
    folder = run("corpus", "build", store + "letters", "-o", store + "folder", *options)
    assert folder.exit_code == 0, folder.stderr
    assert f"1 .pdf file ('{store}letters/notes.pdf')" in folder.stderr
    opened = Corpus.open(store + "folder")
    assert list(opened.ids)[:2] == ["00.txt", "01.txt"]
    assert (opened.counts != corpus.counts).nnz == 0
    assert run("fit", store + "corpus", *FIT, "-o", store + "m").exit_code == 0
    converted = run("corpus", "convert", store + "corpus", store + "news.ldac")
    assert converted.exit_code == 0, converted.stderr
    assert {"news.ldac", "news.ldac.vocab"} <= names(store)
    again = Corpus.open(store + "news.ldac")
    assert again.vocabulary == opened.vocabulary
    assert (again.counts != corpus.counts).nnz == 0


def test_python_loads_and_saves(store, news):
    texts = pd.read_csv(news)["text"].tolist()
    model = TopicModel(3, max_epochs=2, random_state=0).fit(texts)
    model.save(store + "a/model")
    with pytest.raises(InputError, match="already exists; choose another path, or pass --over"):
        model.save(store + "a/model")
    loaded = TopicModel.load(store + "a/model")
    np.testing.assert_array_equal(loaded.transform(texts), model.transform(texts))
    other = TopicModel(2, max_epochs=1, random_state=0).fit(texts)
    other.save(store + "a/model", overwrite=True, documents=False)
    assert TopicModel.load(store + "a/model").n_components == 2
    assert "documents.safetensors" not in names(store + "a/model")


def test_the_file_that_marks_a_folder_goes_first_and_comes_last(news, monkeypatch):
    store = f"memory://{os.urandom(4).hex()}/"
    model = TopicModel(2, max_epochs=1, random_state=0).fit(pd.read_csv(news)["text"].tolist())
    model.save(store + "model")
    fs = fsspec.filesystem("memory")
    done = []
    for name in ("put_file", "rm_file"):
        own = getattr(type(fs), name)

        def noted(self, *paths, _name=name, _own=own, **options):
            done.append((_name, str(paths[-1]).rpartition("/")[2]))
            return _own(self, *paths, **options)

        monkeypatch.setattr(type(fs), name, noted)
    model.save(store + "model", overwrite=True)
    done = [step for step in done if ".topicgen-" not in step[1]]
    assert done[0] == ("rm_file", "config.json")
    assert done[-1] == ("put_file", "config.json")
    assert len(done) == 2 * len(names(store + "model"))


def test_a_failed_upload_keeps_what_was_written_and_says_where(news, monkeypatch):
    store = f"memory://{os.urandom(4).hex()}/"
    model = TopicModel(2, max_epochs=1, random_state=0).fit(pd.read_csv(news)["text"].tolist())
    fs = fsspec.filesystem("memory")

    def refuse(*_, **__):
        raise OSError("connection reset")

    monkeypatch.setattr(type(fs), "put_file", refuse)
    with pytest.raises(
        InputError, match=r"connection reset; .*; what was written is kept"
    ) as error:
        model.save(store + "model")
    kept = str(error.value).rpartition("kept in ")[2].strip("'")
    assert TopicModel.load(kept).n_components == 2


def test_what_is_not_there_is_refused_in_one_line(store, run, refused, news, model):
    refused(run("fit", store + "none.csv"), f"'{store}none.csv' does not exist; check the bucket")
    refused(run("fit", store + "no/*.csv"), f"no file matches the pattern '{store}no/*.csv'")
    refused(run("topics", store + "none"), f"'{store}none' does not exist")
    refused(run("transform", store + "none", news), f"'{store}none' does not exist")
    put(store + "odd/config.txt", b"")
    refused(run("topics", store + "odd"), f"'{store}odd' is not a complete model folder")
    refused(run("fit", news, "-o", store + "odd", "--overwrite"), "holds no model", "config.json")
    put(store + "theta.csv", b"old")
    refused(run("transform", model, news, "-o", store + "theta.csv"), "already exists")
    assert Path(stores.fetched(store + "theta.csv")).read_bytes() == b"old"


@needs_s3
def test_credentials_and_buckets_are_refused_before_the_work(s3, run, refused, news, monkeypatch):
    refused(
        run("fit", news, "-o", "s3://no-such-bucket-anywhere/model"), "no-such-bucket", "cannot"
    )
    refused(run("fit", "s3://no-such-bucket-anywhere/a.csv"), "does not exist")
    put(s3 + "news.csv", Path(news).read_bytes())
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    fsspec.filesystem("s3").clear_instance_cache()
    refused(run("fit", s3 + "news.csv"), "cannot read", "credentials")


def test_a_scheme_without_its_library_is_refused_in_one_line(run, refused):
    refused(run("fit", "nosuch://a/b.csv"), "cannot read 'nosuch://a/b.csv'", "nosuch")


def test_a_local_file_may_look_like_an_address(run, news, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s3:" / "bucket").mkdir(parents=True)
    (tmp_path / "s3:" / "bucket" / "news.csv").write_bytes(Path(news).read_bytes())
    assert run("fit", "s3://bucket/news.csv", *FIT, "-o", "model").exit_code == 0
    uri = tmp_path.joinpath("model").as_uri()
    assert run("topics", uri, "--json").stdout == run("topics", "model", "--json").stdout
    found = run("transform", uri, Path(news).as_uri(), "-o", f"{tmp_path.as_uri()}/theta.csv")
    assert found.exit_code == 0, found.stderr
    assert len((tmp_path / "theta.csv").read_text().splitlines()) == 91


def test_names_in_a_store_lead_nowhere_else(tmp_path):
    store = f"memory://{os.urandom(4).hex()}"
    fs = fsspec.filesystem("memory")
    root = store.removeprefix("memory:/")
    fs.store[f"{root}/model/../../escaped"] = fsspec.implementations.memory.MemoryFile(
        fs, f"{root}/model/../../escaped", b"x"
    )
    with pytest.raises(InputError, match="cannot be the name of a file"):
        stores.fetched(store + "/model")


def test_seeds_and_stop_words_come_from_a_store(store, run, news):
    put(store + "seeds.json", json.dumps({"sport": ["match", "goal"]}).encode())
    put(store + "stop.txt", b"market\n")
    found = run(
        "fit", news, *FIT, "-o", store + "m", "--seeds", store + "seeds.json",
        "--stop-words", store + "stop.txt",
    )  # fmt: skip
    assert found.exit_code == 0, found.stderr
    assert "market" not in found.stdout
    assert "sport" in found.stdout
