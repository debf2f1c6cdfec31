#!/usr/bin/env python3
"""Looks up the customers of a file, one id per line, 32 at a time. Ctrl-C stops it at once.

    DIYALOG_ENDPOINT=… python examples/many.py numbers.txt

The settings come from the environment, as in lookup.py.
"""

import sys

import diyalog


def main(path: str) -> None:
    in_help = failed = 0
    with diyalog.Client.from_env() as client, open(path, encoding="utf-8") as file:
        ids = filter(None, map(str.strip, file))
        for lookup in client.are_customers_in_online_help(ids, max_in_flight=32):
            if lookup.error:
                failed += 1
                print(f"{lookup.customer_id}: {lookup.error}", file=sys.stderr)
            elif lookup.status:
                in_help += 1
                print(f"{lookup.customer_id}: with agent {lookup.status.staff_id}")
    print(f"{in_help} in help, {failed} failed")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except diyalog.Error as error:
        sys.exit(f"{error.code.name}: {error}")
