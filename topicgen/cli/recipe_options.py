"""The options that say what a word is, shared by ``topicgen fit`` and ``topicgen corpus build``."""

import os
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.options import POSITIVE_OR_AUTO, Number, grouped
from topicgen.errors import InputError

if TYPE_CHECKING:
    from topicgen.corpus import Vectorizer

_FREQUENCY = Number(
    "a number of documents, a share of them such as 0.01, or auto", int, float, low=0, word="auto"
)
_POSITIVE_OR_NONE = Number("an integer from 1, or none", int, low=1, word="none")

# Written out: to ask the corpus for them would load scikit-learn at every --help.
NUMBERS = ("pattern", "drop", "mask")
URLS = ("keep", "drop", "mask")

recipe_options = grouped(
    "recipe",
    min_df=click.option(
        "--min-df",
        type=_FREQUENCY,
        metavar="N",
        help="Drop words in fewer documents: a number (2), a share (0.01) or auto.",
    ),
    max_df=click.option(
        "--max-df", type=_FREQUENCY, metavar="N", help="Drop words in more documents, likewise."
    ),
    max_features=click.option(
        "--max-features",
        type=_POSITIVE_OR_NONE,
        metavar="N",
        help="Keep this many words, the most frequent; none keeps all. [default: 20000]",
    ),
    stop_words=click.option(
        "--stop-words",
        metavar="LANGUAGE|none|FILE",
        help="Words to leave out, of a language or of a FILE with one a line. [default: english]",
    ),
    extra_stop_words=click.option(
        "--extra-stop-words",
        metavar="WORD,...|FILE",
        help="More words to leave out.",
    ),
    keep_words=click.option(
        "--keep-words",
        metavar="WORD,...|FILE",
        help="Words to keep in any case and as they are.",
    ),
    token_pattern=click.option(
        "--token-pattern",
        metavar="REGEX",
        help="What a word is. [default: two characters or more, the first a letter]",
    ),
    tokenizer=click.option(
        "--tokenizer",
        metavar="NAME",
        help="In place of the pattern: nltk:treebank, nltk:tweet ..., or your module:function.",
    ),
    stemmer=click.option(
        "--stemmer", metavar="LANGUAGE", help="Stem the words of a language, such as english."
    ),
    lemmatizer=click.option(
        "--lemmatizer",
        metavar="LANGUAGE",
        help="Replace the words of a language, such as english or en, by their lemmas.",
    ),
    phrases=click.option(
        "--phrases",
        type=POSITIVE_OR_AUTO,
        metavar="N|auto",
        help="Join words that often stand together, N times or more, as new_york. [auto: 10]",
    ),
    numbers=click.option(
        "--numbers",
        type=click.Choice(NUMBERS),
        help="Leave numbers to the pattern, drop them, or make each digit string #.",
    ),
    urls=click.option(
        "--urls", type=click.Choice(URLS), help='Keep URLs, drop them, or make each the word "url".'
    ),
    drop_headers=click.option(
        "--drop-headers",
        is_flag=True,
        default=None,
        help="Leave out the headers of e-mails and Usenet posts.",
    ),
    drop_quotes=click.option(
        "--drop-quotes", is_flag=True, default=None, help="Leave out what they quote."
    ),
    drop_footers=click.option(
        "--drop-footers", is_flag=True, default=None, help='Leave out their signatures after "--".'
    ),
)

# Likewise: to ask the model for them would load torch.


def make_vectorizer(recipe: dict[str, Any]) -> "Vectorizer":
    """Return the vectorizer that the recipe's options describe.

    Raises:
        InputError: where a file of words cannot be read.
    """
    from topicgen.corpus import Vectorizer

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
    return Vectorizer(**options)


def _stop_words(value: str) -> str | list[str]:
    """Return the name of a language as it is, and of a file the words."""
    from topicgen.corpus import read_stop_words
    from topicgen.corpus.words.languages import LANGUAGES, language_code

    if language_code(value) in LANGUAGES.values():
        return value
    if not os.path.exists(value):
        raise InputError(
            "expected --stop-words english, none or a file with a word a line, or another language "
            f"({', '.join(LANGUAGES)}), got {value!r}, which does not exist; check the path"
        )
    return read_stop_words(value)


def _words(name: str, value: str) -> list[str]:
    """Return the words of a file, or those between commas."""
    from topicgen.corpus import read_stop_words

    if os.path.exists(value):
        return read_stop_words(value)
    words = [word.strip() for word in value.split(",")]
    # One that looks like a path is no word: it would be dropped, or kept, nowhere and in silence.
    if not all(words) or (len(words) == 1 and ("." in value or os.sep in value)):
        raise InputError(
            f"expected --{name.replace('_', '-')} words between commas, or a file with a word a "
            f"line, got {value!r}, which does not exist; check the path, or the commas"
        )
    return words
