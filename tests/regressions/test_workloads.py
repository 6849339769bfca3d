import json
import sys

import pytest
from regressions import workloads

SCALES = {"fit": 0.06, "transform": 0.005, "posterior": 0.02, "count": 0.001, "score": 0.015}
KINDS = {"seconds", "MiB", "perplexity", "NPMI"}


@pytest.mark.parametrize("name", SCALES)
def test_costs(name, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["workloads.py", name, "0", str(SCALES[name])])
    workloads.main()
    printed = json.loads(capsys.readouterr().out)
    assert printed["package"].endswith("topicgen")
    costs = printed["costs"]
    assert costs.keys() <= KINDS
    assert all(cost > 0 for kind, cost in costs.items() if kind != "NPMI")


def test_every_workload_is_tried():
    assert SCALES.keys() | {"start"} == workloads.WORKLOADS.keys()


def test_seeds_choose_the_data():
    first, again, other = (workloads.planted(5, seed).toarray() for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()
    assert first.sum() == 5 * 80
