import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("command", [["corpus", "build"], ["fit"]])
def test_options_of_ray_without_ray_are_refused(run, news, tmp_path, command):
    for option in (["--workers", 2], ["--ray-address", "auto"]):
        result = run(*command, news, "-o", tmp_path / "out", *option)
        assert result.exit_code == 2
        assert f"{option[0]} needs --engine ray; add --engine ray" in result.stderr
        assert result.stderr.count("\n") == 1


def test_a_fit_on_ray_needs_the_number_of_workers(run, news, tmp_path):
    pytest.importorskip("ray", reason="needs ray")
    result = run("fit", news, "-o", tmp_path / "out", "--engine", "ray")
    assert result.exit_code == 2
    assert "pass --workers N" in result.stderr


def test_what_is_wrong_is_said_before_a_cluster_is_started(run, news, tmp_path, monkeypatch):
    pytest.importorskip("ray", reason="needs ray")
    monkeypatch.setattr("topicgen.cluster.ray_cluster.ray_cluster", None)
    for words in (["no.csv"], [news, "--column", "none", "--phrases"], ["-"]):
        result = run("corpus", "build", *words, "-o", tmp_path / "out", "--engine", "ray")
        assert result.exit_code == 2, result.stderr


def test_workers_of_ray_fit_the_model_of_one_process(run, news, tmp_path):
    pytest.importorskip("ray", reason="needs ray")
    words = ["fit", news, "-k", 3, "--max-epochs", 3, "--quiet", "--json", "--device", "cpu"]
    alone = run(*words, "-o", tmp_path / "alone")
    engine = ["--engine", "ray", "--workers", 2]
    variables = {name: text for name, text in os.environ.items() if name != "RAY_ADDRESS"}
    on_ray = subprocess.run(
        [sys.executable, "-m", "topicgen", *map(str, [*words, "-o", tmp_path / "on-ray", *engine])],
        capture_output=True,
        text=True,
        env=variables,
        timeout=300,
    )
    assert on_ray.returncode == 0, on_ray.stderr
    assert on_ray.stdout.replace("on-ray", "alone")[:300] == alone.stdout[:300]
    assert (tmp_path / "on-ray" / "weights.safetensors").is_file()
