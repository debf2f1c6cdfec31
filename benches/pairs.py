"""CPU time by comparison: A B A B, each pair under the same conditions, so that what else the
machine does meets both."""

import dataclasses
import os
import statistics
import subprocess
import sys

import programs


@dataclasses.dataclass(frozen=True)
class Ratio:
    """The median of the pairs' ratios, and what the middle half of them spans."""

    median: float
    low: float
    high: float


def ratio(ours, theirs):
    ratios = [mine / other for mine, other in zip(ours, theirs)]
    low, median, high = statistics.quantiles(ratios, n=4, method="inclusive")
    return Ratio(median, low, high)


def in_turn(measure, names, rounds):
    """Measures each name in turn, again and again; gives each its list of values."""
    found = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            found[name].append(measure(name))
    return found


def warm_cpu(command, cpus=None):
    """CPU nanoseconds of a client's warm lookups, which it prints itself."""
    with programs.pinned(cpus):
        return int(programs.run(command))


def process_cpu(command, cpus=None):
    """CPU seconds of a process from start to end, user and system."""
    with programs.pinned(cpus):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} failed")
    return usage.ru_utime + usage.ru_stime
