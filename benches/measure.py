"""Measures the lookup against its peers: counts first, then CPU time in pairs.

    measure.py FOLDER LIBRARY SANDBOX

FOLDER is what run.sh has prepared. Prints the table and writes RESULTS.md and lookup.svg.
"""

import os
import statistics
import sys
import tempfile

import machine
import plot
import report
from pairs import in_turn, process_cpu, ratio, warm_cpu
from programs import HERE, Programs, run, running

C_CLIENTS = ("diyalog", "libcurl", "floor")
TLS_CLIENTS = ("diyalog", "libcurl")
PYTHON_CLIENTS = ("diyalog", "pycurl", "urllib3", "requests")


def say(what):
    print(f"- {what}", file=sys.stderr)


def prove_same_work(programs, sandbox):
    """Every client signs so that the sandbox lets it in, and reads the answer right."""
    say("every client against the sandbox, which checks the signatures")
    until_end = [sandbox, "--until-stdin-closes"]
    with running(until_end) as url:
        for name in C_CLIENTS:
            run(programs.c_client(name, url, 3))
        for name in PYTHON_CLIENTS:
            run(programs.python_client(name, url, 3))


def counts(programs):
    """{(what, tls): {client: count per warm lookup}}"""
    found = {}
    for tls, clients in ((False, C_CLIENTS), (True, TLS_CLIENTS)):
        with running(programs.server(tls=tls)) as url:
            for what in ("instructions", "allocations", "system-calls", "threads"):
                say(f"{what}, {'TLS' if tls else 'plain HTTP'}")
                found[what, tls] = {name: count(programs, what, name, url) for name in clients}
    return found


def count(programs, what, name, url):
    client, url, _lookups, _threads, *ca_file = programs.c_client(name, url, 0)
    return float(run([str(HERE / "count.sh"), what, client, url, *ca_file]))


def stripped_size(library):
    with tempfile.NamedTemporaryFile() as stripped:
        run(["strip", "-o", stripped.name, library])
        return os.path.getsize(stripped.name)


def c_cpu(programs, names, *, tls, server_cpus, client_cpus, lookups=4000, rounds=9):
    """{client: CPU nanoseconds per warm lookup, round by round}"""
    with running(programs.server(tls=tls), server_cpus) as url:
        measures = {
            name: lambda name=name: warm_cpu(programs.c_client(name, url, lookups), client_cpus)
            / lookups
            for name in names
        }
        return in_turn(measures, rounds)


def python_cpu(programs, cpus, lookups=1000, rounds=7):
    with running(programs.server(tls=False), cpus) as url:
        measures = {
            name: lambda name=name: warm_cpu(programs.python_client(name, url, lookups), cpus)
            / lookups
            for name in PYTHON_CLIENTS
        }
        return in_turn(measures, rounds)


def eight_threads_cpu(programs, lookups=16000, rounds=9):
    with running(programs.server(tls=False)) as url:
        measures = {
            name: lambda name=name: warm_cpu(programs.c_client(name, url, lookups, threads=8))
            for name in TLS_CLIENTS
        }
        return in_turn(measures, rounds)


def first_lookup_cpu(programs, cpus, rounds=40):
    """Whole processes that make one lookup over TLS, with one CA file to trust."""
    with running(programs.server(tls=True), cpus) as url:
        measures = {
            name: lambda name=name: process_cpu(programs.c_client(name, url, 0), cpus)
            for name in TLS_CLIENTS
        }
        return in_turn(measures, rounds)


def times(programs):
    """The ratios of the report, and the microseconds of the plot."""
    one, *others = ({cpu} for cpu in sorted(os.sched_getaffinity(0)))
    ratios = {}

    def against(found, peer):
        return ratio(found["diyalog"], found[peer])

    say("CPU time of warm lookups, client and server on one CPU")
    warm = c_cpu(programs, C_CLIENTS, tls=False, server_cpus=one, client_cpus=one)
    ratios["warm"] = against(warm, "libcurl")
    ratios["floor"] = ratio(warm["floor"], warm["libcurl"])
    if others:
        say("the same on two CPUs")
        apart = c_cpu(programs, C_CLIENTS, tls=False, server_cpus=one, client_cpus=others[0])
        ratios["warm apart"] = against(apart, "libcurl")
        ratios["floor apart"] = ratio(apart["floor"], apart["libcurl"])
    say("the same by TLS")
    tls = c_cpu(programs, TLS_CLIENTS, tls=True, server_cpus=one, client_cpus=one)
    ratios["warm tls"] = against(tls, "libcurl")
    say("first lookup of a process")
    ratios["first"] = against(first_lookup_cpu(programs, one), "libcurl")
    say("eight threads")
    eight = eight_threads_cpu(programs)
    ratios["eight"] = ratio(eight["libcurl"], eight["diyalog"])
    say("Python")
    python = python_cpu(programs, one)
    for peer in PYTHON_CLIENTS[1:]:
        ratios[peer] = against(python, peer)
    return ratios, {
        "C": {name: statistics.median(found) / 1000 for name, found in warm.items()},
        "Python": {name: statistics.median(found) / 1000 for name, found in python.items()},
    }


def main():
    folder, library, sandbox = sys.argv[1:]
    programs = Programs(folder)
    prove_same_work(programs, sandbox)
    exact = counts(programs)
    ratios, microseconds = times(programs)
    text = report.table(exact, stripped_size(library), ratios)
    print(text)
    HERE.joinpath("RESULTS.md").write_text(report.page(text, microseconds, machine.lines(programs)))
    HERE.joinpath("lookup.svg").write_text(plot.svg(microseconds))


if __name__ == "__main__":
    main()
