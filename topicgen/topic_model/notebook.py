"""What a notebook shows of a fitted model."""

from topicgen.html import Html, facts, fragment, tag
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inspection import top_topics
from topicgen.topic_model.measure_names import USUAL_MEASURE

_MOST_TOPICS = 20


def model_html(fitted: Fitted, parameters: str) -> Html:
    """Return a fitted model in numbers, its largest topics, and its parameters.

    Args:
        fitted: the model.
        parameters: the call that makes such a model, as text.
    """
    topics = top_topics(fitted, _MOST_TOPICS, 10, USUAL_MEASURE, None)
    more = fitted.n_topics - len(topics)
    rest = [tag("p", f"and {more} smaller topics; show_topics() shows all")] if more else []
    warnings = [tag("li", line) for line in fitted.diagnostics.warnings]
    return fragment(
        facts("TopicModel", fitted.facts()),
        *([tag("ul", *warnings)] if warnings else []),
        topics.to_html(),
        *rest,
        tag("details", tag("summary", "Parameters"), tag("pre", parameters)),
    )
