"""Fixtures that every kind of test may use.

Property tests try the same examples in every run, so that a run says something of the change and
not of chance; HYPOTHESIS_PROFILE=seeking looks for new ones.
"""

import os

from hypothesis import settings

from tests.support.processes import serve_process, start

__all__ = ["serve_process", "start"]

# No deadline for one example: a busy machine is no fault of it.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("seeking", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
