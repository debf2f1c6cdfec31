"""The programs of the comparison: the clients, the servers, and the CPUs they run on."""

import contextlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


class Programs:
    """What run.sh has prepared in a folder: C programs, certificates, Python packages."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ca_file = str(self.folder / "ca.pem")

    def c_client(self, name, url, lookups, threads=1):
        command = [str(self.folder / name), url, str(lookups), str(threads)]
        return command + ([self.ca_file] if url.startswith("https:") else [])

    def python_client(self, name, url, lookups):
        python = self.folder / "venv" / "bin" / "python"
        return [str(python), str(HERE / "python" / "peer.py"), name, url, str(lookups)]

    def server(self, *, tls):
        names = ("server.pem", "server.key") if tls else ()
        return [str(self.folder / "server"), *(str(self.folder / name) for name in names)]


@contextlib.contextmanager
def running(server, cpus=None):
    """Yields the URL of a server, which its first line tells; it ends with its standard input."""
    with pinned(cpus):
        process = subprocess.Popen(
            server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    with process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.stdout.read()


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
