"""A running sandbox, and a client that signs by hand."""

from __future__ import annotations

import base64
import email.utils
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import threading
import urllib.parse
from typing import Any, NamedTuple

KEY_ID = "1234567-8ABC-DEF0-5432-56712ABCDEF5"
SECRET = b"s3cr3t-access-key"
LOOKUP = "/v1/application/iscustomerinonlinehelp"


class Answer(NamedTuple):
    status: int
    text: str


class Sandbox:
    """The program, ended with the test."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [os.environ["DIYALOG_SANDBOX"], "--until-stdin-closes", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        self.address = urllib.parse.urlsplit(self.url).netloc
        self.base_path = urllib.parse.urlsplit(self.url).path
        self.page = f"{self.url}/sandbox/"
        self.log: list[str] = []
        self._reader = threading.Thread(
            target=lambda: self.log.extend(self.process.stdout or []), daemon=True
        )
        self._reader.start()
        self._connection = http.client.HTTPConnection(self.address, timeout=10)

    def close(self) -> None:
        self._connection.close()
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()
        self._reader.join()

    def exchange(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        self._connection.request(method, path, body, headers or {})
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.read().decode())

    def ask(
        self, customer: str, *, secret: bytes = SECRET, glue: str = "\n", path: str = LOOKUP
    ) -> Answer:
        """Looks a customer up. `glue` stands between body and path in the string to sign."""
        path = self.base_path + path
        body = json.dumps({"customerId": customer})
        date = email.utils.formatdate(usegmt=True)
        text = f"POST\napplication/json\n{date}\n{body}{glue}{path}"
        signature = base64.b64encode(
            hmac.new(secret, text.encode(), hashlib.sha256).digest()
        ).decode()
        headers = {
            "Content-Type": "application/json",
            "x-dlg-date": date,
            "x-dlg-requester-userid": "45186",
            "x-dlg-authorization": f"DLGA {KEY_ID}:{signature}",
        }
        return self.exchange("POST", path, body.encode(), headers)

    def control(self, call: str) -> Any:
        return json.loads(self.exchange("GET", f"/sandbox/{call}").text)

    def sessions(self) -> list[str]:
        return [session["customerId"] for session in self.control("sessions")]

    def resident_kilobytes(self) -> int:
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))
