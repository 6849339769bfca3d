import importlib
import json
import os
import re
import signal
from pathlib import Path

import pytest

from topicgen import TopicModel, Vectorizer
from topicgen.cli import main
from topicgen.cli.fit_options import ENCODERS, LATENT, LIKELIHOODS


def test_prints_the_corpus_the_topics_the_scores_and_the_place(fitted):
    folder, printed = fitted
    lines = printed.splitlines()
    assert lines[0] == "corpus: 90 documents, 30 words, 2,700 tokens, 0 empty documents"
    assert lines[2] == "topic  share  presence  amount  words"
    assert all(re.match(r" +\d +\d+\.\d% +\d+% +\d+%  \w+(, \w+){9}$", line) for line in lines[3:6])
    assert re.match(r"held-out validation documents \(\d+, with \d+ tokens\):", lines[7])
    for name in ("document completion", "ELBO"):
        interval = r" +\d+\.\d to \d+\.\d"
        assert re.search(rf"\n  {name} +\d+\.\d{interval}( +\d+\.\d){{3}}\n", printed)
    said = "these perplexities are 0 to 1% too low: the best epoch was chosen on the same documents"
    assert f"  ({said})" in lines
    assert re.search(r"\n  topic diversity +\d\.\d+\n", printed)
    number = r"-?\d\.\d{3}"
    npmi = rf"  coherence, NPMI of document co-occurrence +{number}  \({number} to {number}\)"
    assert any(re.fullmatch(npmi, line) for line in lines)
    assert lines[-1] == f"model: {folder}"


def test_a_model_may_be_saved_without_documents(run, refused, news, tmp_path):
    fit = ("fit", news, "-k", 2, "--max-epochs", 2, "--quiet", "-o")
    run(*fit, tmp_path / "with")
    run(*fit, tmp_path / "without", "--no-documents")
    assert (tmp_path / "with/documents.safetensors").is_file()
    assert not (tmp_path / "without/documents.safetensors").exists()
    refused(run("edit", tmp_path / "without", "--split", 0), "saved without documents")


def test_finds_the_subjects(fitted, subjects):
    rows = fitted[1].splitlines()[3:6]
    found = [{*row.split("%  ")[-1].split(", ")} for row in rows]
    assert sorted(found, key=min) == sorted(subjects.values(), key=min)


def test_json_is_one_object(run, news, tmp_path):
    folder = tmp_path / "model"
    result = run("fit", news, "-k", 2, "-o", folder, "--max-epochs", 2, "--quiet", "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    report = json.loads(result.stdout)
    assert report["input"] == news
    assert report["model"] == str(folder)
    assert [report[name] for name in ("documents", "empty", "words", "tokens", "epochs")] == [
        90, 0, 30, 2700, 2,
    ]  # fmt: skip
    assert report["perplexity_of"]["held_out"] is True
    assert report["perplexity_of"]["documents"] < 90
    assert set(report["scores"]) == {
        "document_completion_perplexity",
        "document_completion_perplexity_per_document",
        "elbo_perplexity",
        "elbo_perplexity_per_document",
        "npmi",
        "topic_diversity",
    }
    assert [row["method"] for row in report["perplexities"]] == ["document_completion", "elbo"]
    assert report["perplexities"][1]["n_tokens"] == report["perplexity_of"]["tokens"]
    assert [topic["topic"] for topic in report["topics"]] == [0, 1]
    assert len(report["topics"][0]["words"]) == len(report["topics"][0]["probabilities"]) == 10


def test_progress_is_on_standard_error(run, news, tmp_path):
    result = run("fit", news, "-k", 2, "-o", tmp_path / "model", "--max-epochs", 2)
    assert result.exit_code == 0
    assert result.stderr
    assert "topic diversity" in result.stdout


def test_options_reach_the_vectorizer(run, tmp_path):
    (tmp_path / "words").write_text("red\n\ngreen\n")
    path = tmp_path / "colours.jsonl"
    path.write_text('{"body": "red green blue 7 blues rare"}\n' * 20 + '{"body": "blue"}\n' * 20)
    result = run(
        "fit", path, "-k", 1, "-o", tmp_path / "model", "--max-epochs", 1, "--quiet", "--json",
        "--column", "body", "--stop-words", tmp_path / "words", "--token-pattern", r"\w+",
        "--stemmer", "english", "--min-df", 2, "--max-df", "1.0", "--max-features", 2,
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["topics"][0]["words"] == ["blue", "7"]
    recipe = json.loads((tmp_path / "model" / "config.json").read_text())
    assert '"max_features": 2' in json.dumps(recipe)


def test_stop_words_none_keeps_them_all(run, tmp_path):
    path = tmp_path / "the.txt"
    path.write_text("the of and\n" * 20)
    result = run("fit", path, "-k", 1, "-o", tmp_path / "m", "--max-epochs", 1, "--quiet")
    assert "other than stop words" in result.stderr
    result = run(
        "fit", path, "-k", 1, "-o", tmp_path / "m", "--max-epochs", 1, "--quiet",
        "--stop-words", "none", "--max-features", "none",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "20 documents, 3 words, 60 tokens" in result.stdout


def test_a_missing_file_of_stop_words_is_refused(run, refused, news, tmp_path):
    result = run("fit", news, "-o", tmp_path / "model", "--stop-words", "englsh")
    refused(result, "--stop-words 'englsh' is neither", "such as english,german, a file")


def test_overwrite_replaces_a_model_and_nothing_else(run, refused, news, model):
    args = ("fit", news, "-k", 2, "-o", model, "--max-epochs", 1, "--quiet")
    refused(run(*args), "already exists", "--overwrite")
    assert run(*args, "--overwrite").exit_code == 0
    assert len(json.loads(run("topics", model, "--json").stdout)) == 2
    (model / "config.json").unlink()
    refused(run(*args, "--overwrite"), "holds no model", "no config.json")


def test_the_output_is_checked_before_the_input_is_read(run, refused, model):
    refused(run("fit", "no such input", "-o", model), "already exists")


def test_the_model_is_named_after_the_input_by_default(run, news, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("fit", news, "-k", 2, "--max-epochs", 1, "--quiet")
    assert result.stdout.endswith("\nmodel: news-model\n")
    assert os.listdir(tmp_path) == ["news-model"]


def test_standard_input(run, tmp_path, monkeypatch, subjects):
    monkeypatch.chdir(tmp_path)
    text = "\n".join(" ".join(sorted(words)) for words in subjects.values()) + "\n\n"
    result = run("fit", "-", "-k", 2, "--max-epochs", 1, "--quiet", input=text * 10)
    assert result.exit_code == 0, result.stderr
    assert "corpus: 40 documents, 30 words, 300 tokens, 10 empty documents" in result.stdout
    assert os.listdir(tmp_path) == ["topicgen-model"]


def test_one_seed_one_model(run, news, tmp_path):
    def weights(name, seed):
        args = ("-k", 2, "--max-epochs", 2, "--quiet", "--seed", seed)
        assert run("fit", news, "-o", tmp_path / name, *args).exit_code == 0
        return (tmp_path / name / "weights.safetensors").read_bytes()

    assert weights("a", 1) == weights("b", 1) != weights("c", 2)


def test_a_tiny_corpus_is_scored_on_itself(run, tmp_path):
    path = tmp_path / "tiny.txt"
    path.write_text("cats purr\ndogs bark\ncats sleep\n")
    result = run("fit", path, "-k", 1, "-o", tmp_path / "model", "--max-epochs", 2, "--quiet")
    assert result.exit_code == 0, result.stderr
    assert "training documents (3, with 6 tokens):" in result.stdout


def test_latin1_is_one_warning(run, tmp_path, subjects):
    path = tmp_path / "cafe.txt"
    path.write_bytes((b"caf\xe9 " + " ".join(subjects["music"]).encode() + b"\n") * 20)
    result = run("fit", path, "-k", 1, "-o", tmp_path / "model", "--max-epochs", 1, "--quiet")
    assert result.exit_code == 0, result.stderr
    assert re.fullmatch(
        r"topicgen: warning: expected UTF-8, got 20 bytes .* read as cp1252 .*--encoding .*\n",
        result.stderr,
    )


@pytest.mark.parametrize("moment", ["fit", "get_perplexities"])
def test_ctrl_c_keeps_what_there_is(run, news, tmp_path, monkeypatch, moment):
    from topicgen import TopicModel

    work = getattr(TopicModel, moment)

    def interrupted(model, *args, **kwargs):
        work(model, *args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(TopicModel, moment, interrupted)
    folder = tmp_path / "model"
    result = run("fit", news, "-k", 2, "-o", folder, "--max-epochs", 2, "--quiet")
    assert (result.exit_code, result.stdout) == (130, "")
    said = {
        "fit": f"interrupted after 2 epochs: the best weights so far are in {str(folder)!r}",
        "get_perplexities": f"interrupted while scoring: the model is in {str(folder)!r}",
    }
    assert result.stderr == f"topicgen: {said[moment]}\n"
    assert run("topics", folder).exit_code == 0


def test_ctrl_c_before_the_first_epoch_leaves_nothing(run, news, tmp_path, monkeypatch):
    from topicgen import TopicModel

    def interrupted(model, *args, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(TopicModel, "fit", interrupted)
    result = run("fit", news, "-o", tmp_path / "model", "--quiet")
    assert (result.exit_code, result.stderr) == (130, "topicgen: interrupted\n")
    assert os.listdir(tmp_path) == []


def test_offers_every_distribution_of_the_model():
    from topicgen.models import ENCODERS as MADE
    from topicgen.models import LIKELIHOODS as OF_THE_MODEL
    from topicgen.models import PRIORS

    assert set(ENCODERS) == set(MADE)
    assert set(LATENT) == set(PRIORS)
    assert set(LIKELIHOODS) == set(OF_THE_MODEL)


# Options whose help says their default in words, or that the command chooses itself.
IN_WORDS = {"token_pattern", "upper_components", "random_state"}


def test_defaults_that_the_help_names_are_those_of_the_model_and_the_vectorizer():
    own = TopicModel().get_params(deep=False) | Vectorizer().get_params()
    compared = 0
    for option in main.commands["fit"].params:
        said = re.search(r"\[default: (.*?)\]", getattr(option, "help", None) or "")
        if said and option.name in own.keys() - IN_WORDS:
            assert said.group(1) == str(own[option.name]), option.name
            compared += 1
    assert compared > 10


def test_repeated_documents_are_said_and_may_be_dropped(run, news, refused, tmp_path):
    lines = Path(news).read_text().splitlines()
    path = tmp_path / "twice.csv"
    path.write_text("\n".join([*lines, *lines[1:3]]) + "\n")
    options = ("-k", 3, "--max-epochs", 1, "--quiet", "--overwrite", "-o", tmp_path / "m")
    result = run("fit", path, *options)
    assert result.stdout.splitlines()[1] == "2 of 92 documents repeat an earlier one"
    result = run("fit", path, "--deduplicate", "--keep", "subject", *options)
    assert result.stdout.splitlines()[0].startswith("corpus: 90 documents")
    assert result.stdout.splitlines()[1].startswith("2 of 92 documents repeated an earlier one")
    assert json.loads(run("fit", path, "--json", *options).stdout)["duplicates"] == 2
    run("corpus", "build", path, "-o", tmp_path / "c", "--quiet", "--keep", "subject")
    result = run("fit", tmp_path / "c", "--keep", "subject", *options)
    assert result.stdout.splitlines()[1] == "2 of 92 documents repeat an earlier one"
    refused(run("fit", tmp_path / "c", "--keep", "year", *options), "a column 'year'")
    refused(run("fit", tmp_path / "c", "--deduplicate", *options), "--deduplicate applies only to")


@pytest.fixture
def seeds(tmp_path):
    path = tmp_path / "seeds.txt"
    path.write_text("music: song, gui*, goal\nsport: team, player\n")
    return path


def test_topics_with_seeds_have_names(run, news, subjects, seeds, tmp_path):
    folder = tmp_path / "model"
    result = run("fit", news, "-k", 3, "-o", folder, "--quiet", "--seeds", seeds)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[2] == "topic  name   share  presence  amount  words"
    topics = json.loads(run("topics", folder, "--json").stdout)
    assert [topic["name"] for topic in topics] == ["music", "sport", None]
    assert [set(topic["words"]) for topic in topics[:2]] == [subjects["music"], subjects["sport"]]
    header, *rows = run("topics", folder, "--csv").stdout.splitlines()
    assert header.startswith("topic,name,share,")
    assert [row.split(",")[1] for row in rows] == ["music", "sport", ""]


@pytest.mark.parametrize(
    ("options", "part"),
    [(["-k", 1], "n_components = 1 allows 1"), (["-k", 2, "--background"], "besides")],
)
def test_more_seeds_than_topics_are_refused_before_reading(run, seeds, tmp_path, options, part):
    result = run("fit", tmp_path / "nothing.txt", "--seeds", seeds, *options)
    assert result.exit_code == 2
    assert part in result.stderr
    assert result.stderr.count("\n") == 1


def test_unknown_seeds_are_named(run, news, tmp_path):
    path = tmp_path / "seeds.json"
    path.write_text('{"music": ["song", "zzz"]}')
    folder = tmp_path / "model"
    options = ["-k", 2, "-o", folder, "--quiet", "--max-epochs", 1, "--seeds", path]
    result = run("fit", news, *options)
    assert result.exit_code == 0
    assert "'zzz' of 'music'" in result.stderr


# -- checkpoints -----------------------------------------------------------------------------

EVERY_STEP = ("--every", "0.0000001min")


def stopped(run, monkeypatch, *args, signal_number=signal.SIGINT, after=3):
    """Fit, and get a signal within the n-th step."""
    from topicgen.training.trainer import Trainer

    move, moved = Trainer.move, []

    def moving(trainer, *rates):
        moved.append(1)
        if len(moved) == after:
            signal.raise_signal(signal_number)
        move(trainer, *rates)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "move", moving)
        return run(*args)


def test_a_stopped_fit_is_resumed_to_the_same_model(run, refused, news, tmp_path, monkeypatch):
    fit = ("fit", news, "-k", 2, "--max-epochs", 3, "--seed", 1)
    whole, folder, saved = (tmp_path / name for name in ("whole", "model", "saved"))
    assert run(*fit, "--quiet", "-o", whole).exit_code == 0
    again = (*fit, "-o", folder, "--checkpoint", saved)
    result = stopped(run, monkeypatch, *again, "--quiet")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == (
        f"topicgen: interrupted: the work done so far is in {str(saved)!r}; to continue, run the "
        "same command with --resume\n"
    )
    assert not folder.exists()
    refused(run(*again), "holds the checkpoint of an earlier run", "--resume")
    refused(run(*again, "--resume", "--separation", 1), "separation=0.015 (now 1.0)")
    result = run(*again, "--resume")
    assert result.exit_code == 0
    assert not saved.exists()
    for name in ("weights.safetensors", "training.safetensors", "vocabulary.json"):
        assert (folder / name).read_bytes() == (whole / name).read_bytes(), name


def test_a_fit_stopped_after_saving_says_what_is_left_to_do(
    run, refused, news, tmp_path, monkeypatch
):
    folder, saved = tmp_path / "model", tmp_path / "saved"
    fit = ("fit", news, "-k", 2, "--max-epochs", 2, "--quiet", "-o", folder, "--checkpoint", saved)

    def stop(_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(importlib.import_module("topicgen.cli.fit"), "remove_saved", stop)
        assert run(*fit).exit_code == 130
    weights = (folder / "weights.safetensors").read_bytes()
    refused(
        run(*fit, "--resume"),
        "stopped just after",
        "only need to remove that folder",
        "--overwrite",
    )
    assert any(saved.iterdir())
    assert run(*fit, "--resume", "--overwrite").exit_code == 0
    assert (folder / "weights.safetensors").read_bytes() == weights
    assert not saved.exists()
    refused(run(*fit, "--resume"), "holds no checkpoint, as after a run that was completed")


def test_nothing_to_resume_is_said(run, news, tmp_path):
    saved = tmp_path / "saved"
    fit = ("fit", news, "-k", 2, "--max-epochs", 1, "-o", tmp_path / "model")
    result = run(*fit, "--checkpoint", saved, *EVERY_STEP, "--resume")
    assert result.exit_code == 0
    said = f"topicgen: no checkpoint in {str(saved)!r}: starting from the beginning\n"
    assert result.stderr.startswith(said)
    assert os.listdir(tmp_path) == ["model"]


def test_checkpoint_options_are_checked_before_the_input_is_read(run, refused, tmp_path):
    nothing = ("fit", "no such input", "-o", tmp_path / "model")
    refused(run(*nothing, "--resume"), "--resume needs a folder", "--checkpoint DIR")
    refused(run(*nothing, "--every", 2), "--every needs a folder", "--checkpoint DIR")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/notes.txt").write_text("mine")
    refused(run(*nothing, "--checkpoint", tmp_path / "other"), "'notes.txt'", "not a checkpoint")
    refused(run(*nothing, "--checkpoint", tmp_path / "a/b"), "does not exist")
    refused(run(*nothing, "--checkpoint", tmp_path / "a", "--every", "1h"), "every='1h'", "10min")
    place = ("fit", "no such input", "-o", tmp_path / "model", "--checkpoint", tmp_path / "model")
    refused(run(*place), "must not be the model folder or inside it")
    assert os.listdir(tmp_path) == ["other"]
