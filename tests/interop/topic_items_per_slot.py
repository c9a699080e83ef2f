"""Several elements to a control slot (SLQ3): slick-queue-py 2.1 and later."""
import unittest

import case

CAPACITY = 512
ITEMS = 8
QUEUE = {"capacity": CAPACITY, "element_size": 16, "items_per_slot": ITEMS}


@case.since(2, 1)
class ItemsPerSlot(case.Case):
    def test_traffic_each_way(self):
        for producer, consumer in case.BOTH_WAYS:
            for creator in (producer, consumer):
                with self.subTest(producer=producer, consumer=consumer, creator=creator):
                    processes = {producer: self.start(producer), consumer: self.start(consumer)}
                    name = self.name()
                    processes[creator].open(name=name, **QUEUE)
                    for opener in processes.keys() - {creator}:
                        processes[opener].open(name=name, element_size=16)  # adopts capacity and items per slot
                    self.run_job(CAPACITY, [processes[producer]], [processes[consumer]], 5000, most=20,
                                 items_per_slot=ITEMS)

    def test_mixed_producers(self):
        everyone, name = self.start("ours", "peer", "ours", "peer"), self.name()
        for one in everyone:
            one.open(name=name, **QUEUE)
        self.run_job(CAPACITY, everyone[:2], everyone[2:], 5000, most=20, items_per_slot=ITEMS)

    def test_read_last(self):
        ours, peer = self.start("ours", "peer")
        self.open_pair(ours, peer, **QUEUE)
        for count in (1, 8, 9, 3, 400, 200):
            for one in (ours, peer):
                text = bytes([count % 256] * 16 * count).hex()
                one.write(data=text)
                self.assertEqual([ours.read_last(), peer.read_last()], [text, text])

    def test_mismatch_is_refused(self):
        for both in case.BOTH_WAYS:
            for options in ({"element_size": 16, "items_per_slot": 4}, {**QUEUE, "items_per_slot": 4},
                            {"element_size": 16, "items_per_slot": 1}):
                with self.subTest(creator=both[0], options=options):
                    (creator, opener), name = self.start(*both), self.name()
                    creator.open(name=name, **QUEUE)
                    before = case.segment(name)
                    kind = {"ours": "SLICKQ_E_MISMATCH", "peer": "ValueError"}[opener.side]
                    self.assertRefused(kind, "items.per.slot", opener.open, name=name, **options)
                    self.assertEqual(case.segment(name), before)


@unittest.skipIf(case.PEER_VERSION >= (2,), "slick-queue-py 2.0 and later look at the marker")
class OldPeer(case.Case):
    def test_1_x_attaches_and_misreads(self):
        """A peer this old takes the segment for one with a slot to each element and nothing we could write there would
        stop it: an application has to keep it away. If this test fails, the peer has learned to refuse."""
        ours, peer = self.start("ours", "peer")
        name = self.name()
        ours.open(name=name, **QUEUE)
        self.assertFalse(peer.open(name=name, element_size=16))
        ours.write(data=b"sixteen bytes...".hex())
        self.assertEqual(ours.read(), b"sixteen bytes...".hex())
        self.assertNotEqual(peer.read(), b"sixteen bytes...".hex())
