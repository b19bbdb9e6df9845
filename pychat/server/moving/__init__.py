"""A whole Hall from one place to another: a data folder, a file, a cluster."""
