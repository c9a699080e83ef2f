"""A great many records, each way."""
import case

CAPACITY = 8192
RECORDS = 400000


class Volume(case.Case):
    def test_ours_to_peer(self):
        self.send("ours", "peer")

    def test_peer_to_ours(self):
        self.send("peer", "ours")

    def send(self, producer, consumer):
        producer, consumer = self.start(producer, consumer)
        self.open_pair(producer, consumer, capacity=CAPACITY, element_size=32)
        self.run_job(CAPACITY, [producer], [consumer], RECORDS)
