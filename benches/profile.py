"""Prints what callgrind and DHAT found about warm lookups, as costs of one lookup.

profile.py instructions CALLGRIND-FILE LOOKUPS
profile.py allocations DHAT-FILE LOOKUPS
"""

import collections
import json
import os
import re
import subprocess
import sys

WIDTH = 110


def annotated(path, *options):
    """Yields (instructions, file, function) as callgrind_annotate tells them.

    What called main has no cost of its own but is given the whole, which is left out.
    """
    command = ["callgrind_annotate", "--auto=no", "--threshold=100", *options, path]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    whole = re.search(r"^\s*([\d,]+).*PROGRAM TOTALS", text, re.MULTILINE)[1]
    for line in text.splitlines():
        found = re.match(r"\s*([\d,]+) \(.*?%\)\s+(\S+?):(.+?)(?: \[.*\])?$", line)
        if found and found[1] != whole:
            yield int(found[1].replace(",", "")), found[2], found[3]


def owner(file, function):
    """The crate or library that a cost belongs to.

    Lines of Rust's standard library that are inlined belong to the function they are in.
    """
    crate = re.search(r"/registry/src/[^/]+/([^/]+)-\d+\.\d", file)
    if crate:
        return crate[1].replace("-", "_")
    if os.path.exists(file):
        return "diyalog " + os.path.relpath(file)
    if "/rustc/" in file:
        names = re.findall(r"(?<![\w:])([a-z]\w+)::", function)
        others = [name for name in names if name not in ("alloc", "core", "std", "__rustc")]
        return others[0] if others else "Rust's standard library"
    if "__rust" in function or "hashbrown" in file:
        return "Rust's standard library"
    return "C library and vDSO" if file.startswith(("./", "???")) else file


def short(text):
    """A Rust name without the noise of its paths' beginnings."""
    text = re.sub(r"[\w./~-]*/(registry/src/[^/]+|rustc/\w+/library)/", "", text)
    return text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def rows(title, costs, least):
    print(f"\n{title}\n")
    for count, name in sorted(costs, reverse=True):
        if count >= least:
            print(f"{count:>8.0f}  {short(name)}")


def print_instructions(path, lookups):
    by_owner = collections.Counter()
    exclusive = []
    for count, file, function in annotated(path):
        by_owner[owner(file, function)] += count
        exclusive.append((count / lookups, f"{file}: {function}"))
    inclusive = [
        (count / lookups, f"{file}: {function}")
        for count, file, function in annotated(path, "--inclusive=yes")
    ]
    total = sum(by_owner.values()) / lookups
    print(f"\n{total:.0f} instructions per warm lookup")
    rows(
        "By owner, exclusive",
        [(count / lookups, name) for name, count in by_owner.items()],
        20,
    )
    rows("Inclusive: the function and all that it calls", inclusive, 250)
    rows("Exclusive: the lines of the function itself", exclusive, 150)


# The way from the caller who wants memory to the function that gets it.
PLUMBING = re.compile(
    r"\(library/|\(in |\((alloc|raw_vec|mod)\.rs:\d+\)$|^(alloc|core|std)::|^\{closure|hashbrown"
)


def who_wanted_it(frames):
    """The functions nearest to an allocation that say what it is for, without type parameters."""
    telling = [frame for frame in frames if not PLUMBING.search(frame)] or frames
    return "\n          from ".join(re.sub(r"<[^>]*>+", "", frame) for frame in telling[:4])


def print_allocations(path, lookups):
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    sites = collections.Counter()
    for point in found["pps"]:
        if point["tbk"] >= lookups:
            frames = [found["ftbl"][index].split(": ", 1)[-1] for index in point["fs"]]
            size = point["tb"] / point["tbk"]
            sites[f"{size:>5.0f} bytes: {who_wanted_it(frames)}"] += point["tbk"]
    total = sum(sites.values()) / lookups
    print(f"\n{total:.0f} allocations per lookup (reallocations do not count here)\n")
    for site, count in sites.most_common():
        print(f"{count / lookups:>8.0f}  {site}")


def main():
    what, path, lookups = sys.argv[1:]
    {"instructions": print_instructions, "allocations": print_allocations}[what](path, int(lookups))


if __name__ == "__main__":
    main()
