"""Queries with Instant's SDK for Python: query.py URL CONCURRENCY COUNT. ../src/peers.rs describes the lines that it reads and writes."""

import asyncio
import sys

from instantdb import AsyncInstant, Instant

url, concurrency, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
app = "00000000-0000-4000-8000-000000000001"
query = {"goals": {"$": {"where": {"rank": {"$gt": 5}}, "order": {"rank": "asc"}, "limit": 10}}}


def rounds():
    return iter(sys.stdin.readline, "")


def one_at_a_time():
    with Instant(app_id=app, admin_token=app, api_uri=url) as db:
        for _ in rounds():
            for _ in range(count):
                assert len(db.query(query)["goals"]) == 10
            print("done", flush=True)


async def together():
    async with AsyncInstant(app_id=app, admin_token=app, api_uri=url) as db:
        for _ in rounds():
            left = iter(range(count))

            async def ask():
                for _ in left:
                    assert len((await db.query(query))["goals"]) == 10

            await asyncio.gather(*(ask() for _ in range(concurrency)))
            print("done", flush=True)


if concurrency == 1:
    one_at_a_time()
else:
    asyncio.run(together())
