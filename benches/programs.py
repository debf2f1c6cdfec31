"""The programs of the comparison: the clients, the servers, and the CPUs they run on."""

import contextlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PYTHON = HERE / "python" / "peer.py"
COUNT = HERE / "count.sh"


class Programs:
    """What run.sh has prepared in a folder: C programs, certificates, Python packages."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def c_client(self, name, url, lookups, threads=1):
        return [self.path(name), url, str(lookups), str(threads), *self.trust(url)]

    def python_client(self, name, url, lookups):
        return [self.path("venv/bin/python"), str(PYTHON), name, url, str(lookups)]

    def server(self, *, tls=False):
        names = ("server", "server.pem", "server.key") if tls else ("server",)
        return [self.path(name) for name in names]

    def count(self, what, name, url):
        """A count per warm lookup of a C client."""
        return float(run([str(COUNT), what, self.path(name), url, *self.trust(url)]))

    def trust(self, url):
        return [self.path("ca.pem")] if url.startswith("https:") else []

    def path(self, name):
        return str(self.folder / name)


class Server:
    """A server that runs."""

    def __init__(self, process):
        self._process = process
        self.url = process.stdout.readline().strip()

    def end(self):
        """Gives the last line that it prints."""
        self._process.stdin.close()
        return self._process.stdout.read().strip().rpartition("\n")[2]


@contextlib.contextmanager
def running(server, cpus=None):
    """A server, which tells its URL first and ends when its standard input does."""
    with pinned(cpus):
        process = subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        try:
            yield Server(process)
        finally:
            process.stdin.close()


@contextlib.contextmanager
def pinned(cpus):
    """What is started meanwhile runs on these CPUs only; None: on any."""
    allowed = os.sched_getaffinity(0)
    if cpus:
        os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def run(command):
    """What a command prints. Ends the bench where it fails: a figure would be missing."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout.strip()
