"""A sharing consumer in Python that loads libslickq by ctypes: python3 consumer_ctypes.py STAGE PROCESS OUTPUT"""
import sys

from board import END_OFFSET, board_name, bytes_offset, cursor_name, mark_offset, queue_name
from library import Cell, Queue
from share import share


def main(stage, process, output):
    process = int(process)
    queue = Queue(queue_name(stage))
    cursor = Cell(cursor_name(stage))
    mark, end, progress = (Cell(board_name(stage), offset)
                           for offset in (mark_offset(process), END_OFFSET, bytes_offset(process)))
    share(lambda: queue.read_shared(cursor), queue.loss_count, cursor, mark, end, progress, output)
    for handle in (queue, cursor, mark, end, progress):
        handle.close()


main(*sys.argv[1:])
