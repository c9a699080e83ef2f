"""The records that consumers wrote down, and the judgement on them."""
import collections
import hashlib
import struct

HEADER = struct.Struct("<IIQQ")  # producer, length, sequence, offset, as record_header in stage.hpp

Record = collections.namedtuple("Record", "producer sequence offset payload")


class Damaged(Exception):
    pass


def read_records(path):
    """All records of a file, in the order in which they were written to it."""
    with open(path, "rb") as file:
        data = memoryview(file.read())
    position = 0
    while position < len(data):
        if len(data) - position < HEADER.size:
            raise Damaged(f"{path}: ends within a record's header")
        producer, length, sequence, offset = HEADER.unpack_from(data, position)
        position += HEADER.size
        if length > len(data) - position:
            raise Damaged(f"{path}: ends within a record's payload")
        yield Record(producer, sequence, offset, data[position:position + length])
        position += length


def rebuild(records, parts):
    """SHA-256 of the file that the records make up: every record once, no gap, each producer its part (begin, end)."""
    by_producer = {number: [] for number in range(len(parts))}
    for record in records:
        if record.producer not in by_producer:
            raise Damaged(f"a record of producer {record.producer}, which does not exist")
        by_producer[record.producer].append(record)

    digest = hashlib.sha256()
    for number, (begin, end) in enumerate(parts):
        offset = begin
        for sequence, record in enumerate(sorted(by_producer[number], key=lambda record: record.sequence)):
            if record.sequence != sequence:
                what = "is there twice" if record.sequence < sequence else "follows a gap"
                raise Damaged(f"producer {number}: record {record.sequence} {what}")
            if record.offset != offset:
                raise Damaged(f"producer {number}: record {sequence} is for offset {record.offset}, not {offset}")
            digest.update(record.payload)
            offset += len(record.payload)
        if offset != end:
            raise Damaged(f"producer {number}: its part ends at {end}, what arrived at {offset}")
    return digest.hexdigest()
