"""The lookup by urllib3: one pool that is kept."""

import common
import urllib3


def connect(url):
    pool = urllib3.PoolManager(timeout=common.TIMEOUT, retries=2)

    def look_up(customer_id):
        body = common.request_body(customer_id)
        answer = pool.request(
            "POST",
            url + common.PATH,
            body=body,
            headers=common.signed_headers(body),
            redirect=False,
        )
        return common.read_answer(answer.status, answer.data)

    return look_up
