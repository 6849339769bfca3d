"""The version of the package, which models and corpora carry with them."""

__version__ = "0.1.0"
