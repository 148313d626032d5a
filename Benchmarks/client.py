"""nats-py's part in the rows about messages: what client.c does, by the same words.

    python3 client.py WHAT URL COUNT SIZE

WHAT is publish, receive, store or request.
"""

import asyncio
import sys
import time

import nats

# How many messages wait for their stream's word at once.
IN_FLIGHT = 256


async def publish(connection, payload, count):
    start = time.perf_counter()
    for _ in range(count):
        await connection.publish("publish", payload)
    await connection.flush(60)
    return time.perf_counter() - start


async def receive(connection, _, count):
    """From the first message to the last; by callback, which is nats-py's quickest way."""
    first, received, done = 0, 0, asyncio.Event()

    async def take(_):
        nonlocal first, received
        if received == 0:
            first = time.perf_counter()
        received += 1
        if received == count:
            done.set()

    await connection.subscribe("receive", cb=take, pending_msgs_limit=-1, pending_bytes_limit=-1)
    await asyncio.wait_for(done.wait(), 120)
    return time.perf_counter() - first


async def store(connection, payload, count):
    stream = connection.jetstream(publish_async_max_pending=IN_FLIGHT)
    start = time.perf_counter()
    words = [await stream.publish_async("store", payload) for _ in range(count)]
    await asyncio.wait_for(asyncio.gather(*words), 120)
    return time.perf_counter() - start


async def request(connection, payload, count):
    took = []
    for _ in range(count):
        start = time.perf_counter()
        await connection.request("answer", payload, timeout=5)
        took.append(time.perf_counter() - start)
    return sorted(took)[count // 2]


async def main():
    what, url, count, size = sys.argv[1:5]
    connection = await nats.connect(url)
    print(await globals()[what](connection, b"x" * int(size), int(count)))
    await connection.close()


asyncio.run(main())
