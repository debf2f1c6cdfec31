"""The lookup by pycurl: one handle that is kept."""

import io

import common
import pycurl


def connect(url):
    handle = pycurl.Curl()
    handle.setopt(pycurl.URL, url + common.PATH)
    handle.setopt(pycurl.PROXY, "")
    handle.setopt(pycurl.NOSIGNAL, 1)
    handle.setopt(pycurl.TIMEOUT_MS, int(common.TIMEOUT * 1000))

    def look_up(customer_id):
        body = common.request_body(customer_id)
        headers = common.signed_headers(body)
        received = io.BytesIO()
        handle.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in headers.items()])
        handle.setopt(pycurl.POSTFIELDS, body)
        handle.setopt(pycurl.WRITEDATA, received)
        handle.perform()
        return common.read_answer(handle.getinfo(pycurl.RESPONSE_CODE), received.getvalue())

    return look_up
