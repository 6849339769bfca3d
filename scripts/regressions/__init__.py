"""Whether this version is slower, larger or worse than another: scripts/check_regressions.py."""
