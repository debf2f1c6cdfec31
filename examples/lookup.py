#!/usr/bin/env python3
"""Looks up the customers of the command line. The settings come from the environment:
DIYALOG_ENDPOINT, DIYALOG_ACCESS_KEY_ID, DIYALOG_ACCESS_KEY_SECRET, DIYALOG_REQUESTER_USER_ID.

    pip install ./bindings/python && python examples/lookup.py 70022
"""

import sys

import diyalog


def describe(status: diyalog.HelpStatus) -> str:
    if not status.customer_found:
        return "no such customer"
    if not status:
        return "not in help"
    kind = status.help_type_text or "of no kind"
    return f"in help, {kind}, with agent {status.staff_id or 'unknown'}"


def main() -> None:
    with diyalog.Client.from_env() as client:
        for customer_id in sys.argv[1:]:
            status = client.is_customer_in_online_help(customer_id)
            print(f"{customer_id}: {describe(status)}")


if __name__ == "__main__":
    try:
        main()
    except diyalog.Error as error:
        sys.exit(f"{error.code.name}: {error}")
