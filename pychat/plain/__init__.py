"""The terminal program as lines: nothing is drawn, and what happens is told in words."""
