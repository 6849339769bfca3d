"""Every command that writes holds its output before it reads, and loses nothing at the end."""

import re
import threading
from contextlib import contextmanager

import pytest

from topicgen.files import hold
from topicgen.files.hold import Held

# Arguments by the command: what it reads cannot be read.
UNREADABLE = {
    "fit": ["fit", "gone.csv", "-o", "new"],
    "build": ["corpus", "build", "gone.csv", "-o", "new"],
    "convert": ["corpus", "convert", "gone.ldac", "new", "--to", "ldac"],
    "convert to a folder": ["corpus", "convert", "gone.ldac", "new", "--to", "topicgen"],
    "get": ["corpus", "get", "20newsgroups", "-o", "new"],
    "transform": ["transform", "gone", "gone.csv", "-o", "new.csv"],
    "report": ["report", "gone", "gone.csv", "-o", "new"],
    "edit": ["edit", "gone", "--drop", "0", "-o", "new"],
    "select-k": ["select-k", "gone.csv", "--figure", "new.png"],
}
COMMANDS = pytest.mark.parametrize("words", UNREADABLE.values(), ids=UNREADABLE)


def output_of(words):
    return next(word for word in words if re.fullmatch(r"new(\.\w+)?", str(word)))


@contextmanager
def held_by_another(path):
    """Hold a path in another thread."""
    is_held, may_end = threading.Event(), threading.Event()

    def holding():
        with hold(path, "file"):
            is_held.set()
            may_end.wait()

    thread = threading.Thread(target=holding)
    thread.start()
    is_held.wait()
    yield
    may_end.set()
    thread.join()


@COMMANDS
def test_a_place_that_another_holds_is_refused_before_anything_is_read(
    run, refused, words, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with held_by_another(output_of(words)):
        refused(run(*words), "is writing it", "wait for that to finish")


@COMMANDS
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "is empty; name a path to write to"),
        ("gone/new.csv", "the folder "),
        ("n" * 256 + ".csv", "File name too long"),
    ],
)
def test_a_place_that_cannot_be_is_refused_before_anything_is_read(
    run, refused, words, name, message, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    if words[0] == "select-k":
        name = name.replace(".csv", ".png")
    if name == "" and words[0] in ("transform", "select-k"):
        message = "must end in"
    refused(run(*(name if word == output_of(words) else word for word in words)), message)


@COMMANDS
def test_standard_output_is_no_file(run, refused, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*("-" if word == output_of(words) else word for word in words))
    message = {"transform": "without -o, CSV is written", "select-k": "must end in"}
    refused(result, message.get(words[0], "this output cannot be '-'"))


@pytest.mark.parametrize(
    "words",
    [
        ["edit", "news-model", "--drop", "0", "-o", "news-model/new"],
        ["report", "news-model", "gone.csv", "-o", "news-model/new"],
        ["transform", "news-model", "gone.csv", "-o", "news-model/new.csv"],
        ["fit", "gone.csv", "--warm-start", "news-model", "-o", "news-model/new"],
    ],
    ids=lambda words: words[0],
)
def test_nothing_is_written_into_a_model(run, refused, model, words, monkeypatch):
    monkeypatch.chdir(model.parent)
    refused(run(*words), "is inside the model folder", "choose a path outside it")
    assert not (model / "new").exists()


WRITING = {
    "fit": ["fit", "NEWS", "-k", 2, "--max-epochs", 1, "--quiet", "-o", "new"],
    "build": ["corpus", "build", "NEWS", "--quiet", "-o", "new"],
    "transform": ["transform", "news-model", "NEWS", "-o", "new.csv"],
    "report": ["report", "news-model", "NEWS", "--quiet", "-o", "new.html"],
    "edit": ["edit", "news-model", "--drop", "0", "-o", "new"],
    "select-k": [
        *["select-k", "NEWS", "--grid", "2,3", "--seeds", 1, "--max-epochs", 1, "--quiet"],
        *["--figure", "new.png"],
    ],
}


@pytest.mark.parametrize("words", WRITING.values(), ids=WRITING)
@pytest.mark.parametrize("as_folder", [False, True], ids=["file", "folder"])
def test_what_appears_meanwhile_is_kept_and_so_is_the_result(
    run, refused, news, model, words, as_folder, monkeypatch
):
    monkeypatch.chdir(model.parent)
    writes = Held.written

    def appears(self, *arguments, **options):
        place = self.draft.place
        if as_folder:
            place.mkdir()
            place = place / "thesis"
        place.write_text("theirs")
        return writes(self, *arguments, **options)

    monkeypatch.setattr(Held, "written", appears)
    result = run(*(news if word == "NEWS" else word for word in words))
    assert result.exit_code == 2
    assert "what was written is kept in" in result.stderr
    place = model.parent / output_of(words)
    assert (place / "thesis" if as_folder else place).read_text() == "theirs"
    kept = model.parent / f"{place.name}.kept" / place.name
    assert kept.stat().st_size > 0
    assert ("recommend" in result.stdout or "next:" in result.stdout) == (words[0] == "select-k")
