"""What is wrong with a corpus gets one line and status 2, and leaves nothing half-written."""

import gzip
import os
import resource
import signal
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

WORDS = b"bank\nrate\n"
CASES = {
    "truncated gzip": (
        {"a.txt.gz": gzip.compress(b"a bank\n" * 9_000)[:60]},
        ("build", "a.txt.gz"),
        ["a.txt.gz", "damaged, cut short"],
    ),
    "a CSV with a broken quote": (
        {"a.csv": b'id,text\n1,"a bank\n2,b\n'},
        ("build", "a.csv"),
        ["a.csv', line 2", "close its quotes"],
    ),
    "ids out of range": (
        {"a.ldac": b"1 0:1\n2 0:1 7:2\n", "vocab.txt": WORDS},
        ("convert", "a.ldac"),
        ["a.ldac', line 2", "7"],
    ),
    "a wrong count in LDA-C": (
        {"a.ldac": b"1 0:1\n3 0:1 1:2\n", "vocab.txt": WORDS},
        ("convert", "a.ldac"),
        ["a.ldac', line 2", "3"],
    ),
    "a negative count": (
        {"a.svmlight": b"1 1:2\n0 1:1 2:-4\n", "vocab.txt": WORDS},
        ("convert", "a.svmlight"),
        ["a.svmlight', line 2", "-4"],
    ),
    "a vocabulary shorter than the matrix": (
        {
            "a.mtx": b"%%MatrixMarket matrix coordinate integer general\n2 3 1\n1 3 5\n",
            "a.mtx.vocab": WORDS,
        },
        ("convert", "a.mtx"),
        ["3", "2", "vocab"],
    ),
    "mixed encodings": (
        {"a.txt": "größer\n".encode() + "größer\n".encode("latin-1")},
        ("build", "a.txt"),
        ["a.txt", "line 1", "line 2", "mixed"],
    ),
    "stop words alone": ({"a.txt": b"the of and\n"}, ("build", "a.txt"), ["other than stop words"]),
}


def topicgen(folder, *args, **options):
    command = [sys.executable, "-m", "topicgen", *args]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, **options
    )


def is_refused(done, *parts):
    lines = [line for line in done.stderr.splitlines() if not line.startswith("reading:")]
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("topicgen: error: ")
    for part in parts:
        assert part in lines[0]


@pytest.mark.parametrize(("files", "command", "parts"), CASES.values(), ids=CASES)
def test_mistakes_in_a_corpus(tmp_path, files, command, parts):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    verb, source = command
    output = {"build": ["-o", "out", "--quiet"], "convert": ["out.ldac"]}[verb]
    is_refused(topicgen(tmp_path, "corpus", verb, source, *output), *parts)
    assert sorted(os.listdir(tmp_path)) == sorted(files)


def test_a_parquet_file_without_the_column(tmp_path):
    pq.write_table(pa.table({"body": ["a bank"], "id": ["1"]}), tmp_path / "a.parquet")
    done = topicgen(tmp_path, "corpus", "build", "a.parquet", "-o", "out", "--quiet")
    is_refused(done, "a column 'text'", "'body'", "'id'")
    assert os.listdir(tmp_path) == ["a.parquet"]


def fill_the_disk():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


@pytest.mark.parametrize("n_documents", [3_000, 300_000], ids=["at the end", "while counting"])
def test_a_disk_that_fills(tmp_path, n_documents):
    text = "".join(f"bank w{i % 5000} rate\n" for i in range(n_documents))
    (tmp_path / "a.txt").write_text(text)
    done = topicgen(
        tmp_path, "corpus", "build", "a.txt", "-o", "out", "--quiet", preexec_fn=fill_the_disk
    )
    is_refused(done, "cannot write 'out'", "File too large")
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.fixture
def building(tmp_path):
    """A build that waits for its standard input to go on."""
    command = [sys.executable, "-m", "topicgen", "corpus", "build", "-", "-o", "out", "--quiet"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        process.stdin.write(b"a bank\n" * 40 + b"a rate\n" * 60)
        process.stdin.flush()
        while not list(tmp_path.glob(".out.*.topicgen/new/out/waiting")):
            assert process.poll() is None
        yield process
        process.kill()


def test_two_builds_into_one_folder_at_once(tmp_path, building):
    (tmp_path / "a.txt").write_text("a bank\n")
    done = topicgen(tmp_path, "corpus", "build", "a.txt", "-o", "out", "--quiet")
    is_refused(done, "out", "while another program is writing it")
    stdout, stderr = building.communicate()
    assert building.returncode == 0, stderr
    assert b"100 documents" in stdout
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "out"]


def test_ctrl_c_leaves_nothing(tmp_path, building):
    building.send_signal(signal.SIGINT)
    stdout, stderr = building.communicate()
    assert (building.returncode, stdout) == (130, b""), stderr
    assert stderr == b"topicgen: interrupted\n"
    assert os.listdir(tmp_path) == []
