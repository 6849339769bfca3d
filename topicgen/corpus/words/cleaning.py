"""What is removed from a text before it is tokenised: headers, quotes, signatures, URLs."""

import re
from functools import cache
from itertools import pairwise

from topicgen.corpus.words.excerpts import Excerpt, Excerpts
from topicgen.corpus.words.scripts import ALL_WITHOUT_SPACES
from topicgen.corpus.words.whole_words import mark_class

# No repetition here stands inside another over the same characters: the time is linear.
_HEADERS = re.compile(r"[A-Za-z][\w-]*:.*\r?\n(?:[A-Za-z][\w-]*:|[ \t]+\S)")
_BLANK_LINE = re.compile(r"\n[ \t]*\r?\n")
# That of scikit-learn's ``strip_newsgroup_quoting``.
_QUOTE = re.compile(r"writes in|writes:|wrote:|says:|said:|^In article|^Quoted from|^\||^>")
_SIGNATURE = re.compile(r"^--[ \t]*\r?$", re.MULTILINE)


def drop_headers(text: str) -> str:
    r"""Return the text after its first blank line, where it begins with two headers or more.

    >>> drop_headers("From: ann@example.org\nSubject: rates\n\nRates rose.")
    'Rates rose.'
    """
    return _after_headers(text).of(text)


def _after_headers(text: str) -> Excerpt:
    start = 0
    if _HEADERS.match(text) and (blank := _BLANK_LINE.search(text)):
        start = blank.end()
    return Excerpt([(start, len(text))])


def drop_quotes(text: str) -> str:
    r"""Return the text without quoted lines and the lines that introduce them.

    >>> drop_quotes("Ann writes:\n> Rates rose.\n| They did.\nNot here.")
    'Not here.'
    """
    return _unquoted(text).of(text)


def _unquoted(text: str) -> Excerpt:
    lines, start = [], 0
    for line in text.split("\n"):
        if not _QUOTE.search(line):
            lines.append((start, start + len(line)))
        start += len(line) + 1
    return Excerpt(lines, between="\n")


def drop_footers(text: str) -> str:
    r"""Return the text before its signature, which starts at the last line of two dashes.

    >>> drop_footers("Rates rose.\n-- \nAnn, Bank of England")
    'Rates rose.\n'
    """
    return _before_footer(text).of(text)


def _before_footer(text: str) -> Excerpt:
    end = len(text)
    for dashes in _SIGNATURE.finditer(text):
        end = dashes.start()
    return Excerpt([(0, end)])


def drop_urls(text: str) -> str:
    """Return the text with a space for each URL.

    >>> drop_urls("see http://a.org/b?c=1 or www.d.com")
    'see   or  '
    """
    return _dropping_urls(text).of(text)


def _dropping_urls(text: str) -> Excerpt:
    return _between_urls(text, " ")


def mask_urls(text: str) -> str:
    """Return the text with the word "url" for each URL.

    >>> mask_urls("see http://a.org/b?c=1 or www.d.com")
    'see  url  or  url '
    """
    return _masking_urls(text).of(text)


def _masking_urls(text: str) -> Excerpt:
    return _between_urls(text, " url ")


def _between_urls(text: str, instead: str) -> Excerpt:
    urls = [found.span() for found in _url().finditer(text)]
    edges = [(0, 0), *urls, (len(text), len(text))]
    return Excerpt([(end, start) for (_, end), (start, _) in pairwise(edges)], instead)


@cache
def _url() -> re.Pattern[str]:
    """Return the pattern of a URL: its characters (RFC 3986), and letters of scripts with spaces.

    Punctuation beyond ASCII ends it, and so do Chinese letters, which stand beside it unspaced.
    """
    letters = rf"\w{mark_class()}"
    character = rf"(?:(?![{ALL_WITHOUT_SPACES}])[{letters}!#$%&'()*+,\-./:;=?@\[\]~])"
    chinese_host = rf"[{ALL_WITHOUT_SPACES}][{letters}.\-]*"
    return re.compile(
        rf"(?<![^\W{ALL_WITHOUT_SPACES}])"
        rf"(?:(?:https?|ftp)://(?:{chinese_host}{character}*|{character}+)|www\.{character}+)",
        re.IGNORECASE,
    )


URLS = {"keep": None, "drop": _dropping_urls, "mask": _masking_urls}


def cleaner(
    urls: str = "keep", headers: bool = False, quotes: bool = False, footers: bool = False
) -> Excerpts | None:
    r"""Return the function that cleans a text, or None where there is nothing to do.

    Args:
        urls: "keep", "drop" or "mask".
        headers: whether to drop the headers of an e-mail or a Usenet post.
        quotes: whether to drop what it quotes.
        footers: whether to drop its signature.

    Example:
        >>> cleaner(urls="mask", footers=True)("See www.a.org\n--\nAnn")
        'See  url \n'
        >>> cleaner() is None
        True
    """
    wanted = [
        _after_headers if headers else None,
        _unquoted if quotes else None,
        _before_footer if footers else None,
        URLS[urls],
    ]
    steps = [step for step in wanted if step is not None]
    return Excerpts(steps) if steps else None
