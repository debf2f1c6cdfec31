"""The same signed lookups, many at a time, by each client: its function gives a function that yields
the answers of customer ids. Each imports its own library only, since memory is measured."""

import common

IN_FLIGHT = 16


def _diyalog(client_type, url, **settings):
    return client_type(
        url,
        access_key_id=common.ACCESS_KEY_ID,
        access_key_secret=common.ACCESS_KEY_SECRET,
        requester_user_id=common.REQUESTER_USER_ID,
        timeout=common.TIMEOUT,
        **settings,
    )


def _answer(status):
    return common.HelpStatus(status.is_in_help, status.help_type_text, status.staff_id)


def _from_loop(run):
    """Answers that a coroutine collects."""
    import asyncio

    loop = asyncio.new_event_loop()
    return lambda ids: loop.run_until_complete(run(ids))


async def _with_workers(look_up, ids):
    """As many tasks as are in flight, each taking the next id."""
    import asyncio

    rest, answers = iter(ids), []

    async def work():
        for customer_id in rest:
            answers.append(await look_up(customer_id))

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    return answers


def plain_loop(url):
    """One lookup after the other, for comparison."""
    import diyalog

    client = _diyalog(diyalog.Client, url)
    return lambda ids: (_answer(client.is_customer_in_online_help(one)) for one in ids)


def diyalog(url):
    import diyalog

    client = _diyalog(diyalog.Client, url)

    def look_up_all(ids):
        for lookup in client.are_customers_in_online_help(ids, max_in_flight=IN_FLIGHT):
            yield _answer(lookup.unwrap())

    return look_up_all


def diyalog_async(url):
    import diyalog

    client = None

    async def run(ids):
        nonlocal client
        client = client or _diyalog(diyalog.AsyncClient, url, max_in_flight=IN_FLIGHT)
        found = client.are_customers_in_online_help(ids, max_in_flight=IN_FLIGHT)
        return [_answer(lookup.unwrap()) async for lookup in found]

    return _from_loop(run)


def requests(url):
    from concurrent.futures import ThreadPoolExecutor

    import requests

    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=IN_FLIGHT))
    pool = ThreadPoolExecutor(IN_FLIGHT)

    def look_up(customer_id):
        body = common.request_body(customer_id)
        answer = session.post(
            url + common.PATH,
            data=body,
            headers=common.signed_headers(body),
            timeout=common.TIMEOUT,
            allow_redirects=False,
        )
        return common.read_answer(answer.status_code, answer.content)

    return lambda ids: pool.map(look_up, ids)


def httpx(url):
    import httpx

    client = httpx.AsyncClient(timeout=common.TIMEOUT, trust_env=False)

    async def look_up(customer_id):
        body = common.request_body(customer_id)
        answer = await client.post(
            url + common.PATH, content=body, headers=common.signed_headers(body)
        )
        return common.read_answer(answer.status_code, answer.content)

    return _from_loop(lambda ids: _with_workers(look_up, ids))


def aiohttp(url):
    import aiohttp

    session = None

    async def look_up(customer_id):
        body = common.request_body(customer_id)
        async with session.post(
            url + common.PATH, data=body, headers=common.signed_headers(body), allow_redirects=False
        ) as answer:
            return common.read_answer(answer.status, await answer.read())

    async def run(ids):
        nonlocal session
        if session is None:
            timeout = aiohttp.ClientTimeout(total=common.TIMEOUT)
            session = aiohttp.ClientSession(timeout=timeout)
        return await _with_workers(look_up, ids)

    return _from_loop(run)


def pycurl_multi(url):
    import io

    import pycurl

    multi = pycurl.CurlMulti()

    def new_handle():
        handle = pycurl.Curl()
        handle.setopt(pycurl.URL, url + common.PATH)
        handle.setopt(pycurl.PROXY, "")
        handle.setopt(pycurl.NOSIGNAL, 1)
        handle.setopt(pycurl.TIMEOUT_MS, int(common.TIMEOUT * 1000))
        return handle

    idle = [new_handle() for _ in range(IN_FLIGHT)]

    def start(handle, customer_id):
        body = common.request_body(customer_id)
        headers = common.signed_headers(body)
        handle.received = io.BytesIO()
        handle.setopt(pycurl.HTTPHEADER, [f"{name}: {value}" for name, value in headers.items()])
        handle.setopt(pycurl.POSTFIELDS, body)
        handle.setopt(pycurl.WRITEDATA, handle.received)
        multi.add_handle(handle)

    def look_up_all(ids):
        rest, in_flight = iter(ids), 0
        while True:
            while idle:
                customer_id = next(rest, None)
                if customer_id is None:
                    break
                start(idle.pop(), customer_id)
                in_flight += 1
            if not in_flight:
                return
            multi.perform()
            _, done, failed = multi.info_read()
            for handle, *_ in failed:
                raise RuntimeError(handle.errstr())
            for handle in done:
                status = handle.getinfo(pycurl.RESPONSE_CODE)
                multi.remove_handle(handle)
                idle.append(handle)
                in_flight -= 1
                yield common.read_answer(status, handle.received.getvalue())
            if not done:
                multi.select(1.0)

    return look_up_all
