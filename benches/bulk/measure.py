"""Measures many lookups at once: measure.py LIBRARY-FOLDER [ROUNDS]

The queue against as many blocking threads and as many transfers of curl_multi, for each number in
flight and each delay of the server. Prints a Markdown table: the median of the rounds, in which the
programs take turns.
"""

import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROGRAMS = ("queue", "threads", "multi")
DELAYS_MS = (1, 5, 50)
IN_FLIGHT = (1, 8, 32, 128, 512)


def build(library, folder):
    compiler = ["cc", "-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include"]
    own = [f"-L{library}", "-ldiyalog", f"-Wl,-rpath,{library}", "-pthread"]
    links = {"slow-server": [], "queue": own, "threads": own, "multi": ["-lcurl", "-lcrypto", "-lcjson"]}
    for name, link in links.items():
        subprocess.run([*compiler, HERE / f"{name}.c", "-o", f"{folder}/{name}", *link], check=True)


def lookups(delay_ms, in_flight):
    """As many as take about a second, so that starting the threads is a small part of it."""
    return max(100, min(20000, in_flight * 1000 // delay_ms))


def measure(folder, program, delay_ms, in_flight):
    """Lookups a second, microseconds of CPU each, and kB of memory."""
    with subprocess.Popen(
        [f"{folder}/slow-server", str(delay_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        url = server.stdout.readline().strip()
        count = lookups(delay_ms, in_flight)
        command = [f"{folder}/{program}", url, str(count), str(in_flight)]
        wall, cpu, memory = map(int, subprocess.check_output(command, text=True).split())
        server.stdin.close()
    return count / (wall / 1e9), cpu / count / 1e3, memory


def cell(rounds):
    rate, cpu, memory = (statistics.median(values) for values in zip(*rounds))
    return f"{rate:,.0f}, {cpu:.1f} us, {memory / 1024:.0f} MiB"


def main():
    library = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        build(library, folder)
        print("| server delay | in flight | queue | threads | curl_multi |\n|---|---|---|---|---|")
        for delay_ms in DELAYS_MS:
            for in_flight in IN_FLIGHT:
                found = {program: [] for program in PROGRAMS}
                for _ in range(rounds):
                    for program in PROGRAMS:
                        found[program].append(measure(folder, program, delay_ms, in_flight))
                cells = " | ".join(cell(found[program]) for program in PROGRAMS)
                print(f"| {delay_ms} ms | {in_flight} | {cells} |", flush=True)


main()
