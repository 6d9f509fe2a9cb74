"""Pages: executed notebooks and the index of a month as HTML."""
