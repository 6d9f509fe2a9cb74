"""Probability models of who will buy again, how often, for how much."""

from retention_kit.models.bgnbd import BGNBD
from retention_kit.models.gamma_gamma import GammaGamma
from retention_kit.models.value import lifetime_value

__all__ = ["BGNBD", "GammaGamma", "lifetime_value"]
