"""Which rows are refused, and which of the kept rows look odd."""
