import shlex
import sys

import pytest

from topicgen.corpus.words.tokenizers import (
    NLTK,
    TOKEN_PATTERN,
    TokenizerError,
    load_tokenizer,
    pattern_or_tokenizer,
    pattern_tokenizer,
    tokenizer_name,
)

TEXT = "It's 3.5% of new_york, isn't it? :) @ibm"


def halves(text):
    return text.split("|")


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(", "missing )"),
        (None, "must be string"),
        ("(a)(b)", "several groups"),
        (r"\w*", "matches an empty text"),
    ],
)
def test_bad_token_pattern_is_refused(refuses, pattern, problem):
    with refuses("token_pattern", repr(pattern), problem, "correct it"):
        pattern_tokenizer(pattern)


def test_one_group_of_a_token_pattern_is_the_token():
    assert pattern_tokenizer(r"#(\w+)")("a #b #c") == ["b", "c"]


@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("nltk:toktok", ["It", "s", "3.5", "of", "new_york", "isn", "t", "it", "@ibm"]),
        ("nltk:treebank", ["It", "'s", "3.5", "of", "new_york", "is", "n't", "it", "ibm"]),
        ("nltk:tweet", ["It's", "3.5", "of", "new_york", "isn't", "it", "@ibm"]),
        ("nltk:word", ["It", "'s", "3.5", "of", "new_york", "is", "n't", "it", "ibm"]),
        ("nltk:wordpunct", ["It", "s", "3", "5", "of", "new_york", "isn", "t", "it", "ibm"]),
    ],
)
def test_tokenizers_of_nltk_without_punctuation(name, tokens):
    assert load_tokenizer(name)(TEXT) == tokens


def test_every_tokenizer_of_nltk_works_without_data(monkeypatch):
    monkeypatch.setattr("nltk.data.path", [])
    for name in NLTK:
        assert load_tokenizer(name)("rates rose") == ["rates", "rose"]


def test_unknown_tokenizer_of_nltk_is_refused(refuses):
    with refuses("needs no data (nltk:toktok", "got 'nltk:punkt'", "module:function"):
        load_tokenizer("nltk:punkt")


def test_function_by_its_name_or_itself():
    assert load_tokenizer("shlex:split")("'New York' rose") == ["New York", "rose"]
    assert load_tokenizer(halves)("a b|c") == ["a b", "c"]


@pytest.mark.parametrize(
    ("tokenizer", "problem"),
    [
        ("words", "got 'words', which has no colon"),
        (3, "got 3, which is neither a name nor a function"),
    ],
)
def test_other_tokenizers_are_refused(refuses, tokenizer, problem):
    with refuses("tokenizer to be None, jieba, janome", "nltk:toktok", problem, "choose one"):
        load_tokenizer(tokenizer)


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("no_such_module:split", "cannot be imported (No module named 'no_such_module'); name it"),
        ("shlex:no_such_function", "cannot be imported (module 'shlex' has no attribute"),
        ("shlex:__name__", "is not a function but 'shlex'; name a function from a text to a list"),
        ("sh lex:split", "cannot be imported"),
    ],
)
def test_names_of_no_function_are_refused(refuses, name, problem):
    with refuses(f"the tokenizer {name!r}", problem):
        load_tokenizer(name)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("1 / 0", "cannot be imported (ZeroDivisionError: division by zero)"),
        ("def cut(:", "cannot be imported (SyntaxError: "),
        ("raise SystemExit(3)", "cannot be imported (SystemExit: 3)"),
        ("import no_such_package", "cannot be imported (No module named 'no_such_package')"),
    ],
)
def test_module_that_cannot_be_imported_is_refused(refuses, tmp_path, monkeypatch, code, problem):
    (tmp_path / "broken_tokens.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    with refuses("the tokenizer 'broken_tokens:cut'", problem, "PYTHONPATH"):
        load_tokenizer("broken_tokens:cut")


@pytest.mark.parametrize("tokens", ["ab", ("a",), ["a", 3], None])
def test_what_is_no_list_of_strings_is_refused(refuses, tokens):
    with refuses(f"<lambda> returned {tokens!r} for the text 'bank'; make it return a list"):
        load_tokenizer(lambda text: tokens)("bank")


def raise_error(text):
    raise KeyError("two\nlines")


def interrupt(text):
    raise KeyboardInterrupt


def test_error_of_a_tokenizer_is_quoted(refuses):
    tokenize = load_tokenizer(raise_error)
    with refuses(
        "the tokenizer raise_error failed at the text 'a b': KeyError: 'two\\nlines'; cor"
    ):
        tokenize("a b")
    with pytest.raises(TokenizerError) as caught:
        tokenize("a")
    assert isinstance(caught.value.__cause__, KeyError)
    named = caught.value.of_document(3)
    assert "failed at the document at index 3, with the text 'a': KeyError" in str(named)
    assert "at the document 'a.txt:4', with the text" in str(named.of_document(3, "a.txt:4"))
    with refuses("the text '': JSONDecodeError: Expecting value: line 1 column 1 (char 0); cor"):
        load_tokenizer("json:loads")("")


def test_exit_of_a_tokenizer_is_an_error(refuses):
    with refuses("failed at the text 'a': SystemExit: 3; correct the function"):
        load_tokenizer(lambda text: sys.exit(3))("a")


def test_interrupt_of_a_tokenizer_is_not_caught():
    with pytest.raises(KeyboardInterrupt):
        load_tokenizer(interrupt)("a")


def test_names_of_tokenizers():
    assert tokenizer_name(None) is None
    assert tokenizer_name("nltk:tweet") == "nltk:tweet"
    assert tokenizer_name(shlex.split) == "shlex:split"
    assert load_tokenizer(tokenizer_name(halves))("a|b") == ["a", "b"]


def in_main(text):
    return [text]


in_main.__module__ = "__main__"


@pytest.mark.parametrize(
    "function", [lambda text: [text], str.split, "a b".split, in_main], ids=range(4)
)
def test_function_without_a_name_is_refused(refuses, function):
    with refuses("stored by its name, module:function", "define it as a function of a module"):
        tokenizer_name(function)


def test_pattern_or_tokenizer(refuses):
    assert pattern_or_tokenizer("[a-z]+", None) == "[a-z]+"
    assert pattern_or_tokenizer(None, halves)("a|b") == ["a", "b"]
    assert pattern_or_tokenizer(TOKEN_PATTERN, halves)("a|b") == ["a", "b"]
    with refuses("a tokenizer or a token_pattern", "both: 'shlex:split' and '[a-z]+'"):
        pattern_or_tokenizer("[a-z]+", "shlex:split")
