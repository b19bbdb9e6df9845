"""Hypothesis on a machine of any speed: an example that takes long is no failure."""

from hypothesis import settings

settings.register_profile("pychat", deadline=None)
settings.load_profile("pychat")
