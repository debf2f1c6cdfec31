"""Measures many lookups in Python, 16 in flight: many_python.py FOLDER SANDBOX

FOLDER is what run.sh has prepared; its environment also needs httpx and aiohttp. The server is the
sandbox, which checks each signature and responds after 5 ms, as a server in the same building does.
Clients run in turn; medians of CPU time and of the ratios to each other. Prints a table, and writes
it to RESULTS-python-many.md.
"""

import statistics
import sys

import machine
from programs import HERE, Programs, run, running

CLIENTS = {
    "diyalog": "`are_customers_in_online_help`",
    "diyalog_async": "the same of `AsyncClient`",
    "plain_loop": "`is_customer_in_online_help`, one after the other",
    "pycurl_multi": "pycurl, CurlMulti",
    "aiohttp": "aiohttp",
    "httpx": "httpx.AsyncClient",
    "requests": "requests, 16 threads",
}
ROUNDS = 5
LOOKUPS = 1000
DELAY = '{"kind": "delay", "milliseconds": 5, "times": 1000000}'


def measure(programs, name, url):
    command = [programs.path("venv/bin/python"), str(HERE / "python" / "many.py"), name, url]
    per_second, cpu, memory = run([*command, str(LOOKUPS)]).split()
    return float(per_second), float(cpu) / 1000, float(memory) / 1024


def table(found):
    def median(name, column):
        return statistics.median(row[column] for row in found[name])

    def ratio(name):
        return statistics.median(
            one[1] / other[1] for one, other in zip(found["diyalog"], found[name])
        )

    yield "| 16 in flight, 5 ms each | lookups/s | CPU µs | peak MB | diyalog's CPU against it |"
    yield "| :--- | ---: | ---: | ---: | ---: |"
    for name, title in CLIENTS.items():
        against = "" if name == "diyalog" else f"{ratio(name):.2f}"
        yield (
            f"| {title} | {median(name, 0):,.0f} | {median(name, 1):.1f} "
            f"| {median(name, 2):.0f} | {against} |"
        )


def main():
    programs = Programs(sys.argv[1])
    found = {name: [] for name in CLIENTS}
    options = ["--until-stdin-closes", "--log-file", "/dev/null", "--fault", DELAY]
    with running([sys.argv[2], *options]) as server:
        for _ in range(ROUNDS):
            for name in CLIENTS:
                found[name].append(measure(programs, name, server.url))
    text = "\n".join(table(found))
    python = programs.path("venv/bin/python")
    names = ("pycurl", "aiohttp", "httpx", "requests")
    peers = run([python, "-c", machine.VERSIONS, *names])
    print(text)
    HERE.joinpath("RESULTS-python-many.md").write_text(
        "# Many lookups in Python\n\nWritten by `benches/many_python.py`.\n\n"
        f"{text}\n\nMeasured with {machine.cpu()}, {peers}.\n"
    )


if __name__ == "__main__":
    main()
