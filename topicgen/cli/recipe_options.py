"""The options that define what counts as a word, shared by the commands that count texts."""

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.options import POSITIVE_OR_AUTO, Command, Number, grouped
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted

if TYPE_CHECKING:
    from topicgen.corpus import Vectorizer

_FREQUENCY = Number(
    "a number of documents, a fraction such as 0.01, or auto", int, float, low=0, word="auto"
)
_POSITIVE_OR_NONE = Number("a positive integer or none", int, low=1, word="none")

# Repeated here because importing them would load scikit-learn for every --help.
NUMBERS = ("pattern", "drop", "mask")
URLS = ("keep", "drop", "mask")


def _repeatable(name: str, metavar: str, help: str) -> Callable[[Command], Command]:
    """Return an option that may be repeated; its value is a list, or None where it is left out."""
    return click.option(
        name,
        metavar=metavar,
        help=help,
        multiple=True,
        callback=lambda context, option, values: list(values) or None,
    )


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
    stop_words=_repeatable(
        "--stop-words",
        metavar="LANGUAGE,...|none|FILE",
        help="Words to leave out: those of one or several languages (english,german), those in a "
        "FILE (one per line, or Snowball's 'word | comment'), or none. May be repeated. "
        "[default: english]",
    ),
    extra_stop_words=_repeatable(
        "--extra-stop-words",
        metavar="WORD,...|FILE",
        help="Words and phrases to leave out in addition to the stop words; 'royal mail' keeps "
        "mail elsewhere. May be repeated.",
    ),
    keep_words=_repeatable(
        "--keep-words",
        metavar="WORD,...|FILE",
        help="Words to keep whatever the other options say, without stemming or lemmatising. May "
        "be repeated.",
    ),
    token_pattern=click.option(
        "--token-pattern",
        metavar="REGEX",
        help="What counts as a word. [default: two or more characters, starting with a letter]",
    ),
    tokenizer=click.option(
        "--tokenizer",
        metavar="NAME",
        help="Replaces the pattern: jieba (Chinese), janome (Japanese), pythainlp (Thai), khmercut "
        "(Khmer), laonlp (Lao), nltk:treebank, nltk:tweet ..., or your own module:function.",
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


def make_vectorizer(recipe: dict[str, Any], before: "Vectorizer | None" = None) -> "Vectorizer":
    """Return the vectorizer described by the recipe options.

    Args:
        recipe: the options given.
        before: a vectorizer whose other options it has; None for the default ones.

    Raises:
        InputError: where a file of words cannot be read.
    """
    from topicgen.corpus import Vectorizer

    others = {} if before is None else before.get_params(deep=False)
    return Vectorizer(**others | parameters_of(recipe))


def parameters_of(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return the recipe options as the parameters of a ``Vectorizer``.

    Raises:
        InputError: where a file of words cannot be read.
    """
    options: dict[str, Any] = {
        name: None if value == "none" else value for name, value in recipe.items()
    }
    for name in ("extra_stop_words", "keep_words"):
        if name in options:
            options[name] = _words(name, options[name])
    if "stop_words" in options:
        languages, words = _stop_words(options["stop_words"])
        options["stop_words"] = ",".join(languages) or None
        if words:
            options["extra_stop_words"] = [*words, *(options.get("extra_stop_words") or ())]
    if options.get("phrases") == "auto":
        options["phrases"] = True
    return options


def _stop_words(values: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the languages named, and the words in files.

    Words in a file are extra stop words, because a list of words that all happen to be names of
    languages would be taken for languages.
    """
    from topicgen.corpus import read_stop_words
    from topicgen.corpus.words.languages import LANGUAGES, language_code

    languages: list[str] = []
    words: list[str] = []
    if list(values) == ["none"]:
        return languages, words
    for value in values:
        for name in [value] if _is_file(value) else value.split(","):
            if language_code(name.strip()) in LANGUAGES.values():
                languages.append(name.strip())
            elif _is_file(name):
                words += read_stop_words(name)
            elif name == "none":
                others = ", ".join(other for other in values if other != "none") or value
                raise InputError(
                    f"--stop-words none cannot be combined with others ({others}); leave one out"
                )
            else:
                raise InputError(
                    f"--stop-words {quoted(name)} is neither a language nor an existing file; pass "
                    "languages such as english,german, a file with one word per line, or none"
                )
    return languages, words


def _is_file(name: str) -> bool:
    """Return whether a value is a path or an address; whoever reads it says if it is no file."""
    return stores.is_address(name) or os.path.exists(stores.local_path(name))


def _words(name: str, values: Sequence[str]) -> list[str] | None:
    """Return the words of files, and those listed between commas; None for "none" alone."""
    from topicgen.corpus import read_stop_words

    if list(values) == ["none"]:
        return None
    words: list[str] = []
    for value in values:
        if _is_file(value):
            words += read_stop_words(value)
            continue
        listed = [word.strip() for word in value.split(",")]
        # A mistyped path must not pass for a word, which would silently match nothing.
        if not all(listed) or (len(listed) == 1 and ("." in value or os.sep in value)):
            raise InputError(
                f"--{name.replace('_', '-')} {quoted(value)} is neither an existing file nor a "
                "list of words; pass words separated by commas, or a file with one word per line"
            )
        words += listed
    return words
