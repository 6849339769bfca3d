import json
import os
import re
import signal

import pandas as pd


def test_from_texts_to_topics_proportions_and_scores(topicgen_process, corpus, subjects, tmp_path):
    status, printed, progress = topicgen_process("fit", "corpus.txt", "-k", 3)
    assert status == 0, progress
    assert "Traceback" not in progress
    assert printed.startswith("corpus: 150 documents, 30 words, 4,500 tokens, 0 empty documents")
    assert printed.endswith("\nmodel: corpus-model\n")
    assert sorted(os.listdir(tmp_path / "corpus-model")) == [
        "config.json",
        "documents.safetensors",
        "training.safetensors",
        "vocabulary.json",
        "weights.safetensors",
    ]

    status, printed, said = topicgen_process("topics", "corpus-model", "--json")
    assert (status, said) == (0, "")
    topics = [set(topic["words"]) for topic in json.loads(printed)]
    assert sorted(topics, key=min) == sorted(subjects.values(), key=min)

    status, printed, said = topicgen_process(
        "transform", "corpus-model", "corpus.txt", "-o", "theta.csv"
    )
    assert (status, printed, said) == (0, "", "")
    theta = pd.read_csv(tmp_path / "theta.csv", index_col="id")
    # The subjects come in turn.
    top = theta.filter(like="topic_").to_numpy().argmax(axis=1).reshape(-1, 3)
    assert (top == top[0]).all()
    assert len({*top[0]}) == 3
    assert (theta["n_tokens"] == 30).all()
    assert (theta["unknown_share"] == 0).all()

    status, printed, said = topicgen_process(
        "evaluate", "corpus-model", "-", "--json", input=corpus.read_text()
    )
    assert (status, said) == (0, "")
    # Each document is made of ten words.
    assert 9 < json.loads(printed)["scores"]["document_completion_perplexity"] < 13


def test_a_reader_that_has_seen_enough(start, corpus, topicgen_process):
    fitting = topicgen_process("fit", "-", "-k", 2, "--max-epochs", 1, input=corpus.read_text())
    assert fitting[0] == 0, fitting[2]
    # Far more rows than a pipe holds.
    (corpus.parent / "long.txt").write_text("oak moss\n" * 50_000)
    process = start("transform", "topicgen-model", "long.txt")
    assert process.stdout.readline() == b"id,topic_0,topic_1,n_tokens,unknown_share\n"
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=300) == 141


def test_ctrl_c_keeps_the_best_weights_so_far(start, texts, topicgen_process, tmp_path):
    # Enough documents that the training does not end by itself.
    (tmp_path / "corpus.txt").write_text("\n".join(texts * 40) + "\n")
    process = start("fit", "corpus.txt", "-k", 3, "-o", "model", "--max-epochs", 100_000)
    _wait_for_epochs(process)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 130
    assert stdout == b""
    last = stderr.decode().splitlines()[-1]
    assert re.fullmatch(
        r"topicgen: interrupted after [\d,]+ epochs?: the best weights so far are in 'model'", last
    )
    assert sorted(os.listdir(tmp_path)) == ["corpus.txt", "model"]
    status, printed, said = topicgen_process("topics", "model")
    assert (status, said) == (0, "")
    assert printed.count("\n") == 4


def test_ctrl_c_before_the_training_leaves_nothing(start, tmp_path):
    process = start("fit", "-", "-o", "model")
    # More than a pipe holds: when it is written, the program is reading, and waits for the rest.
    process.stdin.write(b"words\n" * 50_000)
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=300) == 130
    assert process.stderr.read() == b"topicgen: interrupted\n"
    assert os.listdir(tmp_path) == []


def _wait_for_epochs(process):
    """Return when the progress has counted an epoch."""
    seen = b""
    while not re.search(rb"[1-9]\d*/100000", seen):
        piece = process.stderr.read1(1000)
        assert piece, seen.decode()
        seen += piece
