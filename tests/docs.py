"""Runs the commands of pages: diyalog-sandbox -- python3 tests/docs.py LIBRARY-FOLDER PAGE...

A page is one shell script. ```sh blocks have to succeed; in ```console blocks each "$ command" has to
print the lines below it, where … stands for any text; a block below "`name`:" is written to that file.
The page's server and proxy are the sandbox and a few lines here, in place of api.bank.example and
proxy.bank.example. What is for Windows is left to tests/windows.sh, what installs packages to
tests/packages.sh and tests/dist.sh.
"""

from __future__ import annotations

import fnmatch
import json
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
ELSEWHERE = re.compile("mingw32|apt-get|dnf |dotnet |pip install|diyalog-sandbox --tls --")
MARK = "@@ output of the next command @@"


class Proxy(socketserver.ThreadingTCPServer):
    """Opens tunnels by CONNECT, on this machine."""

    daemon_threads = True
    tunnels = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Tunnel)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Tunnel(socketserver.BaseRequestHandler):
    """One tunnel."""

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

    for example in ("lookup", "dialer", "event_loop"):
        shutil.copy(ROOT / f"examples/{example}.c", work)
    lib = home / ".local/lib"
    run(["cc", "-Iinclude", "examples/lookup.c", f"-L{lib}", "-ldiyalog", f"-Wl,-rpath,{lib}", "-o", f"{work}/lookup"])
    # Whatever is cloned or pulled is this checkout.
    (work / "bin").mkdir()
    (work / "bin/git").write_text(f'#!/bin/sh\n[ -e diyalog ] || ln -s "{ROOT}" diyalog\n')
    (work / "bin/git").chmod(0o755)
    return {
        **{name: value for name, value in os.environ.items() if name != "DIYALOG_CA_FILE" and not name.upper().endswith("_PROXY")},
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
        elif language == "bat" or ELSEWHERE.search(body):
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
    constants = json.loads((ROOT / "tests/abi/interface.json").read_text("utf-8"))["constants"].items()
    codes = [(str(number), name.removeprefix("DIYALOG_ERROR_")) for name, number in constants if name.startswith("DIYALOG_ERROR_")]
    told = re.findall(r"^\| (\d+) `(\w+)` \|", (ROOT / "docs/troubleshooting.md").read_text("utf-8"), re.MULTILINE)
    if sorted(codes) != sorted(told):
        sys.exit("FAILED: troubleshooting.md has other codes than the header")


def check(page: Path, shipped: Path, proxy: Proxy) -> int:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        environment = prepare(shipped, work)
        if "DIYALOG_CA_FILE" in os.environ:
            shutil.copy(os.environ["DIYALOG_CA_FILE"], work / "bank-ca.pem")
        text = page.read_text("utf-8")
        text = text.replace("api.bank.example:443", environment["DIYALOG_ENDPOINT"].removeprefix("https://"))
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
    shipped, *pages = (Path(argument) for argument in sys.argv[1:])
    check_words()
    with Proxy() as proxy:
        count = sum(check(page, shipped, proxy) for page in pages)
        expected = 2 if any(page.name == "network.md" for page in pages) else 0
        if proxy.tunnels != expected:
            sys.exit(f"FAILED: {proxy.tunnels} lookups went through the proxy, not {expected}")
    print(f"{count} passed: the blocks of {', '.join(page.name for page in pages)}")


main()
