"""One Hall on several machines: each has the whole Hall, and one log decides what happens in it."""
