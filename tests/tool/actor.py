"""A process that does something with a queue, says so, and waits to be ended: `python actor.py ROLE NAME [ARGUMENT]`."""
import ctypes
import os
import sys
import time
from ctypes import byref, c_char_p, c_int64, c_uint32, c_uint64, c_void_p

NOW = c_uint64(2**64 - 1)


class Record(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("index", c_uint64), ("lost", c_uint64), ("count", c_uint32), ("flags", c_uint32)]


class WorkerOptions(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("mode", c_uint32), ("group", c_char_p), ("start", c_uint32), ("reserved", c_uint32),
                ("stall_ns", c_int64), ("linger_ns", c_int64)]


class Options(ctypes.Structure):
    _fields_ = [("size", c_uint32), ("flags", c_uint32), ("capacity", c_uint32), ("element_size", c_uint32),
                ("items_per_slot", c_uint32), ("layout", c_uint32), ("permissions", c_uint32), ("reserved", c_uint32),
                ("timeout_ns", c_int64)]


def check(status):
    if status < 0:
        library.slickq_last_message.restype = c_char_p
        raise RuntimeError(library.slickq_last_message().decode())
    return status


def opened(name, **options):
    queue = c_void_p()
    wanted = Options(ctypes.sizeof(Options), **options)
    check(library.slickq_queue_open(name, byref(wanted), byref(queue)))
    return queue


def map_it(name):
    opened(name)


def look(name):
    opened(name, flags=1)


def register(name):
    """Registered, and never reads."""
    check(library.slickq_consumer_register(opened(name), NOW, byref(c_uint64()), None))


def reset_again(name):
    """Resets the queue without end."""
    queue = opened(name)
    print("ready", flush=True)
    while True:
        check(library.slickq_queue_reset(queue))


def reserve(name):
    """Inside reserve: what follows is never published."""
    queue, index = opened(name), c_uint64()
    check(library.slickq_queue_write(queue, b"before".ljust(4096, b"\0"), 1, None))
    check(library.slickq_queue_reserve(queue, 1, byref(index)))
    check(library.slickq_queue_write(queue, b"behind".ljust(4096, b"\0"), 1, None))


def work(name):
    """A worker of group "crew" with a claimed record."""
    queue, worker, record = opened(name), c_void_p(), Record()
    check(library.slickq_worker_open(queue, byref(WorkerOptions(ctypes.sizeof(WorkerOptions), 2, b"crew", 1)), byref(worker)))
    assert check(library.slickq_worker_read(worker, byref(record))) == 0
    keep.append(worker)


def produce(name, rate=b"1000"):
    """So many records a second, of one element each."""
    queue, size, count = opened(name), 1 << 16, 0
    print("ready", flush=True)
    begin = time.monotonic()
    while True:
        due = int((time.monotonic() - begin) * float(rate))
        for count in range(count, due):
            check(library.slickq_queue_write(queue, b"%-16d" % count * (size // 16), 1, None))
        count = due
        time.sleep(0.001)


def peer(name):
    """slick-queue-py, which makes a queue and writes to it."""
    import slick_queue_py
    queue = slick_queue_py.SlickQueue(name=name.decode(), size=65536, element_size=16)
    keep.append(queue)
    for count in range(200):
        index = queue.reserve(1)
        queue[index][:6] = b"%06d" % count
        queue.publish(index, 1)


keep = []
library = ctypes.CDLL(os.environ["SLICKQ_LIBRARY"])
library.slickq_queue_write.argtypes = c_void_p, c_char_p, c_uint32, c_void_p
library.slickq_queue_reserve.argtypes = c_void_p, c_uint32, c_void_p
{"map": map_it, "look": look, "register": register, "reserve": reserve, "work": work, "produce": produce,
 "peer": peer, "reset_again": reset_again}[sys.argv[1]](*map(os.fsencode, sys.argv[2:]))
print("ready", flush=True)
sys.stdin.read()
time.sleep(600)
