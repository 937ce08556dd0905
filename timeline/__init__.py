"""One record for both machines: what happened, its metrics, its laws, and how two runs compare."""
