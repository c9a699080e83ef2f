"""The numbers of the processes, and where each has its cells on the board. As in stage.hpp, which explains them."""
PRODUCERS = 2
CONSUMERS = 4
PROCESSES = PRODUCERS + CONSUMERS  # numbered: the producers, the broadcast consumer, the sharers
NOT_YET = 2**64 - 1  # in the end cell until the producers are done

END_OFFSET = 0
LAST_OFFSET = 8 * (CONSUMERS + PROCESSES)


def mark_offset(process):
    return 8 * (1 + process - PRODUCERS)


def bytes_offset(process):
    return 8 * (1 + CONSUMERS + process)


def queue_name(stage):
    return stage + "_queue"


def cursor_name(stage):
    return stage + "_cursor"


def board_name(stage):
    return stage + "_board"
