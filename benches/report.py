"""The table, and the page that keeps it."""

# What is counted, over TLS or not, how it is called, and the bar where there is one.
COUNTS = [
    # 45,000 until 0.2: the deadline through ureq costs 2,100, SHA-256 in Rust 4,000 without the CPU's help.
    ("instructions", False, "instructions", 50_000),
    ("allocations", False, "allocations and reallocations", 40),
    ("system-calls", False, "system calls", 3),
    ("threads", False, "threads started", 0),
    ("instructions", True, "TLS: instructions", 56_000),
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
    # 1.7 until 0.2: idle connections are probed at checkout, where ureq holds the pool's lock.
    ("eight", "8 threads, one client: lookups per CPU second against 8 handles", "1.3", None),
    ("eight on one", "8 threads, the same on one CPU, as is the server", None, None),
    # 0.5 until 0.2: exceptions of signal handlers leave a call in its middle.
    ("pycurl", "Python: CPU time against pycurl", "0.6", None),
    ("urllib3", "Python: CPU time against urllib3", None, None),
    ("requests", "Python: CPU time against requests", "0.08", None),
]

SIZE_BAR = "2.4 MB"

COUNT_HEAD = ["one warm lookup through the C interface", "bar", "diyalog", "libcurl", "raw socket"]
RATIO_HEAD = ["the same work, in pairs", "bar", "median", "middle half", "raw socket"]


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
            ours = ratios[key]
            spread = f"{rounded(ours.low)} to {rounded(ours.high)}"
            floor = rounded(ratios[floor_key].median) if floor_key else ""
            yield [title, bar or "", rounded(ours.median), spread, floor]


def aligned(*rows):
    """A Markdown table that is one in a terminal too: a column of text, then figures."""
    widths = [max(map(len, column)) for column in zip(*rows)]

    def line(cells):
        title, *figures = (cell.rjust(width) for cell, width in zip(cells, widths))
        return f"| {' | '.join([title.strip().ljust(widths[0]), *figures])} |"

    rule = [":" + "-" * (widths[0] - 1), *("-" * (width - 1) + ":" for width in widths[1:])]
    head, *body = rows
    return "\n".join(line(cells) for cells in [head, rule, *body])


def table(counts, size, ratios):
    return "\n\n".join(
        [aligned(COUNT_HEAD, *count_rows(counts, size)), aligned(RATIO_HEAD, *ratio_rows(ratios))]
    )


def listed(values):
    return ", ".join(
        f"{'raw socket' if name == 'floor' else name} {value:.1f}" for name, value in values.items()
    )


def page(text, microseconds, machine):
    """RESULTS.md: the table, what it means, and what it was measured on."""
    return f"""\
# The lookup against its peers

Written by `make bench`, which measures everything anew and replaces this page and its plot.

{text}

A bar is the limit that the project set itself. Lower is better, but for the lookups per CPU second.

Every client keeps its connection, signs, sends, and reads the JSON into fields with types, with a
timeout of 10 s; the sandbox has checked the signature of each. libcurl signs by OpenSSL and parses
by cJSON. The raw socket knows neither errors nor closed connections: it shows what is left to gain.

Counts are exact: callgrind, valgrind and strace on two run lengths, and the difference taken, so
that start and connection fall out. The CPU that callgrind plays has no SHA instructions: signing
weighs more there than on most real ones.

CPU time is that of the client's process, kernel included. Clients run in turn; the ratios of the
pairs give the median and what their middle half spans. On one CPU the kernel has no other CPU to
wake; on two, waking it is most of what any client pays for. What else the machine does moves the
figures of two CPUs and of eight threads, hardly those of one CPU.

CPU microseconds of a warm lookup on one CPU, as in the plot:

- C: {listed(microseconds["C"])}
- Python: {listed(microseconds["Python"])}

Measured with:

""" + "".join(f"- {line}\n" for line in machine)
