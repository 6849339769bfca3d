"""Topic models whose latent variables are counts.

The names below load on first use, so that ``import topicgen`` and ``topicgen --help`` never wait
for torch.
"""

from typing import TYPE_CHECKING

from topicgen.lazy import lazy_names
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

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Comparison": "topicgen.comparison",
        "Corpus": "topicgen.corpus",
        "Selection": "topicgen.selection",
        "TopicModel": "topicgen.topic_model",
        "Vectorizer": "topicgen.corpus",
        "compare": "topicgen.comparison",
        "select_k": "topicgen.selection",
    },
)
