"""What the program prints: messages to standard error, JSON to standard output."""

import json
import math
from typing import Any

import click


def say(message: str) -> None:
    """Print a message, on one line, to standard error."""
    click.echo(f"topicgen: {' '.join(message.splitlines())}", err=True)


def print_json(value: Any) -> None:
    """Print a value as JSON to standard output, with null for NaN and infinity, which JSON lacks.

    >>> print_json({"perplexity": float("inf"), "words": ["größer"]})
    {
      "perplexity": null,
      "words": [
        "größer"
      ]
    }
    """
    click.echo(json.dumps(_finite(value), ensure_ascii=False, indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
