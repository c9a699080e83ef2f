"""Delivery without loss on segments that slick-queue-py uses as well, reading and writing."""
import case
import payload
import process

CAPACITY = 256
RECORDS = 4000  # of each producer
MOST = 3        # elements
SIZE = 16       # bytes of an element
EMPTY, LAPPED, TIMED_OUT = 1, 4, 6


class Delivery(case.Case):
    def open_all(self, *sides, capacity=16, size=8):
        everyone, name = self.start(*sides), self.name()
        for one in everyone:
            lossless = {"lossless": True} if one.side == "ours" else {}
            one.open(name=name, capacity=capacity, element_size=size, **lossless)
        return everyone

    def test_a_peer_reads_and_holds_nobody_up(self):
        ours, peer = self.open_all("ours", "peer")
        ours.register()
        sent = [f"{number:016x}" for number in range(16)]
        for data in sent:
            self.assertIsNotNone(ours.write_or_full(data=data))
        self.assertIsNone(ours.write_or_full(data="ff" * 8), "the registered reader has read nothing")
        self.assertEqual(peer.read_all(), sent)
        self.assertIsNone(ours.write_or_full(data="ff" * 8), "nobody waits for a peer, nor is told by it")
        self.assertEqual([ours.receive()[1] for _ in sent], sent)
        self.assertIsNotNone(ours.write_or_full(data="ff" * 8))
        self.assertEqual(peer.read_all(), ["ff" * 8])

    def test_a_peer_writes_and_waits_for_nobody(self):
        ours, peer = self.open_all("ours", "peer")
        ours.register()
        for number in range(16):
            peer.write(data=f"{number:016x}")
        self.assertIsNone(ours.write_or_full(data="ff" * 8), "what a peer wrote takes up room as well")
        self.assertEqual(ours.receive()[:3], [0, f"{0:016x}", 0])
        for number in range(16, 48):
            peer.write(data=f"{number:016x}")
        status, _, index, lost = ours.receive()
        self.assertEqual(status, LAPPED)
        self.assertEqual(index - lost, 1, "what a peer overwrote is counted as lost, from where we were")
        received = [ours.receive() for _ in range(48 - index)]
        self.assertEqual([one[1] for one in received], [f"{number:016x}" for number in range(index, 48)])
        self.assertIn(ours.receive()[0], (EMPTY, TIMED_OUT))
        self.assertIsNotNone(ours.write_or_full(data="ff" * 8))

    def test_a_peers_segment_has_no_room_for_it(self):
        peer, ours = self.start("peer", "ours")
        name = self.name()
        peer.open(name=name, capacity=16, element_size=8)
        self.assertRefused("SLICKQ_E_UNSUPPORTED", "did not make", ours.open, name=name, element_size=8, lossless=True)
        ours.open(name=name, element_size=8)
        self.assertRefused("SLICKQ_E_UNSUPPORTED", "did not make", ours.register)
        self.assertRefused("SLICKQ_E_UNSUPPORTED", "did not make", ours.register, group="work")

    def test_readers_and_workers_among_peers(self):
        """Both sides produce; a registered reader of ours and a consumer of theirs get all, workers of ours share it."""
        everyone = self.open_all("ours", "ours", "ours", "ours", "peer", "peer", capacity=CAPACITY, size=SIZE)
        producer, reader, first, second, peer_producer, peer_consumer = everyone
        consumers = [reader, first, second, peer_consumer]
        progress = [self.name() for _ in consumers]
        for one in everyone:
            for cell in progress:
                one.cell(name=cell)
        reader.register()
        first.register(group="work")
        second.register(group="work")
        peer_consumer.begin("consume", records={"0": RECORDS, "1": RECORDS}, progress=progress[3])
        for one, cell in zip([reader, first, second], progress):
            one.begin("receive_all", progress=cell)
        # For the peers' sake both producers go slowly; they do not wait, and are not waited for.
        ahead, batch = case.pace(CAPACITY, MOST, 2)
        for writer, one in enumerate([producer, peer_producer]):
            one.begin("produce", writer=writer, records=RECORDS, most=MOST, followers=progress, ahead=ahead, batch=batch)
        process.end_all([producer, peer_producer, peer_consumer])
        # The reader and one worker stop at the first, the other worker at the second.
        for number in range(2):
            producer.write(data=payload.make(payload.STOP, number, SIZE).hex())
        got = process.end_all([reader, first, second])
        everything = sorted([writer, number] for writer in range(2) for number in range(RECORDS))
        self.assertEqual(sorted(got[reader]), everything)
        self.assertEqual(sorted(got[first] + got[second]), everything)
        for writer in range(2):
            numbers = [number for by, number in got[reader] if by == writer]
            self.assertEqual(numbers, sorted(numbers))
