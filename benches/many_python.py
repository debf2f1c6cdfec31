"""Measures many lookups in Python, 16 in flight: many_python.py FOLDER

FOLDER is what run.sh has prepared; its environment also needs httpx and aiohttp. Clients run in turn;
medians of CPU time and of the ratios to each other. Prints a table, and writes it to
RESULTS-python-many.md.
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
LOOKUPS = {"httpx": 1000, "requests": 1000}


def measure(programs, name, url):
    command = [programs.path("venv/bin/python"), str(HERE / "python" / "many.py"), name, url]
    per_second, cpu, memory = run([*command, str(LOOKUPS.get(name, 4000))]).split()
    return float(per_second), float(cpu) / 1000, float(memory) / 1024


def table(found):
    def median(name, column):
        return statistics.median(row[column] for row in found[name])

    def ratio(name):
        return statistics.median(
            one[1] / other[1] for one, other in zip(found["diyalog"], found[name])
        )

    yield "| 16 in flight | lookups/s | CPU µs | peak MB | diyalog's CPU against it |"
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
    with running(programs.server()) as server:
        for _ in range(ROUNDS):
            for name in CLIENTS:
                found[name].append(measure(programs, name, server.url))
    text = "\n".join(table(found))
    print(text)
    HERE.joinpath("RESULTS-python-many.md").write_text(
        "# Many lookups in Python\n\nWritten by `benches/many_python.py`.\n\n"
        f"{text}\n\nMeasured with:\n\n"
        + "".join(f"- {line}\n" for line in machine.lines(programs))
    )


if __name__ == "__main__":
    main()
