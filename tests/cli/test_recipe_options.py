import json

import pytest

from topicgen.cli.recipe_options import NUMBERS, URLS, make_vectorizer

POST = "From: a\nTo: b\n\nBanks of New York raised 20 rates, see www.b.org\n> Bob fell\n-- \nAnn"


@pytest.fixture
def top_words(run, tmp_path):
    """``top_words(text, *options)``: the words of one topic, in alphabetical order."""

    def top_words(text, *options):
        path = tmp_path / "texts.jsonl"
        path.write_text(json.dumps({"text": text}) + "\n")
        result = run(
            "fit", path, "-k", 1, "-o", tmp_path / "m", "--overwrite", "--max-epochs", 1,
            "--quiet", "--json", *options,
        )  # fmt: skip
        assert result.exit_code == 0, result.stderr
        return sorted(json.loads(result.stdout)["topics"][0]["words"])

    return top_words


def test_mail_is_cleaned(top_words):
    words = top_words(
        POST, "--drop-headers", "--drop-quotes", "--drop-footers", "--urls", "mask",
        "--numbers", "mask", "--token-pattern", r"\w+", "--stop-words", "english",
    )  # fmt: skip
    assert words == ["#", "banks", "new", "raised", "rates", "url", "york"]


def test_words_are_dropped_kept_and_lemmatised(top_words, tmp_path):
    (tmp_path / "keep.txt").write_text("Us\n\nMice\n")
    words = top_words(
        "It cost us mice, mice and banks; bank went", "--lemmatizer", "en",
        "--extra-stop-words", "cost, go,went", "--keep-words", tmp_path / "keep.txt",
    )  # fmt: skip
    assert words == ["bank", "mice", "us"]


def test_stop_words_of_a_language(top_words):
    assert top_words("der Zins und the bank", "--stop-words", "german") == ["bank", "the", "zins"]


def test_phrases_and_tokenizer(top_words):
    text = "new york @rates @rates new york @banks new york @banks @rates"
    assert top_words(text, "--phrases", 3, "--tokenizer", "nltk:tweet") == [
        "@banks", "@rates", "new_york",
    ]  # fmt: skip
    assert "new_york" not in top_words(text, "--phrases", "auto")


BARE = ["--stop-words", "none", "--min-df", 1, "--max-df", "1.0"]


@pytest.fixture
def built_words(run, tmp_path):
    """``built_words(lines, *options)``: the vocabulary of a corpus, and standard error."""

    def built_words(lines, *options):
        (tmp_path / "a.txt").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        folder = tmp_path / "corpus"
        result = run(
            "corpus", "build", tmp_path / "a.txt", "-o", folder, "--overwrite", "--quiet", *options
        )
        assert result.exit_code == 0, result.stderr
        return json.loads((folder / "vocabulary.json").read_text("utf-8")), result.stderr

    return built_words


@pytest.mark.parametrize(
    ("line", "options", "words"),
    [
        ("I don't think they've seen we'll couldn\u2019t isn\u2019t won't", [], "seen think"),
        ("l\u2019amour qu'il n\u2019est c'est", ["--stop-words", "french"], "amour"),
        ("\ufb01nance o\ufb03ce finance office", BARE, "finance office"),
        ("e\u0301lan \xe9lan \u0130stanbul in\xadfor", BARE, "infor istanbul élan"),
        (
            "见 http://t.cn/abc《新书》上市 好",
            [*BARE, "--urls", "drop", "--token-pattern", r"\w+"],
            "上市 好 新书 见",
        ),
        ("royal mail, e-mail", [*BARE, "--extra-stop-words", "e-mail,new york"], "mail royal"),
    ],
)  # fmt: skip
def test_words_of_one_text(built_words, line, options, words):
    assert built_words([line], *options) == (words.split(), "")


def test_texts_without_spaces_are_told_of_and_cut(built_words):
    chinese = "我爱自然语言处理。今天天气很好，河山"
    for quiet in ([], ["--token-pattern", r"\w+"]):
        words, errors = built_words([chinese], *BARE, *quiet)
        assert "自然语言" not in words
        assert errors.startswith("topicgen: warning: most of the text is Chinese")
        assert "--tokenizer jieba" in errors
    pytest.importorskip("jieba", reason="the package jieba is not installed")
    words, errors = built_words([chinese], *BARE, "--tokenizer", "jieba")
    assert {"自然语言", "处理", "我"} <= set(words)
    assert errors == ""


def test_stop_words_of_another_language_are_told_of(built_words):
    line = (
        "der Hund und die Katze sind nicht im Haus und der Mann ist auch nicht da, die Frau hat "
        "das Haus und den Hund nur für sich, aber das ist eine gute Stunde mit viel Sonne"
    )
    words, errors = built_words([line])
    assert "und" in words
    assert "stop words of German; use --stop-words german" in errors
    words, errors = built_words([line], "--stop-words", "german")
    assert "und" not in words
    assert errors == ""


def test_proportions_are_exact(built_words):
    lines = ["common"] * 93 + ["common rare"] * 7
    options = ["--stop-words", "none", "--max-df", "1.0"]
    assert built_words(lines, *options, "--min-df", "0.07")[0] == ["common", "rare"]
    assert built_words(lines, *options, "--min-df", "0.08")[0] == ["common"]


@pytest.mark.parametrize("command", ["corpus", "fit"])
def test_tokenizer_that_fails_is_the_users_mistake(run, refused, tmp_path, monkeypatch, command):
    (tmp_path / "failing_cut.py").write_text(
        "def cut(text):\n    if text == 'bad':\n        raise ValueError('no')\n"
        "    return text.split()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "a.txt").write_text("bank\nbad\nrates\n")
    command = ["corpus", "build"] if command == "corpus" else ["fit", "-k", 2]
    result = run(
        *command, tmp_path / "a.txt", "-o", tmp_path / "out", "--tokenizer", "failing_cut:cut",
        "--quiet",
    )  # fmt: skip
    refused(
        result, "the tokenizer failing_cut:cut failed at the document '2', with the text 'bad'",
        "ValueError: no",
    )  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_options_become_parameters():
    vectorizer = make_vectorizer({"phrases": "auto", "stop_words": ["none"], "keep_words": ["us"]})
    assert repr(vectorizer) == "Vectorizer(keep_words=['us'], phrases=True, stop_words=None)"
    assert repr(make_vectorizer({"phrases": 7})) == "Vectorizer(phrases=7)"
    assert repr(make_vectorizer({"extra_stop_words": ["none"]})) == "Vectorizer()"


def test_options_of_words_may_be_repeated(tmp_path):
    (tmp_path / "own.txt").write_text("royal mail\nenglish\n")
    (tmp_path / "snowball.txt").write_text(" | of Italian\nio  | I\nlo la\n")
    values = ["english,de", "Thai", f"{tmp_path}/own.txt", f"{tmp_path}/snowball.txt"]
    vectorizer = make_vectorizer(
        {"stop_words": values, "extra_stop_words": ["a,b c", "d"], "keep_words": ["us", "it,no"]}
    )
    assert vectorizer.stop_words == "english,de,Thai"
    assert vectorizer.extra_stop_words == [
        "royal mail",
        "english",
        "io",
        "lo",
        "la",
        "a",
        "b c",
        "d",
    ]
    assert vectorizer.keep_words == ["us", "it", "no"]
    alone = make_vectorizer({"stop_words": [f"{tmp_path}/own.txt"]})
    assert (alone.stop_words, alone.extra_stop_words) == (None, ["royal mail", "english"])


def test_stop_words_of_several_languages(top_words):
    text = "der Zins und the bank avec des taux"
    german_and_english = ["avec", "bank", "taux", "zins"]
    assert top_words(text, "--stop-words", "english,german") == german_and_english
    words = top_words(text, "--stop-words", "german,en", "--stop-words", "french")
    assert words == ["bank", "taux", "zins"]


def test_phrases_are_dropped_as_they_are_written(top_words):
    options = ["--stop-words", "none", "--extra-stop-words", "e-mail,new york"]
    words = top_words("royal mail and E\u2011mail, new rates in New  York", *options)
    assert words == ["and", "in", "mail", "new", "rates", "royal"]


def test_offers_every_choice_of_the_vectorizer():
    from topicgen.corpus.words import cleaning, options

    assert options.NUMBERS == NUMBERS
    assert tuple(cleaning.URLS) == URLS


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (
            ["--stop-words", "klingon"],
            ["'klingon' is neither", "english,german", "one word per line"],
        ),
        (["--stop-words", "none", "--stop-words", "de"], ["none cannot be combined", "(de)"]),
        (["--stop-words", "german,klingon"], ["'klingon' is neither"]),
        (
            ["--keep-words", "keep.txt"],
            ["--keep-words 'keep.txt' is neither", "separated by commas"],
        ),
        (
            ["--extra-stop-words", "a,,b"],
            ["--extra-stop-words 'a,,b' is neither", "separated by commas"],
        ),
        (["--phrases", "0"], ["a positive integer or auto", "got '0'"]),
        (["--numbers", "keep"], ["'--numbers'", "'pattern', 'drop', 'mask'"]),
        (["--urls", "pattern"], ["'--urls'", "'keep', 'drop', 'mask'"]),
        (["--tokenizer", "words"], ["nltk:treebank", "got 'words'", "module:function"]),
        (["--lemmatizer", "klingon"], ["de, el, en", "got 'klingon'"]),
        (["--lemmatizer", "en", "--stemmer", "english"], ["a stemmer or a lemmatizer", "both"]),
    ],
    ids=lambda value: value[0].strip("-") if isinstance(value, list) else None,
)
def test_wrong_values_are_refused(run, refused, news, tmp_path, options, parts):
    refused(run("fit", news, "-o", tmp_path / "model", "--quiet", *options), *parts)
    assert not (tmp_path / "model").exists()
