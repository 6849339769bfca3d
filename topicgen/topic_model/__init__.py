"""The topic model as a scikit-learn estimator, and what it learns.

The names below are imported on first use, so that a model folder can be read without torch.
"""

from typing import TYPE_CHECKING

from topicgen.lazy import lazy_names

if TYPE_CHECKING:
    from topicgen.topic_model.diagnostics import Diagnostics
    from topicgen.topic_model.estimator import TopicModel
    from topicgen.topic_model.fitted import Fitted
    from topicgen.topic_model.posterior import Posterior

__all__ = ["Diagnostics", "Fitted", "Posterior", "TopicModel"]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Diagnostics": "topicgen.topic_model.diagnostics",
        "Fitted": "topicgen.topic_model.fitted",
        "Posterior": "topicgen.topic_model.posterior",
        "TopicModel": "topicgen.topic_model.estimator",
    },
)
