"""Speed, each figure against a named peer in the same run."""

import os

# As the entry point of `kairos` does, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
