"""A reader in asyncio, with ctypes alone: asyncio_reader.py NAME [RECORDS]

Prints what comes through the queue, and ends after RECORDS records or at end of input on standard input, the loop's other source.
Then it says what the waiting has cost. The library is libslickq.so.1, or what the environment variable SLICKQ_LIBRARY says.
"""
import asyncio
import ctypes
import os
import sys
import time
from ctypes import byref, c_char_p, c_int, c_uint32, c_uint64, c_void_p

OK, EMPTY, PENDING = 0, 1, 3


class Record(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("index", c_uint64), ("lost", c_uint64), ("count", c_uint32), ("reserved", c_uint32)]


class QueueInfo(ctypes.Structure):  # as far as it is needed: the library fills struct_size bytes
    _fields_ = [("struct_size", c_uint32), ("flags", c_uint32), ("layout", c_uint32), ("capacity", c_uint32),
                ("element_size", c_uint32)]


slickq = ctypes.CDLL(os.environ.get("SLICKQ_LIBRARY", "libslickq.so.1"))
slickq.slickq_last_message.restype = c_char_p


def call(name, *arguments):
    status = getattr(slickq, "slickq_" + name)(*arguments)
    if status < 0:
        raise RuntimeError(slickq.slickq_last_message().decode())
    return status


class Reader:
    """An asynchronous iterator over a queue's records, as bytes."""

    def __init__(self, name):
        self._queue, self._reader, descriptor = c_void_p(), c_void_p(), c_int()
        call("queue_open", name.encode(), None, byref(self._queue))
        info = QueueInfo(ctypes.sizeof(QueueInfo))
        call("queue_get_info", self._queue, byref(info))
        self._element_size = info.element_size
        call("reader_open", self._queue, None, byref(self._reader))
        call("reader_descriptor", self._reader, byref(descriptor))
        self._descriptor = descriptor.value
        self._readable = asyncio.Event()

    def __enter__(self):
        asyncio.get_running_loop().add_reader(self._descriptor, self._readable.set)
        return self

    def __exit__(self, *_):
        asyncio.get_running_loop().remove_reader(self._descriptor)
        call("reader_close", self._reader)
        call("queue_close", self._queue)

    def __aiter__(self):
        return self

    async def __anext__(self):
        record = Record()
        while True:
            status = call("reader_read", self._reader, byref(record))
            if status == OK:
                return ctypes.string_at(record.data, record.count * self._element_size)
            if status not in (EMPTY, PENDING):
                print(f"asyncio_reader: status {status}, {record.lost} elements lost", file=sys.stderr)
                continue
            # Only now does the descriptor wait for the next record: what was set before says nothing.
            self._readable.clear()
            await self._readable.wait()


async def show(name, wanted):
    records = 0
    with Reader(name) as reader:
        print("asyncio_reader: ready", file=sys.stderr, flush=True)
        begun, used = time.monotonic(), time.process_time()

        async def receive():
            nonlocal records
            async for data in reader:
                sys.stdout.buffer.write(data)
                sys.stdout.buffer.flush()
                records += 1
                if records == wanted:
                    return

        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(sys.stdin, ended.set)
        tasks = [asyncio.ensure_future(receive()), asyncio.ensure_future(ended.wait())]
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        for task in done:
            task.result()  # raises what it raised
        share = 100 * (time.process_time() - used) / (time.monotonic() - begun)
        print(f"asyncio_reader: {records} records, {share:.3f} % of a core", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit("usage: asyncio_reader.py NAME [RECORDS]")
    asyncio.run(show(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else None))
