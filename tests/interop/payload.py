"""Records that verify themselves: who wrote it, its number, its length, a checksum, and a body that differs each time."""
import struct
import zlib

HEAD = struct.Struct("<III")   # writer, number, length in bytes of the whole record
CHECK = struct.Struct("<I")    # CRC-32 of head and body
SMALLEST = HEAD.size + CHECK.size
STOP = 0xFFFFFFFF              # the writer of records that tell a consumer to stop

_BODY = bytes((i * i + 7 * i) % 256 for i in range(4096)) * 2


def make(writer, number, length):
    head = HEAD.pack(writer, number, length)
    start = number % 4093
    body = _BODY[start:start + length - SMALLEST]
    return head + CHECK.pack(zlib.crc32(body, zlib.crc32(head))) + body


def check(data):
    """(writer, number) of an intact record; ValueError for any other."""
    writer, number, length = HEAD.unpack_from(data)
    if length != len(data) or data != make(writer, number, length):
        raise ValueError(f"broken record of {len(data)} bytes: {data[:32].hex()}")
    return writer, number


def elements(writer, number, most):
    """How many elements a writer's record has: anything from 1 to `most`, in no simple rhythm."""
    return 1 + (number * 7 + number // 11 + writer) % most
