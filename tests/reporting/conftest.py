"""Pages to look at."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from topicgen import Corpus, TopicModel
from topicgen.reporting import report

SUBJECTS = {
    "business": "market stocks shares bank profit trade price economy investor rates",
    "sport": "match goal team player coach league season score cup referee",
    "music": "album band song guitar concert singer stage melody chorus drum",
    "law": "court judge trial lawyer verdict appeal witness police prison crime",
}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "</script><script>alert(3)</script>",
    "<!--<script>",
    "]]>&amp;{{data}}",
    "\x1b[31mred\x1b]0;title\x07",
    "\u202egnp.exe",
    "nul\x00nul",
    "\ud800lone",
    "long" * 250_000,
    "\u2028\u2029",
]


@pytest.fixture(scope="session")
def axe(no_browser):
    """The checker of accessibility."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        no_browser("axe-playwright-python")
    return Axe()


@pytest.fixture
def visit(watched):
    """``visit(path)``: the page, opened; at the end, nothing may have gone wrong in it."""

    def visit(path, where="", *, expect_ready=True, **options):
        page = watched(path.as_uri() + where, path.as_uri(), **options)
        if expect_ready:
            page.wait_for_selector("html[data-ready]", timeout=10_000)
        return page

    return visit


@pytest.fixture(scope="session")
def news():
    """160 texts, each mostly of one subject, with a date, an author's group and a length."""
    random = np.random.default_rng(0)
    subjects = list(SUBJECTS)
    texts, rows = [], []
    for number in range(160):
        subject = subjects[number % 4]
        other = subjects[random.integers(4)]
        words = [
            *random.choice(SUBJECTS[subject].split(), 30),
            *random.choice(SUBJECTS[other].split(), 10),
        ]
        text = f"Story {number}. " + " ".join(words).capitalize() + ". The end."
        texts.append(text)
        year = 2000 + number // 16
        rows.append(
            {
                "date": f"{year}-0{1 + number % 9}-15",
                "party": ["Left", "Right"][number % 2],
                "votes": number * 7 % 50,
            }
        )
    return texts, pd.DataFrame(rows)


@pytest.fixture(scope="session")
def fitted(news):
    """A model with effects of covariates, and a name for one of its topics."""
    texts, metadata = news
    formula = "~ party + s(date, df=3)"
    model = TopicModel(4, prevalence=formula, max_epochs=8, random_state=0)
    model.fit(texts, metadata=metadata)
    model.fitted_ = replace(model.fitted_, names=("Economy & <b>trade</b>", None, None, None))
    return model


@pytest.fixture(scope="session")
def page_of(tmp_path_factory):
    """``page_of(model, documents, ...)``: the file of a report."""

    def page_of(model, documents, **options):
        path = tmp_path_factory.mktemp("page") / "report.html"
        report(model, documents, **options).save(path)
        return path

    return page_of


@pytest.fixture(scope="session")
def news_page(news, fitted, page_of):
    texts, metadata = news
    return page_of(fitted, texts, metadata=metadata, title="News of four kinds")


@pytest.fixture(scope="session")
def deep_page(news, page_of):
    """A page with groups of topics."""
    model = TopicModel(4, upper_components=(2,), max_epochs=4, random_state=0).fit(news[0])
    return page_of(model, news[0])


@pytest.fixture(scope="session")
def hostile_page(page_of):
    """A page whose every text wants to be something else."""
    random, n = np.random.default_rng(0), len(HOSTILE)
    metadata = pd.DataFrame({HOSTILE[0]: [HOSTILE[row % (n - 3)] for row in range(60)]})
    corpus = Corpus(
        random.poisson(2.0, (60, n)),
        HOSTILE,
        [f"{HOSTILE[row % n][:2000]} {row}" for row in range(60)],
        labels=[HOSTILE[row % n][:2000] for row in range(60)],
        metadata=metadata,
    )
    model = TopicModel(2, max_epochs=3, random_state=0).fit(corpus)
    model.fitted_ = replace(model.fitted_, names=(HOSTILE[1], HOSTILE[2]))
    texts = [f"{HOSTILE[row % n]} and {HOSTILE[(row + 1) % n][:500]}" for row in range(60)]
    return page_of(model, corpus, texts=texts, title="".join(HOSTILE[:9]))


@pytest.fixture(scope="session")
def counts_of():
    """``counts_of(n_documents, n_words, n_topics)``: counts with planted topics."""

    def counts_of(n_documents, n_words, n_topics=3, seed=0):
        random = np.random.default_rng(seed)
        topics = random.dirichlet(np.full(n_words, 0.1), n_topics)
        rows = [random.multinomial(30, topics[row % n_topics]) for row in range(n_documents)]
        return np.stack(rows)

    return counts_of
