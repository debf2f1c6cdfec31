"""Measures the lookup against its peers: counts first, then CPU time in pairs.

    measure.py FOLDER LIBRARY SANDBOX

FOLDER is what run.sh has prepared. Prints the table and writes RESULTS.md and lookup.svg.
"""

import functools
import os
import statistics
import sys
import tempfile

import machine
import plot
import report
from pairs import in_turn, process_cpu, ratio, warm_cpu
from programs import HERE, Programs, run, running

PAIR = ("diyalog", "libcurl")
C_CLIENTS = (*PAIR, "floor")
PYTHON_CLIENTS = ("diyalog", "pycurl", "urllib3", "requests")


def say(what):
    print(f"- {what}", file=sys.stderr)


def every_client(programs):
    for name in C_CLIENTS:
        yield functools.partial(programs.c_client, name)
    for name in PYTHON_CLIENTS:
        yield functools.partial(programs.python_client, name)


def prove_same_work(programs, sandbox):
    """Every client signs so that the sandbox lets it in, reads the answer right, and keeps its
    connection."""
    say("every client against the sandbox, which checks the signatures")
    with running([sandbox, "--until-stdin-closes"]) as server:
        for client in every_client(programs):
            run(client(server.url, 3))
    for client in every_client(programs):
        with running(programs.server()) as server:
            run(client(server.url, 9))
            counted = server.end()
        if counted != "requests 10 connections 1":
            sys.exit(f"{client('URL', 9)}: {counted}")


def counts(programs):
    """{(what, tls): {client: count per warm lookup}}"""
    found = {}
    for tls, clients in ((False, C_CLIENTS), (True, PAIR)):
        with running(programs.server(tls=tls)) as server:
            for what in ("instructions", "allocations", "system-calls", "threads"):
                say(f"{what}, {'TLS' if tls else 'plain HTTP'}")
                found[what, tls] = {
                    name: programs.count(what, name, server.url) for name in clients
                }
    return found


def stripped_size(library):
    with tempfile.NamedTemporaryFile() as stripped:
        run(["strip", "-o", stripped.name, library])
        return os.path.getsize(stripped.name)


def c_cpu(programs, names, *, tls, server_cpus, client_cpus, lookups=4000, rounds=9):
    """{client: CPU nanoseconds per warm lookup, round by round}"""

    def measure(name):
        return warm_cpu(programs.c_client(name, server.url, lookups), client_cpus) / lookups

    with running(programs.server(tls=tls), server_cpus) as server:
        return in_turn(measure, names, rounds)


def python_cpu(programs, cpus, lookups=1000, rounds=7):
    def measure(name):
        return warm_cpu(programs.python_client(name, server.url, lookups), cpus) / lookups

    with running(programs.server(), cpus) as server:
        return in_turn(measure, PYTHON_CLIENTS, rounds)


def eight_threads_cpu(programs, cpus, rounds, lookups=16000):
    def measure(name):
        return warm_cpu(programs.c_client(name, server.url, lookups, threads=8), cpus) / lookups

    with running(programs.server(), cpus) as server:
        return in_turn(measure, PAIR, rounds)


def first_lookup_cpu(programs, cpus, rounds=40):
    """Whole processes that make one lookup over TLS, with one CA file to trust."""

    def measure(name):
        return process_cpu(programs.c_client(name, server.url, 0), cpus)

    with running(programs.server(tls=True), cpus) as server:
        return in_turn(measure, PAIR, rounds)


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
    tls = c_cpu(programs, PAIR, tls=True, server_cpus=one, client_cpus=one)
    ratios["warm tls"] = against(tls, "libcurl")
    say("first lookup of a process")
    ratios["first"] = against(first_lookup_cpu(programs, one), "libcurl")
    say("eight threads")
    # On all CPUs too: threads get in each other's way only where they run at the same time.
    for key, cpus, rounds in (("eight", None, 15), ("eight on one", one, 7)):
        eight = eight_threads_cpu(programs, cpus, rounds)
        ratios[key] = ratio(eight["libcurl"], eight["diyalog"])
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
