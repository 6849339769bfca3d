"""The scripts that are written without spaces between words, by their characters."""

# Han characters, and the marks that repeat or stand for one.
IDEOGRAPHS = "\u3005\u3007\u3021-\u3029\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
KANA = "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"

# Ranges as in a regular expression: letters and marks, but neither digits nor punctuation.
WITHOUT_SPACES = {
    "Chinese": IDEOGRAPHS,
    "Japanese": KANA,
    "Thai": "\u0e01-\u0e3a\u0e40-\u0e4e",
    "Lao": "\u0e81-\u0ecd\u0edc-\u0edf",
    "Burmese": "\u1000-\u103f\u1050-\u108f\u109a-\u109d\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa7f",
    "Khmer": "\u1780-\u17d3\u17d7\u17dc\u17dd",
}

ALL_WITHOUT_SPACES = "".join(WITHOUT_SPACES.values())
