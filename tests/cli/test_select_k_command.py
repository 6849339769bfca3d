import json
import os

import pytest

QUICK = ("--max-epochs", 20, "--quiet", "--seeds", 2)


def test_prints_the_table_the_reason_and_the_next_command(run, news):
    result = run("select-k", news, "--grid", "6,3,2", *QUICK, "--column", "text", "--min-df", 2)
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "corpus: 90 documents, 30 words, 2,700 tokens, 9 documents held out"
    assert [line.split()[0] for line in lines[3:6]] == ["2", "*", "6"]
    assert lines[7].startswith("3 topics: ")
    assert max(map(len, lines[:-1])) <= 100
    assert lines[-1] == (f"next: topicgen fit {news} -k 3 --column text --min-df 2 --max-epochs 20")


def test_json_is_one_object(run, news):
    result = run("select-k", news, "--grid", "2,3", "--max-epochs", 1, "--seeds", 1, "--json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["documents"], report["held_out"], report["figure"]) == (90, 9, None)
    assert [row["n_components"] for row in report["table"]] == [2, 3]
    assert report["table"][0]["stability"] is None
    assert report["n_components"] in (2, 3)
    assert report["conclusive"] is False
    assert report["reason"].startswith("One seed cannot tell the number of topics")
    assert f". {report['n_components']} topics: highest quality of " in report["reason"]
    assert report["next"].endswith(f" -k {report['n_components']} --max-epochs 1")
    assert "2/2" in result.stderr


@pytest.mark.parametrize(("kind", "head"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("PDF", b"%P")])
def test_draws_a_figure(run, refused, news, tmp_path, kind, head):
    path = tmp_path / f"figure.{kind}"
    args = ("select-k", news, "--grid", "2,3", "--max-epochs", 1, "--seeds", 1, "--quiet")
    result = run(*args, "--figure", path)
    assert result.exit_code == 0, result.stderr
    assert f"\nfigure: {path}\n" in result.stdout
    assert path.read_bytes().startswith(head)
    assert os.listdir(tmp_path) == [path.name]
    refused(run(*args, "--figure", path), "already exists", "--overwrite")
    assert run(*args, "--figure", path, "--overwrite").exit_code == 0


def test_mistakes_are_found_before_the_input_is_read(run, refused, tmp_path):
    nothing = ("select-k", "no such input")
    refused(run(*nothing, "--figure", tmp_path / "a.gif"), "end in one of .pdf, .png, .svg, got '")
    refused(run(*nothing, "--figure", tmp_path / "no" / "a.png"), "a.png", "does not exist")
    refused(
        run(*nothing, "--grid", "10"),
        "--grid needs at least two different numbers of topics, got only 10",
    )
    refused(run(*nothing, "--grid", "10,x"), "expected positive integers separated by commas")


def test_too_few_documents_and_too_many_topics_are_refused(run, refused, news, tmp_path):
    refused(run("select-k", news, "--grid", "2,82"), "expected at most 30 topics", "got 82")
    path = tmp_path / "few.txt"
    path.write_text("cats purr\ndogs bark\n" * 20)
    refused(run("select-k", path), "expected 5 held-out documents or more, got 4, 0.1 of 40")


def interrupt_after(monkeypatch, n_models):
    from topicgen import TopicModel

    fit, done = TopicModel.fit, []

    def interrupted(model, *args, **known):
        if len(done) == n_models:
            raise KeyboardInterrupt
        done.append(model)
        return fit(model, *args, **known)

    monkeypatch.setattr(TopicModel, "fit", interrupted)


def test_ctrl_c_keeps_the_numbers_that_are_done(run, news, monkeypatch):
    interrupt_after(monkeypatch, 5)
    result = run("select-k", news, "--grid", "2,3,6", *QUICK)
    assert result.exit_code == 130
    assert result.stderr == "topicgen: interrupted after 3 topics: larger numbers were not tried\n"
    assert [line[:8].split()[-1] for line in result.stdout.splitlines()[3:5]] == ["2", "3"]
    assert result.stdout.splitlines()[5] == ""


def test_ctrl_c_before_a_number_is_done_leaves_nothing(run, news, tmp_path, monkeypatch):
    interrupt_after(monkeypatch, 1)
    result = run("select-k", news, "--grid", "2,3", *QUICK, "--figure", tmp_path / "a.png")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "topicgen: interrupted\n"
    assert os.listdir(tmp_path) == []


def test_a_stopped_selection_is_resumed(run, refused, news, tmp_path, monkeypatch):
    from topicgen import TopicModel

    select = ("select-k", news, "--grid", "2,3", "--max-epochs", 2, "--seeds", 2, "--json")
    whole = json.loads(run(*select, "--quiet").stdout)
    saved, fit, fits = tmp_path / "saved", TopicModel.fit, []

    def interrupted(model, *args, **known):
        fits.append(1)
        if len(fits) == 4:
            raise KeyboardInterrupt
        return fit(model, *args, **known)

    with monkeypatch.context() as patch:
        patch.setattr(TopicModel, "fit", interrupted)
        result = run(*select, "--quiet", "--checkpoint", saved)
    assert result.exit_code == 130
    assert f"work done so far is in {str(saved)!r}; to continue, run the same" in result.stderr
    assert len(json.loads(result.stdout)["table"]) == 1
    refused(run(*select, "--checkpoint", saved), "--resume")
    resumed = json.loads(run(*select, "--checkpoint", saved, "--resume", "--quiet").stdout)
    for report in (whole, resumed):
        for row in report["table"]:
            assert row.pop("seconds") > 0
    assert resumed == whole
    assert not saved.exists()
