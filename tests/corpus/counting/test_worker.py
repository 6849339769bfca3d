import subprocess
import sys

import numpy as np
import pytest

from topicgen.corpus.counting.pipes import joined, receive, send
from topicgen.corpus.counting.word_runs import Texts, WordRuns

PATTERN = r"(?u)\b\w\w+\b"


@pytest.fixture
def process():
    command = [sys.executable, "-m", "topicgen.corpus.counting.worker"]
    pipes = dict.fromkeys(["stdin", "stdout", "stderr"], subprocess.PIPE)
    with subprocess.Popen(command, **pipes) as begun:
        yield begun


def test_it_answers_as_word_runs_count(process):
    send(process.stdin, [PATTERN.encode(), b"the"])
    send(process.stdin, joined([b"rose", b"bank"]))
    runs = WordRuns(PATTERN, [b"the"], [b"rose", b"bank"])
    for texts in ([b"the bank", b"rates rates"], [], [b"a bank", "caf\xe9".encode(), b""]):
        send(process.stdin, Texts.of(texts))
        words, *arrays = receive(process.stdout)
        expected = runs.count(Texts.of(texts))
        assert words == b"".join(expected.words)
        ends = np.cumsum([*map(len, expected.words)])
        numbers = expected.first, expected.n_tokens
        parts = ends, expected.indptr, expected.indices, expected.data, numbers
        assert [np.frombuffer(array, dtype=np.int32).tolist() for array in arrays] == [
            list(part) for part in parts
        ]
    process.stdin.close()
    assert process.wait() == 0


@pytest.mark.parametrize("ends", ["stdin", "stdout"])
def test_one_whose_caller_is_gone_ends_without_a_word(process, ends):
    getattr(process, ends).close()
    if ends == "stdout":
        send(process.stdin, [PATTERN.encode()])
        send(process.stdin, joined([]))
        send(process.stdin, Texts.of([b"a bank"]))
    assert process.wait() == 0
    assert process.stderr.read() == b""


def test_it_imports_no_more_than_it_needs():
    code = (
        "import sys, topicgen.corpus.counting.worker\n"
        "print({'scipy', 'pandas', 'sklearn', 'pyarrow', 'torch', 'click'} & {*sys.modules})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
