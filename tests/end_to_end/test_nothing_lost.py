"""A failure after the training, of a stream or by a signal, costs no model."""

import os
import resource
import signal
import sys
import time

import pytest
from campaigns.child import run
from tqdm import tqdm

from topicgen import TopicModel
from topicgen.cli import main
from topicgen.training import trainer

TEXTS = ["bank rates rose again", "the team won the match", "rates fell at the bank"] * 20


@pytest.fixture
def fit(tmp_path):
    """``fit(*options, before=None)``: the outcome of fitting in a process of its own."""
    (tmp_path / "a.txt").write_text("\n".join(TEXTS))

    def fit(*options, before=None, seconds=120):
        def act():
            if before is not None:
                before()
            words = ["fit", "a.txt", "-k", "2", "-o", "model", "--min-df", "1", *options]
            sys.argv = ["topicgen", *words]
            main(words)

        return run(act, seconds=seconds, megabytes=None, folder=tmp_path)

    return fit


def redirect(number, path):
    target = os.open(path, os.O_WRONLY | os.O_CREAT)
    os.dup2(target, number)
    os.close(target)


def close(number):
    name = ("stdin", "stdout", "stderr")[number]
    os.close(number)
    setattr(sys, name, None)  # as Python does where it starts so


@pytest.mark.parametrize(
    ("before", "status"),
    [
        (lambda: redirect(2, "/dev/full"), 0),
        (lambda: redirect(1, "/dev/full"), 2),
        (lambda: close(2), 0),
        (lambda: close(1), 2),
        (lambda: [close(0), close(1), close(2)], 2),
    ],
    ids=["full stderr", "full stdout", "closed stderr", "closed stdout", "all closed"],
)
def test_streams(fit, before, status, tmp_path):
    outcome = fit("--max-epochs", "2", before=before)
    assert (outcome.status, outcome.error) == (status, None)
    assert len(TopicModel.load(tmp_path / "model").history_) == 2
    if outcome.stderr and status == 2:
        *_, where, why = outcome.stderr.splitlines()
        assert (
            where
            == "topicgen: the model is saved in 'model'; printing its topics and scores failed"
        )
        assert why.startswith("topicgen: error: cannot read or write: ")


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_signals_during_training(fit, number, status, tmp_path):
    def before():
        bar = trainer.progress_bar(total=9)

        def update(n=1):
            if bar.n == 2:
                os.kill(os.getpid(), number)
            return tqdm.update(bar, n)

        bar.update = update
        trainer.progress_bar = lambda **_: bar

    outcome = fit("--max-epochs", "9", before=before)
    assert outcome.status == status, outcome.stderr
    assert "the best weights so far are in 'model'" in outcome.stderr
    assert 1 <= len(TopicModel.load(tmp_path / "model").history_) <= 4


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_signals_while_scoring(fit, number, status, tmp_path):
    def before():
        def held_out(*_, **__):
            os.kill(os.getpid(), number)
            time.sleep(5)

        TopicModel.perplexity = TopicModel.get_perplexities = held_out
        TopicModel.document_log_likelihood = held_out

    outcome = fit("--max-epochs", "2", before=before)
    assert len(TopicModel.load(tmp_path / "model").history_) == 2
    assert outcome.status == status, outcome.stderr


def test_files_that_may_not_grow(fit, tmp_path):
    def before():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))

    outcome = fit("--max-epochs", "2", before=before)
    assert (outcome.status, outcome.error) == (2, None), outcome.stderr
    assert "internal error" not in outcome.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"a.txt"}
