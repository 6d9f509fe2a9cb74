"""Models of segments, the small ones of which borrow from the shop."""
