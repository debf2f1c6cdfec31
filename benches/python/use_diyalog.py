"""The lookup by this library's Python package."""

import common
import diyalog


def connect(url):
    client = diyalog.Client(
        url,
        access_key_id=common.ACCESS_KEY_ID,
        access_key_secret=common.ACCESS_KEY_SECRET,
        requester_user_id=common.REQUESTER_USER_ID,
        timeout=common.TIMEOUT,
    )

    def look_up(customer_id):
        status = client.is_customer_in_online_help(customer_id)
        return common.HelpStatus(status.is_in_help, status.help_type_text, status.staff_id)

    return look_up
