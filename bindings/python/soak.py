"""Asks many times and watches the memory: ``soak.py [LOOKUPS]``, 100000 of them by default.

DIYALOG_SANDBOX is the path of the diyalog-sandbox program; the package is installed.
"""

from __future__ import annotations

import collections
import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import diyalog

WARM_UP = 2000
# What the allocators may still take after the warm-up. A leak of one text a lookup is ten times it.
ALLOWED_KILOBYTES = 512


def resident_kilobytes() -> int:
    """Give the memory that this process holds."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("/proc/self/status tells no VmRSS")


def ask(client: diyalog.Client, refused: diyalog.Client, lookups: int) -> None:
    """Ask for customers with every kind of answer; each tenth question is an error."""
    for number in range(lookups):
        client.is_customer_in_online_help(("70022", "70024", "müşteri-70025", "nobody")[number % 4])
        if number % 10 == 0:
            with contextlib.suppress(diyalog.AuthenticationError):
                refused.is_customer_in_online_help("70022")


def main() -> None:
    """Warm up, ask, and compare."""
    lookups = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    command = [os.environ["DIYALOG_SANDBOX"], "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sandbox:
        assert sandbox.stdin
        assert sandbox.stdout
        url = sandbox.stdout.readline().decode().strip()
        # A sandbox whose log nobody reads comes to a stop.
        threading.Thread(target=collections.deque, args=(sandbox.stdout, 0)).start()
        key_id = "1234567-8ABC-DEF0-5432-56712ABCDEF5"
        client = diyalog.Client(
            url, access_key_id=key_id, access_key_secret="s3cr3t-access-key", requester_user_id="1"
        )
        refused = diyalog.Client(
            url, access_key_id=key_id, access_key_secret="wrong", requester_user_id="1"
        )
        ask(client, refused, WARM_UP)
        before = resident_kilobytes()
        began = time.monotonic()
        ask(client, refused, lookups)
        seconds = time.monotonic() - began
        after = resident_kilobytes()
        sandbox.stdin.close()
    print(
        f"{lookups} lookups in {seconds:.0f} s, {seconds / lookups * 1e6:.0f} µs each; "
        f"memory {before} kB after {WARM_UP}, {after} kB at the end"
    )
    if after - before > ALLOWED_KILOBYTES:
        sys.exit(f"memory grew by {after - before} kB")


if __name__ == "__main__":
    main()
