"""The names of the measures that rank the words of a topic, for modules that do without numpy."""

MEASURES = ("probability", "frex", "lift", "relevance", "score")

# The default measure that ranks lists of words: in the methods of a model, the
# command line, the report and its checks, and the scores of coherence and diversity.
USUAL_MEASURE = "relevance"
