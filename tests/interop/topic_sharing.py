"""Consumers of both sides share the work through one cursor: each record goes to exactly one of them."""
import case
import payload
import process

CAPACITY = 1024
RECORDS = 15000  # of each producer
MOST = 5        # elements
SIZE = 16       # bytes of an element


class Sharing(case.Case):
    def test_cursor_made_by_either_side(self):
        for maker, user in case.BOTH_WAYS:
            with self.subTest(maker=maker):
                maker, user, name = self.start(maker), self.start(user), self.name()
                maker.cell(name=name)
                user.cell(name=name)
                self.assertEqual(len(case.segment(name)), 8)
                self.assertEqual(user.load(name=name), 0)
                maker.store(name=name, value=2**63 + 5)
                self.assertEqual(user.load(name=name), 2**63 + 5)
                self.assertEqual(user.compare_exchange(name=name, expected=1, desired=2), [False, 2**63 + 5])
                self.assertEqual(user.compare_exchange(name=name, expected=2**63 + 5, desired=2), [True, 2**63 + 5])
                self.assertEqual(maker.load(name=name), 2)

    def test_cursor_at_an_offset(self):
        for maker, user in case.BOTH_WAYS:
            with self.subTest(maker=maker):
                maker, user, name = self.start(maker), self.start(user), self.name()
                maker.cell(name=name, offset=24)
                user.cell(name=name, offset=24)
                maker.store(name=name, value=0x0102030405060708)
                self.assertEqual(user.load(name=name), 0x0102030405060708)
                self.assertEqual(case.segment(name), bytes(24) + bytes(range(8, 0, -1)))

    def test_claims_in_turn(self):
        ours, peer = self.start("ours", "peer")
        self.open_pair(ours, peer, capacity=8, element_size=1)
        cursor = self.name()
        for one in (ours, peer):
            one.cell(name=cursor)
        # 3 + 3, then a wrap marker, then 3 at index 8
        for text in (b"abc", b"def"):
            ours.write(data=text.hex())
        self.assertEqual(peer.read_shared(name=cursor), b"abc".hex())
        self.assertEqual(ours.read_shared(name=cursor), b"def".hex())
        peer.write(data=b"ghi".hex())
        self.assertEqual(ours.read_shared(name=cursor), b"ghi".hex())
        self.assertIsNone(peer.read_shared(name=cursor))
        self.assertEqual(peer.load(name=cursor), 11)

    def test_each_record_is_claimed_exactly_once(self):
        for maker in ("ours", "peer"):
            with self.subTest(cursor=maker):
                self.share(maker)

    def share(self, maker):
        producers, consumers = self.start("ours", "peer"), self.start("ours", "peer", "ours", "peer")
        everyone, queue, shared = [*producers, *consumers], self.name(), self.name()
        progress = [self.name() for _ in consumers]
        for one in everyone:
            one.open(name=queue, capacity=CAPACITY, element_size=SIZE)
        for one in sorted(everyone, key=lambda one: one.side != maker):
            for cell in [shared, *progress]:
                one.cell(name=cell)

        for consumer, cell in zip(consumers, progress):
            consumer.begin("share", shared=shared, progress=cell)
        ahead, batch = case.pace(CAPACITY, MOST, len(producers))
        for writer, producer in enumerate(producers):
            producer.begin("produce", writer=writer, records=RECORDS, most=MOST, followers=progress, ahead=ahead,
                           batch=batch)
        process.end_all(producers)
        for number in range(len(consumers)):
            producers[0].write(data=payload.make(payload.STOP, number, SIZE).hex())

        claimed = process.end_all(consumers)
        self.assertEqual(sorted(record for records in claimed.values() for record in records),
                         [[writer, number] for writer in range(len(producers)) for number in range(RECORDS)])
        for records in claimed.values():
            for writer in range(len(producers)):
                numbers = [number for by, number in records if by == writer]
                self.assertEqual(numbers, sorted(numbers), "claimed out of order")
        for side in ("ours", "peer"):
            self.assertTrue(any(claimed[one] for one in consumers if one.side == side), f"{side} claimed nothing")
