"""What the Python clients share: the signature, and the answer in fields with types."""

import base64
import dataclasses
import hashlib
import hmac
import json
import time

ACCESS_KEY_ID = "1234567-8ABC-DEF0-5432-56712ABCDEF5"
ACCESS_KEY_SECRET = "s3cr3t-access-key"
REQUESTER_USER_ID = "45186"
PATH = "/v1/application/iscustomerinonlinehelp"
TIMEOUT = 10.0


@dataclasses.dataclass(frozen=True)
class HelpStatus:
    is_in_help: bool
    help_type: str
    staff_id: str


def request_body(customer_id):
    return json.dumps({"customerId": customer_id}).encode()


def signed_headers(body):
    date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
    text = b"\n".join((b"POST", b"application/json", date.encode(), body, PATH.encode()))
    mac = hmac.digest(ACCESS_KEY_SECRET.encode(), text, hashlib.sha256)
    signature = base64.b64encode(mac).decode()
    return {
        "Content-Type": "application/json",
        "x-dlg-date": date,
        "x-dlg-requester-userid": REQUESTER_USER_ID,
        "x-dlg-authorization": f"DLGA {ACCESS_KEY_ID}:{signature}",
    }


def read_answer(status, body):
    if status != 200:
        raise RuntimeError(f"status {status}")
    answer = json.loads(body)
    return HelpStatus(answer["isInHelp"], answer["helpType"], answer["staffId"])
