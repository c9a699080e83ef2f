"""A consumer that was lapped skips to the same record on both sides, and both count the same loss."""
import case


class Loss(case.Case):
    # capacity, lengths of the records written before anything is read
    HISTORIES = (
        (8, [1] * 8),              # a full ring: nothing lost
        (8, [1] * 9),
        (8, [1] * 30),
        (8, [2] * 21),
        (16, [4, 4, 4, 4] * 5),
        (16, [16] * 3),
        (1, [1] * 5),
    )

    def test_reading_from_the_start(self):
        self.histories(lambda one, _: one.read_all())

    def test_claiming_from_the_start(self):
        def claim_all(one, cell):
            one.cell(name=cell)
            return list(iter(lambda: one.read_shared(name=cell), None))
        self.histories(claim_all)

    def histories(self, read):
        for both in case.BOTH_WAYS:
            writer, opener = self.start(*both)
            for capacity, lengths in self.HISTORIES:
                with self.subTest(writer=writer.side, capacity=capacity, lengths=lengths):
                    self.compare(writer, opener, capacity, lengths, read)

    def compare(self, writer, opener, capacity, lengths, read):
        self.open_pair(writer, opener, capacity=capacity, element_size=1)
        for number, length in enumerate(lengths):
            writer.write(data=bytes([number] * length).hex())
        seen, other = (read(one, self.name()) for one in (writer, opener))
        self.assertEqual(seen, other)
        self.assertTrue(seen)
        if case.PEER_VERSION >= (1, 2):  # 1.1 does not count
            self.assertEqual(writer.loss_count(), opener.loss_count())
            self.assertEqual(writer.loss_count() > 0, sum(lengths) > capacity)
