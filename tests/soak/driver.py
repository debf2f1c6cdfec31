"""The soak's world: two sandboxes behind HAProxy, and all that happens to them.

driver.py SECONDS FOLDER SANDBOX COMMAND...: runs the commands, each with the arguments PLAIN-URL
TLS-URL CA-FILE SECONDS, makes trouble until they have ended, and says what trouble it was.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import random
import shlex
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

CONFIGURATION = """global
    hard-stop-after 3s
defaults
    timeout connect 1s
    timeout client 20s
    timeout server 20s
    retries 0
frontend plain
    mode http
    bind fd@{plain}
    default_backend plain
backend plain
    mode http
    server sandbox 127.0.0.1:{plain_port}
frontend tls
    mode tcp
    bind fd@{tls}
    default_backend tls
backend tls
    mode tcp
    server sandbox 127.0.0.1:{tls_port}
"""

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"

# What can happen to a lookup. Right answers come late, slowly or not at all; what is answered in
# their place is no right answer to anything.
FAULTS: list[dict[str, Any]] = [
    {"kind": "delay", "milliseconds": 50},
    {"kind": "delay", "milliseconds": 900},
    {"kind": "drip", "milliseconds": 3},
    {"kind": "drip", "milliseconds": 40},
    {"kind": "silence"},
    {"kind": "close"},
    {"kind": "close_after"},
    {"kind": "garble"},
    {"kind": "answer", "status": 200, "body": '{"isInHelp":true,"staffId":'},
    {"kind": "answer", "status": 200, "body": '{"isI', "headers": {"Content-Length": "70"}},
    {"kind": "answer", "status": 302, "headers": {"Location": "http://192.0.2.1/"}},
    {"kind": "answer", "status": 401, "body": "Authorization failed"},
    {"kind": "answer", "status": 429, "headers": {"Retry-After": "1"}},
    {"kind": "answer", "status": 500, "body": "NullPointerException"},
    {"kind": "answer", "status": 503, "body": "busy"},
]


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def listening() -> socket.socket:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.set_inheritable(True)
    return listener


class World:
    """The servers and their faults."""

    def __init__(self, folder: Path, sandbox: str) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.ca_file = folder / "ca.pem"
        self.plain_port, self.tls_port = free_port(), free_port()
        self.listeners = [listening(), listening()]
        (folder / "haproxy.cfg").write_text(
            CONFIGURATION.format(
                plain=self.listeners[0].fileno(),
                tls=self.listeners[1].fileno(),
                plain_port=self.plain_port,
                tls_port=self.tls_port,
            )
        )
        self.done: collections.Counter[str] = collections.Counter()
        self.plain = self.start_sandbox(self.plain_port)
        self.tls = self.start_sandbox(self.tls_port, "--tls", "--ca-file", str(self.ca_file))
        self.haproxies = [self.start_haproxy()]

    def start_sandbox(self, port: int, *options: str) -> subprocess.Popen[bytes]:
        command = [self.sandbox, "--listen", f"127.0.0.1:{port}", *options]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while True:
            assert process.poll() is None, "the sandbox ended"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return process
            time.sleep(0.02)

    def start_haproxy(self, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["haproxy", "-db", "-q", "-f", str(self.folder / "haproxy.cfg"), *options],
            env={**os.environ, "PATH": PATH},
            pass_fds=[listener.fileno() for listener in self.listeners],
            stderr=subprocess.DEVNULL,
        )

    def urls(self) -> tuple[str, str]:
        plain, tls = (listener.getsockname()[1] for listener in self.listeners)
        return f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{tls}"

    def control(self, method: str, call: str, content: object = None) -> None:
        """Make a control call, at the plain sandbox or at the other one."""
        ports = {"http": self.plain_port, "https": self.tls_port}
        scheme = random.choice([*ports])
        body = None if content is None else json.dumps(content).encode()
        url = f"{scheme}://127.0.0.1:{ports[scheme]}/sandbox/{call}"
        request = urllib.request.Request(url, body, method=method)
        trust = ssl.create_default_context(cafile=str(self.ca_file)) if scheme == "https" else None
        with urllib.request.urlopen(request, timeout=5, context=trust):
            pass

    def make_trouble(self) -> None:
        self.haproxies = [process for process in self.haproxies if process.poll() is None]
        trouble = random.choices(
            ["fault", "clock", "reload", "kill", "sandbox", "calm"], [60, 5, 4, 2, 2, 10]
        )[0]
        if trouble == "fault":
            fault = random.choice(FAULTS)
            self.control("POST", "faults", {**fault, "times": random.randint(1, 12)})
            trouble = f"fault {fault.get('status', fault['kind'])}"
        elif trouble == "clock":
            self.control("PUT", "clock", {"offsetSeconds": random.choice((-7200, 0, 0, 86_400))})
        elif trouble == "reload":
            old = [str(process.pid) for process in self.haproxies]
            self.haproxies.append(self.start_haproxy("-sf", *old))
        elif trouble == "kill":
            for process in self.haproxies:
                process.kill()
                process.wait()
            time.sleep(random.random() / 2)
            self.haproxies = [self.start_haproxy()]
        elif trouble == "sandbox":
            self.plain.kill()
            self.plain.wait()
            time.sleep(random.random() / 2)
            self.plain = self.start_sandbox(self.plain_port)
        else:
            for _ in range(4):
                self.control("DELETE", "faults")
            time.sleep(0.5)
        self.done[trouble] += 1

    def end(self) -> None:
        for process in (*self.haproxies, self.plain, self.tls):
            process.kill()
            process.wait()


def main() -> int:
    seconds, folder, sandbox, *commands = sys.argv[1:]
    world = World(Path(folder), sandbox)
    try:
        arguments = [*world.urls(), str(world.ca_file), seconds]
        children = [subprocess.Popen([*shlex.split(command), *arguments]) for command in commands]
        end = time.monotonic() + float(seconds) * 1.1 + 60
        while any(child.poll() is None for child in children):
            if time.monotonic() > end:
                print("FAILED: a call hangs")
                for child in children:
                    child.kill()
                return 1
            world.make_trouble()
            time.sleep(random.random() / 4)
    finally:
        world.end()
    print("trouble:", ", ".join(f"{name} {count}" for name, count in sorted(world.done.items())))
    return max(abs(child.wait()) for child in children)


if __name__ == "__main__":
    sys.exit(main())
