"""The foreign side: nats-py, which knows nothing of queues. Without it a test that needs it is skipped."""

import asyncio
import unittest

try:
    import nats
    from nats.js import api
except ImportError:
    nats = None

TIMEOUT = 10  # seconds


def _run(server, action, **options):
    if nats is None:
        raise unittest.SkipTest("nats-py cannot be installed from PyPI")

    async def work():
        client = await nats.connect(server.url, allow_reconnect=False, connect_timeout=TIMEOUT, **options)
        try:
            return await action(client)
        finally:
            await client.close()

    return asyncio.run(asyncio.wait_for(work(), 60))


def add_stream(server, **config):
    async def action(client):
        await client.jetstream().add_stream(api.StreamConfig(**config))

    _run(server, action)


def messages(server, stream):
    async def action(client):
        return (await client.jetstream().stream_info(stream)).state.messages

    return _run(server, action)


def publish(server, subject, payloads, headers=None, jetstream=True, **options):
    async def action(client):
        for payload in payloads:
            if jetstream:
                await client.jetstream().publish(subject, payload, headers=headers)
            else:
                await client.publish(subject, payload, headers=headers)
        await client.flush()

    _run(server, action, **options)


def fetch(server, subject, count):
    """[(payload, headers)] of the first messages of a stream."""

    async def action(client):
        subscription = await client.jetstream().subscribe(subject, ordered_consumer=True)
        got = []
        for _ in range(count):
            message = await subscription.next_msg(timeout=TIMEOUT)
            got.append((message.data, dict(message.headers or {})))
        return got

    return _run(server, action)


def listen(server, subject, count, ready):
    """The same of core NATS; ready() is called when it listens."""

    async def action(client):
        subscription = await client.subscribe(subject)
        await client.flush()
        await asyncio.to_thread(ready)
        got = []
        for _ in range(count):
            message = await subscription.next_msg(timeout=TIMEOUT)
            got.append((message.data, dict(message.headers or {})))
        return got

    return _run(server, action)
