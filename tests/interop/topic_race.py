"""Many processes of both sides open or create one name at once: one creates, and all are in the same queue."""
import random
import time

import case
import process

ROUNDS = 100
EACH = 3  # processes of each side
CAPACITY = 4096  # so many slots take a creator long enough that the others come upon it at work
SPREAD = 0.0005  # seconds: started all at once, the quicker side would win every round


class Race(case.Case):
    def test_open_or_create(self):
        everyone = self.start(*["ours", "peer"] * EACH)
        for _ in range(ROUNDS):
            name, at = self.name(), time.monotonic() + 0.02
            for one in everyone:
                one.begin("open", name=name, capacity=CAPACITY, element_size=1, at=at + random.uniform(0, SPREAD))
            made = process.end_all(everyone)
            self.assertEqual(sum(made.values()), 1, [one.side for one in everyone if made[one]])

            for number, one in enumerate(everyone):
                one.write(data=bytes([number]).hex())
            for one in everyone:
                self.assertEqual(one.read_all(), [bytes([number]).hex() for number in range(len(everyone))])
