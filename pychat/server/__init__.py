"""The Hall and the house around it."""
