"""The table, and the page that keeps it."""

# What is counted, over TLS or not, how it is called, and the bar where there is one.
COUNTS = [
    ("instructions", False, "instructions", 45_000),
    ("allocations", False, "allocations and reallocations", 40),
    ("system-calls", False, "system calls", 3),
    ("threads", False, "threads started", 0),
    ("instructions", True, "TLS: instructions", 55_000),
    ("allocations", True, "TLS: allocations and reallocations", None),
    ("system-calls", True, "TLS: system calls", None),
    ("threads", True, "TLS: threads started", None),
]

# What the ratios are called, the bar where there is one, and the raw socket's where it was taken.
RATIOS = [
    ("warm", "CPU time against libcurl, server on the same CPU", "0.6", "floor"),
    ("warm apart", "CPU time against libcurl, server on another CPU", None, "floor apart"),
    ("warm tls", "TLS: CPU time against libcurl, server on the same CPU", None, None),
    ("first", "first lookup of a process, one CA file: CPU time against libcurl", "0.5", None),
    ("eight", "8 threads on one client: lookups per CPU second against 8 libcurl handles", "1.7", None),
    ("pycurl", "Python: CPU time against pycurl", "0.5", None),
    ("urllib3", "Python: CPU time against urllib3", None, None),
    ("requests", "Python: CPU time against requests", "0.08", None),
]

SIZE_BAR = "2.4 MB"


def number(value):
    """A count as people read it: whole where it is, else with one decimal."""
    return f"{value:,.0f}" if abs(value - round(value)) < 0.05 or value > 100 else f"{value:.1f}"


def count_rows(counts, size):
    for what, tls, title, bar in COUNTS:
        found = counts[what, tls]
        peers = [number(found[name]) if name in found else "" for name in ("libcurl", "floor")]
        yield [title, "" if bar is None else number(bar), number(found["diyalog"]), *peers]
    yield ["stripped libdiyalog.so", SIZE_BAR, f"{size / 1e6:.2f} MB", "", ""]


def rounded(value):
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def ratio_rows(ratios):
    for key, title, bar, floor_key in RATIOS:
        if key in ratios:
            ours, floor = ratios[key], ratios.get(floor_key)
            spread = f"{rounded(ours.low)} to {rounded(ours.high)}"
            yield [title, bar or "", rounded(ours.median), spread, rounded(floor.median) if floor else ""]


def aligned(header, rows):
    """A Markdown table that is one in a terminal too: text to the left, figures to the right."""
    rows = [header, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = [
        "| " + " | ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))
        ) + " |"
        for row in rows
    ]
    rule = "|".join("-" * (width + 2) if column == 0 else "-" * (width + 1) + ":"
                    for column, width in enumerate(widths))
    return "\n".join([lines[0], f"|{rule}|", *lines[1:]])


def table(counts, size, ratios):
    return "\n\n".join([
        aligned(["one warm lookup through the C interface", "bar", "diyalog", "libcurl", "raw socket"],
                count_rows(counts, size)),
        aligned(["the same work, in pairs", "bar", "median", "middle half", "raw socket"],
                ratio_rows(ratios)),
    ])


def page(text, microseconds, machine):
    """RESULTS.md: the table, what it means, and what it was measured on."""
    cpu = ", ".join(
        f"{name if name != 'floor' else 'raw socket'} {value:.1f}"
        for language in ("C", "Python")
        for name, value in microseconds[language].items()
    )
    return f"""\
# The lookup against its peers

Written by `make bench`, which measures everything anew and replaces this page and its plot.

{text}

Bars are the limits that the project set itself: lower is better but for the lookups per CPU second.
Every client keeps its connection, signs, sends, and reads the JSON into fields with types, with a
timeout of 10 s; the sandbox has checked the signature of each. libcurl signs by OpenSSL and parses by
cJSON. The raw socket knows neither errors nor closed connections: it shows what is left to gain.

Counts are exact: callgrind, valgrind and strace on two run lengths, and the difference taken, so that
start and connection fall out. callgrind's CPU has no SHA instructions, so signing weighs more there
than on most real ones. CPU time is that of the client's process, kernel included, by the pair: both
clients run in turn, and the ratios of the pairs give median and middle half. On one CPU the kernel
has no other CPU to wake; on two, waking it is most of what every client pays for.

Microseconds of CPU per warm lookup, on one CPU, C and then Python (the plot): {cpu}.

Measured with:

""" + "".join(f"- {line}\n" for line in machine)
