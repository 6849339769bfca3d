import time

import pytest
from sklearn.datasets._twenty_newsgroups import strip_newsgroup_quoting

from topicgen.corpus.words.cleaning import (
    cleaner,
    drop_footers,
    drop_headers,
    drop_quotes,
    drop_urls,
    mask_urls,
)

POST = """From: ann@example.org (Ann)
Subject: Re: rates
X-Note: folded
\tonto a second line

In article <1@b.c> bob@b.c (Bob) writes:
> Rates rose.
| They did.
See www.bank.org/rates: they fell.
--\x20
Ann, http://example.org
"""


def test_post_is_reduced_to_its_own_words():
    clean = cleaner(urls="mask", headers=True, quotes=True, footers=True)
    assert clean(POST) == "See  url  they fell.\n"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("From: a\nTo: b\n\nbody\n\nend", "body\n\nend"),
        ("From: a\r\nTo: b\r\n\r\nbody", "body"),
        ("From: a\n folded\n\nbody", "body"),
        ("From: a\nTo:\n \t\nbody", "body"),
        ("Note: one line only\n\nbody", "Note: one line only\n\nbody"),
        ("From: a\nno header\n\nbody", "From: a\nno header\n\nbody"),
        ("From: a\nTo: b\nno blank line", "From: a\nTo: b\nno blank line"),
        ("body\nFrom: a\nTo: b\n\nend", "body\nFrom: a\nTo: b\n\nend"),
        ("", ""),
    ],
)
def test_headers(text, left):
    assert drop_headers(text) == left


def test_quotes_are_those_of_scikit_learn():
    lines = [
        "> a", "| b", " > not at the beginning", "In article 3", "see In article 3", "Bob writes:",
        "Bob wrote: this", "Bob writes in 7", "Quoted from Bob", "Bob says nothing", "a > b", "",
    ]  # fmt: skip
    text = "\n".join(lines)
    assert drop_quotes(text) == strip_newsgroup_quoting(text)
    assert drop_quotes(text).split("\n") == [
        " > not at the beginning", "see In article 3", "Bob says nothing", "a > b", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\n-- \nAnn", "a\n"),
        ("a\r\n--\r\nAnn", "a\r\n"),
        ("a\n--\nb\n--\nAnn", "a\n--\nb\n"),
        ("a\n---\nb -- c\n--d", "a\n---\nb -- c\n--d"),
        ("-- ", ""),
    ],
)
def test_footers(text, left):
    assert drop_footers(text) == left


@pytest.mark.parametrize(
    ("text", "dropped", "masked"),
    [
        ("a https://b.c/d?e=f#g h", "a   h", "a  url  h"),
        ("(ftp://b.c) <HTTP://B.C> WWW.b.c", "(  < >  ", "( url  < url >  url "),
        # Punctuation that no URL has ends one, and so do letters that need no space before them.
        ("见http://t.cn/abc《新书》上市", "见 《新书》上市", "见 url 《新书》上市"),
        ("看www.a.cn/b上市。http://c.d，好", "看 上市。 ，好", "看 url 上市。 url ，好"),
        ("“http://a.b/c” http://a.b… ‘www.b.c’—x", "“ ”  … ‘ ’—x", "“ url ”  url … ‘ url ’—x"),
        ("ดูhttp://t.co/abcสวย ดู", "ดู สวย ดู", "ดู url สวย ดู"),
        ("[a](http://b.c/d)|x http://b.c/{d}", "[a]( |x  {d}", "[a]( url |x  url {d}"),
        # Letters of other scripts are part of a URL, and a Chinese name can be its host.
        ("https://de.b.c/Straße https://b.c/हिन्दी x", "    x", " url   url  x"),
        ("http://例え.テスト/abc見る http://新书", " 見る  ", " url 見る  url "),
        ("awww.b.c httpx://b.c b.c www", None, None),
    ],
)
def test_urls(text, dropped, masked):
    assert drop_urls(text) == (text if dropped is None else dropped)
    assert mask_urls(text) == (text if masked is None else masked)


def test_nothing_to_do_is_none():
    assert cleaner() is None
    assert cleaner(quotes=True)("> a") == ""


@pytest.mark.parametrize(
    "text",
    [
        "a-" * 500_000,
        "A:" + " \t" * 500_000,
        "A: b\n" * 200_000,
        "\n \r" * 300_000,
        "--" + " " * 1_000_000 + "x",
        "www." * 250_000,
        "http://" * 150_000 + "<",
        ">" * 1_000_000,
        "http://" + "新" * 1_000_000,
        "http://a" + "\u0301" * 1_000_000 + "。",
    ],
    ids=range(10),
)
def test_time_is_linear(text):
    started = time.perf_counter()
    cleaner("mask", headers=True, quotes=True, footers=True)(text)
    # Milliseconds; a quadratic search through a million characters takes many minutes.
    assert time.perf_counter() - started < 10
