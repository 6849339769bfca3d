"""A seeded part of ``scripts/campaign_calls.py``."""

from campaign_calls import campaign

COMMANDS = {"topics", "fit", "effects", "transform", "corpus build", "corpus info"}
CALLS = {
    "distributions.Truncated", "distributions.Finite", "distributions.draw",
    "distributions.GeneralizedGumbelSoftmax", "evaluation.coherence", "evaluation.perplexity",
    "TopicModel.top_words", "TopicModel.get_topic", "TopicModel.rename",
}  # fmt: skip


def test_wrong_options_and_arguments_are_explained():
    tried, faults = campaign(60, 0, COMMANDS | CALLS)
    assert {*tried} == COMMANDS | CALLS
    assert faults == []
