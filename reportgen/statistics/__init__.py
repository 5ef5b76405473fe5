"""Summaries of how a layer's units answered, made batch by batch and merged exactly.

Batches can be summed up one after another, by several workers or on several machines: the merged summary is that
of all the pictures. It does not know where the values come from.
"""

from reportgen.statistics.extremes import ExtremesSummary
from reportgen.statistics.responses import ResponseSummary
from reportgen.statistics.samples import SampleSummary

__all__ = ["ExtremesSummary", "ResponseSummary", "SampleSummary"]
