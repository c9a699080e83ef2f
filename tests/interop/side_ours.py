"""libslickq with the face that role.py expects of either side."""
import slickq_ctypes as slickq

# layout by (read_last, items_per_slot > 1)
LAYOUTS = {(False, False): slickq.LAYOUT_SLQ0, (True, False): slickq.LAYOUT_SLQ1,
           (False, True): slickq.LAYOUT_SLQ2, (True, True): slickq.LAYOUT_SLQ3}

Cell = slickq.Cursor


class Queue(slickq.Queue):
    """capacity None: open and adopt; otherwise open or create. read_last None: whatever is there, or the default."""

    def __init__(self, name, element_size, capacity=None, read_last=None, items_per_slot=None, lossless=False):
        layout = slickq.LAYOUT_ANY
        if read_last is not None:
            layout = LAYOUTS[read_last, (items_per_slot or 1) > 1]
        super().__init__(name, create=capacity is not None, capacity=capacity or 0, element_size=element_size,
                         items_per_slot=items_per_slot or 0, layout=layout,
                         flags=slickq.OPEN_LOSSLESS if lossless else 0)

    def is_creator(self):
        return bool(self.info.flags & slickq.INFO_CREATOR)
