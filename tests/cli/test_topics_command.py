import csv
import io
import json

import pytest


def test_table(run, model, subjects):
    lines = run("topics", model, "-n", 4).stdout.splitlines()
    assert lines[0] == "topic  share  presence  amount  words"
    shares = [float(line.split()[1].rstrip("%")) for line in lines[1:]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.2)
    assert all(line.count(", ") == 3 for line in lines[1:])


def test_json(run, model, subjects):
    topics = json.loads(run("topics", model, "--json").stdout)
    assert [topic["topic"] for topic in topics] == [0, 1, 2]
    assert sum(topic["share"] for topic in topics) == pytest.approx(1)
    for topic in topics:
        assert set(topic["words"]) in subjects.values()
        assert topic["probabilities"] == sorted(topic["probabilities"], reverse=True)
        assert 0.5 < sum(topic["probabilities"]) <= 1
        for name in ("tokens", "presence", "amount", "dispersion"):
            assert 0 < topic[f"{name}_low"] <= topic[name] <= topic[f"{name}_high"]


def test_csv(run, model):
    rows = list(csv.DictReader(io.StringIO(run("topics", model, "--csv", "-n", 2).stdout)))
    assert [row["topic"] for row in rows] == ["0", "1", "2"]
    assert list(rows[0])[:5] == ["topic", "share", "tokens", "tokens_low", "tokens_high"]
    assert list(rows[0])[-2:] == ["dispersion_high", "words"]
    assert all(len(row["words"].split()) == 2 for row in rows)


def test_more_words_than_there_are(run, model):
    topics = json.loads(run("topics", model, "-n", 1000, "--json").stdout)
    assert [len(topic["words"]) for topic in topics] == [30, 30, 30]
