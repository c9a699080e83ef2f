"""A sharing consumer in Python: the loop is the same whichever library it goes through. See consume.cpp, its twin."""
import os
import time

HEADER_LENGTH = 24  # of a record, see records.py
PARENT = os.getppid()


def wait_a_moment():
    if os.getppid() != PARENT:
        raise SystemExit("the process that started this one is gone")
    time.sleep(20e-6)


def share(read, loss_count, cursor, mark, end, progress, output):
    """Claims records with read() and appends them to the file `output` until the end is known and reached.

    cursor, mark, end and progress are cells with load() and store(); read() returns a record's bytes, or None.
    """
    records = payload = 0
    print("ready", flush=True)
    with open(output, "wb") as file:
        while True:
            # Before each claim: from here on this process may hold a record. What it claimed before is copied.
            position = cursor.load()
            mark.store(position)
            record = read()
            if record is not None:
                file.write(record)
                records += 1
                payload += len(record) - HEADER_LENGTH
                progress.store(payload)
            elif position == end.load():
                break
            else:
                wait_a_moment()
    print(records, payload, loss_count(), flush=True)
