"""The topic model as a scikit-learn estimator, and what it learns.

The names below are imported on first use, so that a model folder can be read without torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from topicgen.topic_model.diagnostics import Diagnostics
    from topicgen.topic_model.estimator import TopicModel
    from topicgen.topic_model.fitted import Fitted
    from topicgen.topic_model.posterior import Posterior

__all__ = ["Diagnostics", "Fitted", "Posterior", "TopicModel"]

_HOME = {
    "Diagnostics": "topicgen.topic_model.diagnostics",
    "Fitted": "topicgen.topic_model.fitted",
    "Posterior": "topicgen.topic_model.posterior",
    "TopicModel": "topicgen.topic_model.estimator",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'topicgen.topic_model' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
