"""How much memory this process has, as Linux counts it."""


def memory(field: str) -> int:
    """Return a number of bytes from ``/proc/self/status``, such as "VmRSS", "VmHWM" or "VmSize"."""
    with open("/proc/self/status", encoding="utf-8", errors="replace") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024
