"""Simulated data with a known truth: survey answers for CDNOW customers.

Everything here is invented by a random number generator and says so; the same seed gives the same bytes.
"""

from retention_kit.simulate.surveys import cdnow_surveys

__all__ = ["cdnow_surveys"]
