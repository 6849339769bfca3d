"""The measures that rank the words of a topic, by name, for those who must not load numpy."""

MEASURES = ("probability", "frex", "lift", "relevance", "score")

# What lists of words are ranked by where no measure is asked for: in the methods of a model, the
# command line, the report and its checks, and the scores of coherence and diversity.
USUAL_MEASURE = "relevance"
