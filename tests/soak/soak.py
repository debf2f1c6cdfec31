"""Python threads on one client, for a long time: soak.py PLAIN-URL TLS-URL CA-FILE SECONDS."""

from __future__ import annotations

import collections
import os
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

import diyalog

THREADS = 4
ROUNDS = 10
WARM_UP_ROUNDS = 3
MOST_LATE = 0.1
# Python's own allocator takes its memory in pieces of this size, and some come late.
ALLOWED_GROWTH_KB = 2048

QUESTIONS = {
    "70022": ("45001", None),
    "70023": ("45002", None),
    "70024": (None, None),
    "müşteri-70025": ("temsilci-şule", None),
    "nobody": (None, 400),
}


class Tally:
    """The results of the calls."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.codes: collections.Counter[int] = collections.Counter()
        self.wrong = 0
        self.latest = 0.0
        self.oversleep = 0.0

    def note(self, code: int, is_right: bool, late: float) -> None:
        with self.lock:
            self.codes[code] += 1
            self.wrong += not is_right
            self.latest = max(self.latest, late)


def resources() -> tuple[int, int, int]:
    """Return memory in kB, open files and threads of this process."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    status = dict(line.split(":", 1) for line in lines)
    files = len(os.listdir("/proc/self/fd"))
    return int(status["VmRSS"].split()[0]), files, int(status["Threads"])


def wait_for_ended_threads(before: int) -> None:
    """Wait until the system, too, has ended the threads; joining does not."""
    end = time.monotonic() + 10
    while resources()[2] > before and time.monotonic() < end:
        time.sleep(0.01)


def ask(client: diyalog.Client, tally: Tally) -> None:
    customer_id, expected = random.choice([*QUESTIONS.items()])
    timeout = random.choice((0.1, 0.3, 1.0, 2.0))
    began = time.monotonic()
    try:
        status = client.is_customer_in_online_help(customer_id, timeout=timeout)
    except diyalog.Error as error:
        late = time.monotonic() - began - timeout
        tally.note(error.code, bool(str(error)), late)
        return
    late = time.monotonic() - began - timeout
    is_right = (status.staff_id, status.error_code) == expected
    if not is_right:
        print(f"WRONG: for {customer_id}: {status}")
    tally.note(0, is_right, late)


def work(client: diyalog.Client, tally: Tally, end: float) -> None:
    while time.monotonic() < end:
        ask(client, tally)
        before = time.monotonic()
        time.sleep(0.005)
        tally.oversleep = max(tally.oversleep, time.monotonic() - before - 0.005)


def main() -> int:
    plain_url, tls_url, ca_file = sys.argv[1:4]
    seconds = float(sys.argv[4])
    settings: dict[str, Any] = {
        "access_key_id": "1234567-8ABC-DEF0-5432-56712ABCDEF5",
        "access_key_secret": "s3cr3t-access-key",
        "requester_user_id": "45186",
        "ca_file": ca_file,
        "system_trust": False,
    }
    tally = Tally()
    files_before = resources()[1]
    clients = [diyalog.Client(url, **settings) for url in (plain_url, tls_url)]
    start = time.monotonic()
    warm = last = resources()
    threads_before = warm[2]
    for round_number in range(1, ROUNDS + 1):
        end = start + seconds * round_number / ROUNDS
        threads = [
            threading.Thread(target=work, args=(clients[number % 2], tally, end))
            for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_for_ended_threads(threads_before)
        last = resources()
        if round_number == WARM_UP_ROUNDS:
            warm = last
    for client in clients:
        client.close()
    files_left = resources()[1] - files_before

    grown = last[0] - warm[0]
    print(f"Python: {sum(tally.codes.values())} calls of {THREADS} threads")
    for code, number in sorted(tally.codes.items()):
        print(f"  code {code:<3} {number:>10}")
    print(f"  wrong answers {tally.wrong}")
    print(
        f"  latest {tally.latest * 1e3:.1f} ms after its deadline; a thread that only slept was"
        f" up to {tally.oversleep * 1e3:.1f} ms late"
    )
    print(
        f"  growth after warm-up {grown} kB, {last[2] - warm[2]} threads; {files_left} files left"
    )
    failed = (
        tally.wrong > 0
        or tally.codes[0] == 0
        or tally.codes[90] > 0
        or tally.latest > MOST_LATE + tally.oversleep
        or grown > ALLOWED_GROWTH_KB
        or last[2] != warm[2]
        or files_left != 0
    )
    print(f"Python: {'FAILED' if failed else 'passed'}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
