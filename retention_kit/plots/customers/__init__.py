"""Figures of customers: survival, RFM segments and their flow."""
