"""What type checkers see of slickq: checked with mypy --strict, for which an ignored error that is none is an error. Never run."""
from typing import Any, Optional, Tuple, Union

import numpy

from slickq import (ArrayQueue, Batch, Full, Outcome, Queue, Reader, Record, SharedCursor, SlickQueue, StructQueue, Worker)

queue = Queue(capacity=1, element_size=1, lossless=True)
reader: Reader[bytes] = queue.reader(registered=True)
data: bytes = next(iter(reader))
copied: Tuple[Optional[bytes], int, int] = queue.read(0)
index: int = SlickQueue(size=1, element_size=1).reserve()

rows = StructQueue("<q", "name", capacity=1, read_only=False)
row: Optional[Tuple[Any, ...]] = rows.reader().read()
last: Tuple[Optional[Tuple[Any, ...]], int] = rows.read_last()
worker: Worker[Tuple[Any, ...]] = rows.worker("g")
step: Union[Record[Tuple[Any, ...]], Outcome] = worker.poll()
batch: Optional[Batch[Tuple[Any, ...]]] = rows.reader().read_batch()
if batch is not None:
    for one in batch:
        fields: Tuple[Any, ...] = one

arrays = ArrayQueue(("<f8", (3,)), capacity=1)
array: "Optional[numpy.ndarray[Any, Any]]" = arrays.reader().read()

try:
    queue.write_batch(b"..")
except Full as full:
    written: int = full.written


async def tasks() -> None:
    sent: int = await queue.send(b".")
    got: Optional[bytes] = await reader.receive(1)
    async for values in worker:
        taken: Tuple[Any, ...] = values
    del sent, got


# What is none is seen.
Queue(capcity=1, element_size=1)  # type: ignore[call-arg]
StructQueue("<q", capacity=1, losless=True)  # type: ignore[call-arg]
StructQueue("<q", capacity="1")  # type: ignore[arg-type]
ArrayQueue("<q", element_size=8)  # type: ignore[call-arg]
SharedCursor("name", exclusive=True)  # type: ignore[call-arg]
number: int = rows.read_last()  # type: ignore[assignment]
for place in queue:  # type: ignore[misc]
    pass
