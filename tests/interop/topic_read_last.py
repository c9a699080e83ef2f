"""The record that was published last, as either side sees what the other has written."""
import case


class ReadLast(case.Case):
    def setUp(self):
        self.ours, self.peer = self.start("ours", "peer")
        self.both = (self.ours, self.peer)
        self.open_pair(self.ours, self.peer, capacity=4, element_size=2)

    def expect(self, text):
        for one in self.both:
            self.assertEqual(one.read_last(), text and text.hex(), one.side)

    def test_follows_the_writes_of_both(self):
        self.expect(None)
        for text in (b"aa", b"bbbb", b"cc", b"dddddd", b"eeeeeeee", b"ff"):
            for writer in self.both:
                writer.write(data=text.hex())
                self.expect(text)

    def test_ignores_what_is_only_reserved(self):
        for writer in self.both:
            writer.write(data=b"aa".hex())
            index = writer.reserve(count=1)
            writer.fill(index=index, data=b"bb".hex())
            self.expect(b"aa")
            writer.publish(index=index, count=1)
            self.expect(b"bb")

    def test_is_the_highest_index_in_whatever_order_they_are_published(self):
        for first, second in (self.both, self.both[::-1]):
            low, high = first.reserve(count=1), second.reserve(count=1)
            first.fill(index=low, data=b"lo".hex())
            second.fill(index=high, data=b"hi".hex())
            second.publish(index=high, count=1)
            first.publish(index=low, count=1)
            self.expect(b"hi")
