"""Topic models whose latent variables are counts.

The names below load on first use, so that ``import topicgen`` and ``topicgen --help`` never wait
for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from topicgen.version import __version__

if TYPE_CHECKING:
    from topicgen.comparison import Comparison, compare
    from topicgen.corpus import Corpus, Vectorizer
    from topicgen.selection import Selection, select_k
    from topicgen.topic_model import TopicModel

__all__ = [
    "Comparison",
    "Corpus",
    "Selection",
    "TopicModel",
    "Vectorizer",
    "__version__",
    "compare",
    "select_k",
]

_HOME = {
    "Comparison": "topicgen.comparison",
    "Corpus": "topicgen.corpus",
    "Selection": "topicgen.selection",
    "TopicModel": "topicgen.topic_model",
    "Vectorizer": "topicgen.corpus",
    "compare": "topicgen.comparison",
    "select_k": "topicgen.selection",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'topicgen' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
