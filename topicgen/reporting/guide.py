"""How to read a report: what its words and figures mean."""

from typing import Any

from topicgen.html import Html, tag


def reading_guide(data: dict[str, Any]) -> Html:
    """Return what the parts of the page mean; those that it lacks are left out."""
    entries = [
        (
            "Words",
            "Only words in the model's vocabulary are counted, each time that they occur. Very "
            "common and very rare words are usually not in the vocabulary.",
        ),
        (
            "Ranking of words",
            "With the slider at 1, a topic's words are ranked by their probability in the topic; "
            "at 0, by how much more probable they are in the topic than overall. In between, the "
            "two are mixed: λ log p + (1 - λ) log(p / overall p). Low values show "
            "what sets a topic apart, but also rare words.",
        ),
        (
            "Bars",
            "The bar behind shows how often the word occurs in these documents; the bar in front "
            "shows how many of these uses are expected to come from the topic, given the shares of "
            "the topics.",
        ),
        (
            "Passages",
            "Parts of the most typical documents of the topic. A word is marked if, in this "
            "document, it comes from the topic with a probability of at least one half, and if at "
            "least a third of its uses in all documents come from the topic.",
        ),
        (
            "Intervals",
            "The interval for a document's words from a topic contains the true number with a "
            "probability of 90%, if the model is right. Intervals of presence and amount also "
            "allow for the choice of documents. No interval shows how different the topics of "
            "another fit would be.",
        ),
        (
            "Similarity",
            "1 minus the Jensen-Shannon divergence (in bits) between the words of two topics: 1 if "
            "they have the same words with the same probabilities, 0 for no word in common.",
        ),
    ]
    if data["time"] is not None:
        entries.append(
            (
                "Over time",
                "The share of the words of each period that comes from the topic, with a separate "
                "95% interval for each period. Intervals are wider if a period has few documents.",
            )
        )
    if data["curves"]:
        entries.append(
            (
                "Covariates",
                "The expected share of the topic in documents with these properties, with the "
                "others held at their mean or most frequent value. These are associations in the "
                "documents, not causes.",
            )
        )
    items = [tag("div", tag("dt", name), tag("dd", text)) for name, text in entries]
    return tag("dl", *items, class_="guide")
