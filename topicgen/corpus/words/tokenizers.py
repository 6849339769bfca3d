"""Tokenizers: from a text to its tokens, by a pattern, a package or the user's own code."""

import pkgutil
import re
from collections.abc import Callable

from topicgen.corpus.words.foreign import Foreign, refused_code, refused_pattern
from topicgen.corpus.words.segmenters import SEGMENTERS, Segmenter
from topicgen.corpus.words.whole_words import PLAIN_PATTERN, TOKEN_PATTERN, find_words
from topicgen.errors import InputError
from topicgen.extras import needed
from topicgen.plain import quoted

Tokenizer = Callable[[str], list[str]]

# Longer than any word or URL: a file in base64, say. nltk takes minutes for one, or gives up.
_LONG_RUN = re.compile(r"\S{2001,}")
_letters_and_digits = re.compile(r"\w+").findall
# Of a pattern that a folder's recipe holds.
_LONGEST_FOREIGN = 1000
_has_letter_or_digit = re.compile(r"[^\W_]").search

# Those that need no data; nltk's word_tokenize, for one, downloads a model of sentences.
NLTK = {
    "nltk:toktok": "ToktokTokenizer",
    "nltk:treebank": "TreebankWordTokenizer",
    "nltk:tweet": "TweetTokenizer",
    "nltk:word": "NLTKWordTokenizer",
    "nltk:wordpunct": "WordPunctTokenizer",
}


def pattern_or_tokenizer(token_pattern: str, tokenizer: str | Tokenizer | None) -> str | Tokenizer:
    """Return the token pattern, or the tokenizer that replaces it.

    Args:
        token_pattern: the regular expression of a token; where there is a tokenizer, None or the
            default of this version or of an earlier one.
        tokenizer: what ``load_tokenizer`` takes, or None.

    Raises:
        InputError: where both are given, or there is no such tokenizer.

    Example:
        >>> pattern_or_tokenizer(TOKEN_PATTERN, "shlex:split")("'New York' rose")
        ['New York', 'rose']
    """
    if tokenizer is None:
        return token_pattern
    if token_pattern not in (None, TOKEN_PATTERN, PLAIN_PATTERN):
        raise InputError(
            f"expected a tokenizer or a token_pattern, got both: {quoted(tokenizer)} and "
            f"{quoted(token_pattern)}; leave one out"
        )
    return load_tokenizer(tokenizer)


def pattern_tokenizer(token_pattern: str) -> Tokenizer:
    r"""Return the function that finds all matches of a token pattern in a text.

    TOKEN_PATTERN stands for ``find_words``; any other pattern is compiled by ``re``.

    >>> pattern_tokenizer(r"\w+")("Rates rose.")
    ['Rates', 'rose']

    Raises:
        InputError: where the pattern is malformed, has groups to choose from, or matches nothing;
            and where a folder's recipe holds it and it may take forever.
    """
    if token_pattern == TOKEN_PATTERN:
        return find_words
    is_foreign = isinstance(token_pattern, Foreign)
    if is_foreign and len(token_pattern) > _LONGEST_FOREIGN:
        raise refused_pattern(
            token_pattern, f"which is longer than {_LONGEST_FOREIGN:,} characters"
        )
    try:
        pattern = re.compile(token_pattern)
    except (TypeError, OverflowError, re.error) as error:
        problem = str(error)
    except RecursionError:
        problem = "it is nested too deeply"
    else:
        if is_foreign and token_pattern != PLAIN_PATTERN:
            _check_bounded(token_pattern)
        if pattern.groups <= 1 and not pattern.search(""):
            return pattern.findall
        problem = "it has several groups" if pattern.groups > 1 else "it matches an empty text"
    raise InputError(
        "expected token_pattern to be the regular expression of a token, got "
        f"{quoted(token_pattern)}: {problem}; correct it, or leave it out"
    )


def _check_bounded(token_pattern: str) -> None:
    # Loaded here because few recipes have a pattern of their own.
    from topicgen.corpus.words.bounded_patterns import why_unbounded

    if problem := why_unbounded(str(token_pattern)):
        raise refused_pattern(token_pattern, problem)


def is_whole(tokenizer: str | Tokenizer) -> bool:
    """Return whether a pattern or a tokenizer takes texts that ``whole_folding`` has normalised.

    >>> is_whole(TOKEN_PATTERN), is_whole(PLAIN_PATTERN)
    (True, False)
    """
    return tokenizer == TOKEN_PATTERN or isinstance(tokenizer, Segmenter)


def is_own(tokenizer: str | Tokenizer | None) -> bool:
    """Return whether an option stands for a tokenizer of the user's own.

    >>> is_own("shlex:split"), is_own("nltk:tweet"), is_own("jieba"), is_own(None)
    (True, False, False, False)
    """
    return tokenizer is not None and tokenizer not in [*SEGMENTERS, *NLTK]


def check_consent(tokenizer: str | Tokenizer | None) -> None:
    """Raise an InputError where a folder's recipe names code and its user has not consented.

    >>> check_consent(Foreign("jieba"))
    >>> check_consent(Foreign("os:system"))
    Traceback (most recent call last):
    topicgen.errors.InputError: the recipe of a folder would run the code 'os:system' ...
    """
    if isinstance(tokenizer, Foreign) and is_own(tokenizer):
        raise refused_code(tokenizer)


class TokenizerError(InputError):
    """The user's tokenizer failed at a document, which the message names as well as is known.

    Args:
        failed: what failed, up to the name of the document.
        advice: what goes after it.
        text: of the document.
        index: of the document, or None where it is not known.
        id: of the document, or None where it is not known.
    """

    def __init__(
        self, failed: str, advice: str, text: str, index: int | None = None, id: str | None = None
    ) -> None:
        self.failed = failed
        self.advice = advice
        self.text = text
        self.index = index
        name = f"at index {index}" if id is None else quoted(id)
        document = f"the text {_short(text)}"
        if index is not None:
            document = f"the document {name}, with {document}"
        super().__init__(f"{failed} {document}{advice}")

    def of_document(self, index: int, id: str | None = None) -> "TokenizerError":
        """Return the error with the document named."""
        return TokenizerError(self.failed, self.advice, self.text, index, id)


def load_tokenizer(tokenizer: str | Tokenizer) -> Tokenizer:
    """Return the tokenizer that an option stands for.

    Args:
        tokenizer: one of SEGMENTERS; one of NLTK, whose tokens without a letter or a digit
            (punctuation) are left out, and which is not shown runs of more than 2,000 characters;
            the name "module:function" of a function from a text to a list of strings, whose module
            is then imported and its code run, unless a folder's recipe names it (``Foreign``); or
            such a function.

    Raises:
        InputError: where there is no such tokenizer, or its package is not installed; where it is a
            folder that names the code, and its user has not consented to run it; and, by the
            tokenizer returned, a ``TokenizerError`` where the function fails or returns something
            else.

    Example:
        >>> load_tokenizer("nltk:wordpunct")("Rates rose 2.5%.")
        ['Rates', 'rose', '2', '5']
        >>> load_tokenizer("shlex:split")("'New York' rose")
        ['New York', 'rose']
    """
    if isinstance(tokenizer, str) and tokenizer.startswith("nltk:"):
        return _nltk_tokenizer(tokenizer)
    if isinstance(tokenizer, str) and tokenizer in SEGMENTERS:
        return Segmenter(tokenizer)
    if isinstance(tokenizer, str) and ":" in tokenizer:
        check_consent(tokenizer)
        return _checked(_imported(tokenizer), tokenizer)
    if callable(tokenizer):
        return _checked(tokenizer, tokenizer)
    problem = "has no colon" if isinstance(tokenizer, str) else "is neither a name nor a function"
    raise InputError(
        f"expected tokenizer to be None, {', '.join([*SEGMENTERS, *NLTK])}, or module:function in "
        f"a module on Python's path (PYTHONPATH), got {quoted(tokenizer)}, which {problem}; choose "
        "one of these"
    )


def tokenizer_name(tokenizer: str | Tokenizer | None) -> str | None:
    """Return the name under which ``load_tokenizer`` finds a tokenizer again; None for None.

    >>> import shlex
    >>> tokenizer_name(shlex.split)
    'shlex:split'

    Raises:
        InputError: where it is a function without such a name.
    """
    if tokenizer is None or isinstance(tokenizer, str):
        return tokenizer
    module = getattr(tokenizer, "__module__", None)
    name = f"{module}:{getattr(tokenizer, '__qualname__', '')}"
    # What __main__ holds is another thing in another program.
    if module not in (None, "__main__"):
        try:
            if pkgutil.resolve_name(name) is tokenizer:
                return name
        except (ImportError, AttributeError, ValueError):
            pass
    raise InputError(
        "expected a tokenizer that can be stored by its name, module:function, got "
        f"{quoted(tokenizer)}; define it as a function of a module that can be imported, "
        "not in a script, in a function or as a lambda"
    )


def _nltk_tokenizer(name: str) -> Tokenizer:
    if name not in NLTK:
        raise InputError(
            f"expected a tokenizer of nltk that needs no data ({', '.join(NLTK)}), got "
            f"{quoted(name)}; choose one of these, or write module:function"
        )
    with needed("nltk", f"the tokenizer {quoted(name)} needs"):
        import nltk.tokenize

    cut = getattr(nltk.tokenize, NLTK[name])().tokenize

    def tokenize(text: str) -> list[str]:
        tokens, end = [], 0
        for run in _LONG_RUN.finditer(text):
            tokens += cut(text[end : run.start()])
            tokens += _letters_and_digits(run[0])
            end = run.end()
        return list(filter(_has_letter_or_digit, [*tokens, *cut(text[end:] if end else text)]))

    return tokenize


def _imported(name: str) -> Tokenizer:
    try:
        function: Tokenizer = pkgutil.resolve_name(name)
    except (Exception, SystemExit) as error:  # a module may raise anything
        raise InputError(
            f"the tokenizer {quoted(name)} cannot be imported ({_told(error)}); name it "
            "module:function, and have its module on Python's path (PYTHONPATH)"
        ) from None
    if not callable(function):
        raise InputError(
            f"the tokenizer {quoted(name)} is not a function but {_short(function)}; name a "
            "function from a text to a list of strings"
        )
    return function


def _checked(function: Tokenizer, name: object) -> Tokenizer:
    if not isinstance(name, str):
        name = getattr(function, "__qualname__", _short(function))
    described = f"the tokenizer {name}"

    def tokenize(text: str) -> list[str]:
        try:
            tokens = function(text)
        except (Exception, SystemExit) as error:
            raise TokenizerError(
                f"{described} failed at", f": {_told(error)}; correct the function", text
            ) from error
        if isinstance(tokens, list) and all(isinstance(token, str) for token in tokens):
            return tokens
        raise TokenizerError(
            f"{described} returned {_short(tokens)} for",
            "; make it return a list of strings",
            text,
        )

    return tokenize


def _told(error: BaseException) -> str:
    """Return an exception as the last line of its traceback has it, on one line."""
    message = " ".join(str(error).split())
    if isinstance(error, ImportError | AttributeError):
        return message
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _short(value: object) -> str:
    return quoted(value, 60)
