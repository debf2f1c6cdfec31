"""Runs what the pages in docs/ show: python3 tests/docs.py LIBRARY-FOLDER SANDBOX-BINARY

A page is one shell script. ```sh blocks have to succeed; in ```console blocks each "$ command" has to
print the lines below it, where … stands for any text; a block below "`name`:" is written to that file.
The page's server and proxy are the sandbox and a few lines here, in place of api.bank.example and
proxy.bank.example. What is for Windows is left to tests/windows.sh.
"""

from __future__ import annotations

import fnmatch
import os
import re
import select
import shutil
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(?:^`([\w.]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
KEY = {
    "DIYALOG_ACCESS_KEY_ID": "1234567-8ABC-DEF0-5432-56712ABCDEF5",
    "DIYALOG_ACCESS_KEY_SECRET": "s3cr3t-access-key",
    "DIYALOG_REQUESTER_USER_ID": "45186",
}
MARK = "@@ output of the next command @@"


class Proxy(socketserver.ThreadingTCPServer):
    """Opens tunnels by CONNECT, on this machine."""

    daemon_threads = True
    tunnels = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Tunnel)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Tunnel(socketserver.BaseRequestHandler):
    """One of them."""

    def handle(self) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += self.request.recv(4096)
        method, target, _ = request.split(b"\r\n")[0].decode().split(" ")
        host, port = target.rsplit(":", 1)
        assert method == "CONNECT"
        with socket.create_connection((host, int(port))) as server:
            self.server.tunnels += 1
            self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            ends = {self.request: server, server: self.request}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)


def start_sandbox(program: str, *options: str) -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [program, "--until-stdin-closes", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    url = process.stdout.readline().strip()
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return process, url


def run(command: list[str], **settings: object) -> None:
    subprocess.run(command, check=True, cwd=ROOT, **settings)  # type: ignore[call-overload]


def prepare(shipped: Path, work: Path) -> dict[str, str]:
    """A home with the library installed, an archive, the example, and a checkout for who clones."""
    home, version = work / "home", subprocess.check_output([ROOT / "packaging/version.sh"], text=True).strip()
    where = {"PREFIX": str(home / ".local"), "LIBDIR": str(home / ".local/lib"), "DESTDIR": ""}
    run(["packaging/install.sh", "install", str(shipped)], env={**os.environ, **where})
    archive = f"diyalog-{version}-linux-x64"
    shutil.copytree(home / ".local", work / archive, symlinks=True)
    run(["tar", "-czf", f"{work}/{archive}.tar.gz", "-C", str(work), archive])
    shutil.rmtree(work / archive)
    with open(work / "SHA256SUMS", "w") as sums:
        run(["sh", "-c", f"cd {work} && sha256sum *.tar.gz"], stdout=sums)

    shutil.copy(ROOT / "examples/lookup.c", work)
    lib = home / ".local/lib"
    run(["cc", "-Iinclude", "examples/lookup.c", f"-L{lib}", "-ldiyalog", f"-Wl,-rpath,{lib}", "-o", f"{work}/lookup"])
    # Whatever is cloned or pulled is this checkout.
    (work / "bin").mkdir()
    (work / "bin/git").write_text(f'#!/bin/sh\n[ -e diyalog ] || ln -s "{ROOT}" diyalog\n')
    (work / "bin/git").chmod(0o755)
    return {
        **{name: value for name, value in os.environ.items() if not name.upper().endswith("_PROXY")},
        **KEY,
        "HOME": str(home),
        "PATH": f"{work}/bin:{os.environ['PATH']}",
        "PKG_CONFIG_PATH": str(lib / "pkgconfig"),
        "LD_LIBRARY_PATH": str(lib),
        # make is called by a user, not by this make, and installs what was built before: no cargo.
        "MAKEFLAGS": "",
        "CARGO": "/no/cargo",
    }


def script_of(text: str, work: Path) -> tuple[str, list[tuple[str, str]], int]:
    """The page as a shell script, its commands with the output they should have, and how many blocks ran."""
    script, expected, count = "set -e\n", [], 0
    for name, language, body in BLOCK.findall(text):
        if name:
            (work / name).write_text(body)
        elif language == "bat" or "mingw32" in body:
            continue
        elif language == "sh":
            script += f"echo '{MARK}'\n{body}"
            expected.append((body, "*"))
        elif language == "console":
            for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                command, output = part.split("\n", 1)
                script += f"echo '{MARK}'\n{command} || true\n"
                expected.append((command, output.replace("[", "[[]").replace("…", "*")))
        else:
            sys.exit(f"FAILED: a {language} block that nothing runs:\n{body}")
        count += 1
    return script, expected, count


def check_words() -> None:
    """Links lead somewhere, and every code of the header is told about."""
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)", page.read_text("utf-8")):
            if not (page.parent / target).exists():
                sys.exit(f"FAILED: {page.name} links to {target}, which is not there")
    codes = re.findall(r"^#define DIYALOG_ERROR_(\w+) (\d+)$", (ROOT / "include/diyalog.h").read_text("utf-8"), re.MULTILINE)
    told = re.findall(r"^\| (\d+) `(\w+)` \|", (ROOT / "docs/troubleshooting.md").read_text("utf-8"), re.MULTILINE)
    if sorted((number, name) for name, number in codes) != sorted(told):
        sys.exit("FAILED: troubleshooting.md has other codes than the header")


def check(page: Path, shipped: Path, sandboxes: dict[str, str], ca_file: Path, proxy: Proxy) -> int:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        environment = prepare(shipped, work)
        shutil.copy(ca_file, work / "bank-ca.pem")
        environment["DIYALOG_ENDPOINT"] = sandboxes["https" if page.name == "network.md" else "http"]
        text = page.read_text("utf-8")
        text = text.replace("api.bank.example:443", sandboxes["https"].removeprefix("https://"))
        text = text.replace("proxy.bank.example:3128", f"127.0.0.1:{proxy.server_address[1]}")
        script, expected, count = script_of(text, work)
        done = subprocess.run(
            ["sh", "-c", script], cwd=work, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        outputs = done.stdout.split(f"{MARK}\n")[1:]
        for (command, pattern), output in zip(expected, outputs):
            if not fnmatch.fnmatchcase(output, pattern):
                sys.exit(f"FAILED: {page.name}: {command}\nprints\n{output}\nand not\n{pattern}")
        if done.returncode != 0:
            sys.exit(f"FAILED: {page.name}: {expected[len(outputs) - 1][0]}\n{outputs[-1]}")
        return count


def main() -> None:
    library, program = sys.argv[1:]
    check_words()
    with tempfile.TemporaryDirectory() as folder, Proxy() as proxy:
        shipped, ca_file = Path(folder, "shipped"), Path(folder, "ca.pem")
        run(["packaging/link.sh", f"{library}/libdiyalog.a", str(shipped)])
        plain, http = start_sandbox(program)
        tls, https = start_sandbox(program, "--tls", "--ca-file", str(ca_file))
        try:
            for page in sorted((ROOT / "docs").glob("*.md")):
                count = check(page, shipped, {"http": http, "https": https}, ca_file, proxy)
                print(f"{page.name}: {count} blocks hold")
            assert proxy.tunnels == 2, f"{proxy.tunnels} lookups went through the proxy"
        finally:
            plain.terminate()
            tls.terminate()


main()
