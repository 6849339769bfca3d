"""What the tests share: corpora of invented words with planted topics, and a browser."""

import os
import shutil
import signal
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

# Without a GPU, its kernels run in Triton's interpreter. Triton decides when it is imported.
if shutil.which("nvidia-smi") is None:
    os.environ.setdefault("TRITON_INTERPRET", "1")

N_PLANTED, N_WORDS = 3, 30

# Where it is set to "required", a browser that is missing is a failure: nothing is left untested.
IS_REQUIRED = os.environ.get("TOPICGEN_BROWSER") == "required"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Compute in one thread: on this little, more of them wait for each other."""
    import torch

    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture
def forkable():
    """A forked child must not use the threads of its parent, which it does not have."""
    with threadpool_limits(1):
        yield


@pytest.fixture(autouse=True)
def usual_signals():
    """Give signals their usual effect: nohup ignores one, and Ray handles another."""
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def seeded():
    """Draw from the same seed in every test, whichever ran before."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.fixture(scope="session")
def planted_counts() -> csr_matrix:
    """120 documents of 40 tokens, each mostly of one of 3 topics with 10 words of their own."""
    random = np.random.default_rng(0)
    own = np.kron(np.eye(N_PLANTED), np.ones(N_WORDS // N_PLANTED)) / (N_WORDS // N_PLANTED)
    words = 0.95 * own + 0.05 / N_WORDS
    topics = np.arange(120) % N_PLANTED
    return csr_matrix(np.stack([random.multinomial(40, words[topic]) for topic in topics]))


@pytest.fixture(scope="session")
def planted_texts(planted_counts) -> list[str]:
    """The same documents as texts of the words "qaa", "qab", ..."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    names = [f"q{letters[i // 26]}{letters[i % 26]}" for i in range(N_WORDS)]
    return [" ".join(np.repeat(names, row.toarray().ravel().astype(int))) for row in planted_counts]


# Text that does harm where it is taken for markup or commands, or hides what it is.
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script></style><b>",
    "'; style='x",
    "\x1b[2J\x1b]0;title\x07",
    "\u202egpj.exe\u2066",
    "zero\u200bwidth\x00",
    "&amp; &lt;",
    "half \ud800 of a pair",
    "x" * 2**20,
]


class Parsed(HTMLParser):
    """The elements and the text of a piece of HTML."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.elements, self.text = [], ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.fixture(params=HOSTILE, ids=lambda text: repr(text[:12]))
def hostile(request) -> str:
    """A text that must be shown as text."""
    return request.param


@pytest.fixture
def parsed() -> type[Parsed]:
    """Reads HTML: its elements with their attributes, and its text."""
    return Parsed


@pytest.fixture(scope="session")
def reseal():
    """``reseal(folder)``: compute the checksums of a model or a corpus anew, as a stranger can."""
    from campaigns.sealing import reseal

    return lambda folder: reseal(Path(folder))


@pytest.fixture(scope="session")
def no_browser():
    """``no_browser(what)``: skip a test in a browser, or fail where it is required."""

    def no_browser(what):
        if IS_REQUIRED:
            pytest.fail(f"{what} is missing, and TOPICGEN_BROWSER=required", pytrace=False)
        pytest.skip(f"{what} is missing")

    return no_browser


@pytest.fixture(scope="session")
def browser(no_browser):
    """Headless Chromium."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        no_browser("Chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        no_browser("playwright")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def watched(browser):
    """``watched(address, within)``: a page, opened; at the end, nothing may have gone wrong.

    It may load only what lies within an address.
    """
    contexts, troubles = [], []

    def watched(address, within, *, width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (troubles.append("dialog"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((within, "data:"))
                else troubles.append(f"request: {request.url}")
            ),
        )
        page.goto(address)
        return page

    yield watched
    for context in contexts:
        context.close()
    assert troubles == []
