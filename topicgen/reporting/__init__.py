"""Reports: one HTML page about a model and its documents, to read and to hand over."""

from topicgen.reporting.report import Report, report

__all__ = ["Report", "report"]
