"""Runs one Python client of the comparison.

    peer.py diyalog|pycurl|requests|urllib3 URL LOOKUPS

One lookup opens what there is to open. Then come the LOOKUPS; the line that is printed tells the
CPU time of these alone, in nanoseconds of this process, user and system together.
"""

import importlib
import sys
import time

import common

EXPECTED = common.HelpStatus(True, "inbound", "45001")


def main():
    client, url, lookups = sys.argv[1:]
    look_up = importlib.import_module(f"use_{client}").connect(url)

    def check():
        answer = look_up("70022")
        if answer != EXPECTED:
            sys.exit(f"{client} was answered {answer}")

    check()
    start = time.process_time_ns()
    for _ in range(int(lookups)):
        check()
    print(time.process_time_ns() - start)


if __name__ == "__main__":
    main()
