"""Which markup may join a page: harmless HTML, and figures of the package."""
