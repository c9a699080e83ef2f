"""A sharing consumer that knows nothing of libslickq: it runs the real slick-queue-py, from PyPI.

python consumer_slick_queue_py.py STAGE PROCESS OUTPUT
"""
import sys
from multiprocessing import resource_tracker

# Before Python 3.13 SharedMemory has every segment that it attaches to removed when the process ends, whoever made it.
resource_tracker.register = resource_tracker.unregister = lambda name, kind: None

from multiprocessing.shared_memory import SharedMemory  # noqa: E402

from slick_queue_py import AtomicCursor, SlickQueue  # noqa: E402

from board import END_OFFSET, board_name, bytes_offset, cursor_name, mark_offset, queue_name  # noqa: E402
from share import share  # noqa: E402


def main(stage, process, output):
    process = int(process)
    queue = SlickQueue(name=queue_name(stage), element_size=1)
    shared, board = SharedMemory(name=cursor_name(stage)), SharedMemory(name=board_name(stage))
    cells = [AtomicCursor(shared.buf, 0)] + [
        AtomicCursor(board.buf, offset) for offset in (mark_offset(process), END_OFFSET, bytes_offset(process))]
    share(lambda: queue.read(cells[0])[0], queue.loss_count, *cells, output)
    for cell in cells:
        cell.release()
    shared.close()
    board.close()
    queue.close()


main(*sys.argv[1:])
