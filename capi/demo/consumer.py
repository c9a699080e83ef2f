"""A consumer that shares the work, in Python: consumer.py ctypes|slick-queue-py QUEUE BOARD CELL OUTPUT SHARED_CELL

`ctypes` loads libslickq from SLICKQ_LIBRARY; `slick-queue-py` is the other project's queue. README.md tells the whole. Prints
one line of JSON at the end.
"""
import json
import signal
import sys
import time

HEADER_LENGTH = 24
DONE_CELL = 0
NOTHING_NEEDED = 2**63 - 1
ORPHANED = 150  # seconds; demo.py has given up before, unless it was killed


def open_with_ctypes(queue_name, board_name):
    import slickq_ctypes as slickq
    queue = slickq.Queue(queue_name, create=False)
    return queue.read_shared, lambda number: slickq.Cursor(board_name, 8 * number), queue.loss_count


def open_with_slick_queue_py(queue_name, board_name):
    from multiprocessing import resource_tracker
    from multiprocessing.shared_memory import SharedMemory

    from slick_queue_py import AtomicCursor, SlickQueue
    queue = SlickQueue(name=queue_name, element_size=1)
    board = SharedMemory(name=board_name)
    # Python before 3.13 would delete the board, which is not ours, when this process ends.
    resource_tracker.unregister(board._name, "shared_memory")

    def read(cell):
        data, _count, _index = queue.read(cell)
        return data

    read.board = board  # lives as long as its cells
    return read, lambda number: AtomicCursor(board.buf, 8 * number), queue.loss_count


def main(library, queue_name, board_name, cell, output, shared_cell):
    opener = open_with_ctypes if library == "ctypes" else open_with_slick_queue_py
    read, open_cell, loss_count = opener(queue_name, board_name)
    done, progress, shared = open_cell(DONE_CELL), open_cell(int(cell)), open_cell(int(shared_cell))
    signal.alarm(ORPHANED)
    start = time.monotonic()
    records = payload = 0
    with open(output, "wb") as file:
        while True:
            all_is_published = done.load() != 0  # looked at before the queue
            progress.store(shared.load())
            record = read(shared)
            if record is None:
                if all_is_published:
                    break
                time.sleep(0.00005)
                continue
            file.write(record)
            records += 1
            payload += len(record) - HEADER_LENGTH
    progress.store(NOTHING_NEEDED)
    print(json.dumps({"records": records, "bytes": payload, "lost": loss_count(), "seconds": time.monotonic() - start}),
          flush=True)


main(*sys.argv[1:])
