"""The options that define what counts as a word, shared by the commands that count texts."""

import os
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.options import POSITIVE_OR_AUTO, Number, grouped
from topicgen.errors import InputError

if TYPE_CHECKING:
    from topicgen.corpus import Vectorizer

_FREQUENCY = Number(
    "a number of documents, a fraction such as 0.01, or auto", int, float, low=0, word="auto"
)
_POSITIVE_OR_NONE = Number("a positive integer or none", int, low=1, word="none")

# Repeated here because importing them would load scikit-learn for every --help.
NUMBERS = ("pattern", "drop", "mask")
URLS = ("keep", "drop", "mask")

recipe_options = grouped(
    "recipe",
    min_df=click.option(
        "--min-df",
        type=_FREQUENCY,
        metavar="N",
        help="Drop words that occur in fewer documents: a number (2), a fraction (0.01) or auto. "
        "[default: auto]",
    ),
    max_df=click.option(
        "--max-df",
        type=_FREQUENCY,
        metavar="N",
        help="Drop words that occur in more documents: a number, a fraction (0.5) or auto. "
        "[default: auto]",
    ),
    max_features=click.option(
        "--max-features",
        type=_POSITIVE_OR_NONE,
        metavar="N",
        help="Keep only the N most frequent words; none keeps all. [default: 20000]",
    ),
    stop_words=click.option(
        "--stop-words",
        metavar="LANGUAGE|none|FILE",
        help="Words to leave out: those of a language, those in a FILE (one per line), or none. "
        "[default: english]",
    ),
    extra_stop_words=click.option(
        "--extra-stop-words",
        metavar="WORD,...|FILE",
        help="Words to leave out besides the stop words.",
    ),
    keep_words=click.option(
        "--keep-words",
        metavar="WORD,...|FILE",
        help="Words to keep whatever the other options say, without stemming or lemmatising.",
    ),
    token_pattern=click.option(
        "--token-pattern",
        metavar="REGEX",
        help="What counts as a word. [default: two or more characters, starting with a letter]",
    ),
    tokenizer=click.option(
        "--tokenizer",
        metavar="NAME",
        help="Replaces the pattern: nltk:treebank, nltk:tweet ..., or your own module:function.",
    ),
    stemmer=click.option(
        "--stemmer",
        metavar="LANGUAGE",
        help="Reduce words to stems by the rules of a language, such as english.",
    ),
    lemmatizer=click.option(
        "--lemmatizer",
        metavar="LANGUAGE",
        help="Replace words by their lemmas in a language, such as english or en.",
    ),
    phrases=click.option(
        "--phrases",
        type=POSITIVE_OR_AUTO,
        metavar="N|auto",
        help="Join words that often stand side by side, at least N times, into one, such as "
        "new_york. [auto: 10]",
    ),
    numbers=click.option(
        "--numbers",
        type=click.Choice(NUMBERS),
        help="Treat numbers as the token pattern does, drop them, or replace each by #. "
        "[default: pattern]",
    ),
    urls=click.option(
        "--urls",
        type=click.Choice(URLS),
        help='Keep URLs, drop them, or replace each by the word "url". [default: keep]',
    ),
    drop_headers=click.option(
        "--drop-headers",
        is_flag=True,
        default=None,
        help="Drop the headers of e-mails and Usenet posts.",
    ),
    drop_quotes=click.option(
        "--drop-quotes",
        is_flag=True,
        default=None,
        help="Drop quoted passages of e-mails and Usenet posts.",
    ),
    drop_footers=click.option(
        "--drop-footers",
        is_flag=True,
        default=None,
        help='Drop the signatures of e-mails and Usenet posts, below "--".',
    ),
)


def make_vectorizer(recipe: dict[str, Any]) -> "Vectorizer":
    """Return the vectorizer described by the recipe options.

    Raises:
        InputError: where a file of words cannot be read.
    """
    from topicgen.corpus import Vectorizer

    return Vectorizer(**parameters_of(recipe))


def parameters_of(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return the recipe options as the parameters of a ``Vectorizer``.

    Raises:
        InputError: where a file of words cannot be read.
    """
    options: dict[str, Any] = {
        name: None if value == "none" else value for name, value in recipe.items()
    }
    if options.get("stop_words"):
        options["stop_words"] = _stop_words(options["stop_words"])
    for name in ("extra_stop_words", "keep_words"):
        if options.get(name):
            options[name] = _words(name, options[name])
    if options.get("phrases") == "auto":
        options["phrases"] = True
    return options


def _stop_words(value: str) -> str | list[str]:
    """Return the name of a language unchanged, or else the words in a file."""
    from topicgen.corpus import read_stop_words
    from topicgen.corpus.words.languages import LANGUAGES, language_code

    if language_code(value) in LANGUAGES.values():
        return value
    if not os.path.exists(value):
        raise InputError(
            f"--stop-words {value!r} is neither a language nor an existing file; pass a language "
            "such as english or german, a file with one word per line, or none"
        )
    return read_stop_words(value)


def _words(name: str, value: str) -> list[str]:
    """Return the words of a file, or those listed between commas."""
    from topicgen.corpus import read_stop_words

    if os.path.exists(value):
        return read_stop_words(value)
    words = [word.strip() for word in value.split(",")]
    # A mistyped path must not pass for a word, which would silently match nothing.
    if not all(words) or (len(words) == 1 and ("." in value or os.sep in value)):
        raise InputError(
            f"--{name.replace('_', '-')} {value!r} is neither an existing file nor a list of "
            "words; pass words separated by commas, or a file with one word per line"
        )
    return words
