"""The terminal program in a browser: a page for whoever has its address."""
