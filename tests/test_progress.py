import io
import subprocess
import sys

import pytest

from topicgen.progress import note, progress_bar


class Full:
    encoding = "utf-8"

    def write(self, text):
        raise OSError(28, "No space left on device")

    def flush(self):
        self.write("")


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [Full(), closed(), None], ids=["full", "closed", "none"])
def test_a_stream_that_fails_ends_nothing(stream, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar(total=3, desc="training", mininterval=0) as bar:
        for _ in range(3):
            bar.set_postfix(perplexity="12")
            bar.update()
    assert bar.n == 3
    note("a note")


def test_bars_and_notes_are_shown(capsys):
    with progress_bar(total=3, desc="training", mininterval=0) as bar:
        bar.update(3)
    note("one\n\x1b[2Jline")
    shown = capsys.readouterr().err
    assert "training: 100%" in shown
    assert shown.endswith("one\\n\\x1b[2Jline\n")


def test_a_bar_that_is_not_shown_asks_for_no_widgets():
    """In a notebook without ipywidgets, tqdm.auto warns."""
    code = (
        "import sys; from topicgen.progress import progress_bar; "
        "progress_bar(total=1, disable=True); assert 'tqdm.auto' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
