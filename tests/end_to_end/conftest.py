import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import topicgen

SUBJECTS = {
    "harbour": "ship sailor anchor tide cargo dock captain lighthouse rope mast",
    "kitchen": "flour oven butter recipe spoon dough sugar baker pan yeast",
    "forest": "oak moss deer fern trail owl timber ranger pine squirrel",
}


@pytest.fixture(scope="session")
def subjects():
    """The words that the documents of each subject are made of."""
    return {subject: set(words.split()) for subject, words in SUBJECTS.items()}


@pytest.fixture(scope="session")
def texts():
    """150 documents of 30 words, each of one subject, in turn."""
    rng = random.Random(0)
    words = [words.split() for words in SUBJECTS.values()]
    return [" ".join(rng.choices(words[number % 3], k=30)) for number in range(150)]


@pytest.fixture
def corpus(texts, tmp_path):
    """The documents as a text file, one document per line."""
    path = tmp_path / "corpus.txt"
    path.write_text("\n".join(texts) + "\n")
    return path


@pytest.fixture(scope="session")
def environment():
    """What a process needs to run this topicgen from any folder."""
    home = str(Path(topicgen.__file__).parents[1])
    settings = {"PYTHONPATH": home, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    return os.environ | settings


@pytest.fixture
def start(environment, tmp_path):
    """``start("fit", path)``: a process in tmp_path, its streams piped; ended with the test."""
    processes = []
    # Started in the background, as by a shell's "&", the tests and all below them ignore Ctrl-C.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def start(*args, **options):
        process = subprocess.Popen(
            [sys.executable, "-m", "topicgen", *map(str, args)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment,
            **options,
        )
        processes.append(process)
        return process

    yield start
    signal.signal(signal.SIGINT, before)
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def topicgen_process(start):
    """``topicgen_process("fit", path, input="...")``: its status, stdout and stderr."""

    def run(*args, input="", **options):
        process = start(*args, **options)
        stdout, stderr = process.communicate(input.encode(), timeout=300)
        return process.returncode, stdout.decode(), stderr.decode()

    return run
