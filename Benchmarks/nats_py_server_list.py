"""`nats server list` by nats-py: one request to all servers, and the wait for the last answer.

    python3 nats_py_server_list.py URL COUNT

It prints the seconds from before it connects to the last answer.
"""

import asyncio
import json
import sys
import time

import nats


async def main():
    url, count = sys.argv[1], int(sys.argv[2])
    start = time.perf_counter()
    connection = await nats.connect(url)
    inbox = connection.new_inbox()
    answers = await connection.subscribe(inbox)
    await connection.publish("$SYS.REQ.SERVER.PING", reply=inbox)
    servers = [json.loads((await answers.next_msg(timeout=10)).data) for _ in range(count)]
    print(time.perf_counter() - start)
    assert len({server["server"]["name"] for server in servers}) == count
    await connection.close()


asyncio.run(main())
