"""What the figures were measured on and with."""

import os
import platform
import re

from programs import run


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    return model[1] if model else platform.machine()


def first_words(command):
    """Name and version, without the date that follows."""
    return " ".join(run(command).split()[:2])


VERSIONS = """
import importlib.metadata, sys
print(*(f"{name} {importlib.metadata.version(name)}" for name in sys.argv[1:]), sep=", ")
"""


def python_versions(programs):
    peers = run([programs.path("venv/bin/python"), "-c", VERSIONS, "pycurl", "urllib3", "requests"])
    return f"Python {platform.python_version()}, {peers}"


def lines(programs):
    count = len(os.sched_getaffinity(0))
    return [
        f"{count} CPUs, {cpu()}, {platform.system()}",
        f"{run(['curl-config', '--version'])}, {first_words(['openssl', 'version'])}",
        python_versions(programs),
        f"{first_words(['rustc', '--version'])}, {run(['valgrind', '--version'])}",
    ]
