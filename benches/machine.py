"""What the figures were measured on and with."""

import os
import platform
import re

from programs import run


def cpu():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*:\s*(.*)", file.read())
    return model[1] if model else platform.machine()


def python_versions(programs):
    python = str(programs.folder / "venv" / "bin" / "python")
    names = ("pycurl", "urllib3", "requests")
    script = "import sys, importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
    return f"Python {platform.python_version()}, " + run([python, "-c", script, *names])


def lines(programs):
    count = len(os.sched_getaffinity(0))
    return [
        f"{count} × {cpu()}, {platform.system()}",
        f"{run(['curl-config', '--version'])}, {run(['openssl', 'version']).split(' (')[0]}",
        python_versions(programs),
        f"{run(['rustc', '--version']).split(' (')[0]}, {run(['valgrind', '--version'])}",
    ]
