"""All benches with small defaults: `make bench`."""

import subprocess
import sys

BENCHES: dict[str, list[str]] = {
    "bench.embed": [],
    "bench.checkpoint": ["--threads", "50"],
    "bench.turn": ["--turns", "50"],
    "bench.ingest": [],
    "bench.search": ["--chunks", "20000", "--queries", "100"],
    "bench.recall": ["--chunks", "20000", "--queries", "50"],
    "bench.incremental": ["--pages", "200", "--rounds", "1"],
    "bench.load": ["--chunks", "2000"],
    "bench.mcp": ["--calls", "100"],
    "bench.sandbox": ["--starts", "10"],
}


def main() -> int:
    """Run each bench in a process of its own; 1 if one failed."""
    failed = 0
    for module, arguments in BENCHES.items():
        print(f"\n== {module} {' '.join(arguments)}", flush=True)
        failed |= subprocess.call([sys.executable, "-m", module, *arguments])
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
