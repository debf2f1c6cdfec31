"""Runs many lookups through one Python client of the comparison, 16 in flight.

    many.py NAME URL LOOKUPS

NAME is a function of many_clients. A tenth of the lookups comes first, to open what there is to
open. The line that is printed has the lookups per second, the CPU nanoseconds per lookup of this
process, user and system together, and the peak of its memory in kilobytes.
"""

import resource
import sys
import time

import common
import many_clients

EXPECTED = common.HelpStatus(True, "inbound", "45001")


def main():
    name, url, lookups = sys.argv[1:]
    look_up_all = getattr(many_clients, name)(url)

    def run(count):
        answers = 0
        for answer in look_up_all(["70022"] * count):
            if answer != EXPECTED:
                sys.exit(f"{name} was answered {answer}")
            answers += 1
        if answers != count:
            sys.exit(f"{name} was answered {answers} times of {count}")

    count = int(lookups)
    run(count // 10)
    began, cpu = time.monotonic_ns(), time.process_time_ns()
    run(count)
    seconds = (time.monotonic_ns() - began) / 1e9
    cpu = time.process_time_ns() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{count / seconds:.0f} {cpu // count} {peak}")


if __name__ == "__main__":
    main()
