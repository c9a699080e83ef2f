"""A queue that either side has emptied is empty, and works, for both."""
import case


class Reset(case.Case):
    def head(self, name):
        """All but the elements, which nobody clears, and what ours keeps behind them."""
        return case.segment(name)[:64 + 16 * 4]

    def test_by_either_side(self):
        for resetter, other in case.BOTH_WAYS:
            with self.subTest(resetter=resetter):
                resetter, other = self.start(resetter, other)
                name = self.open_pair(resetter, other, capacity=4, element_size=1)
                empty = self.head(name)
                for text in (b"abc", b"de", b"f"):
                    other.write(data=text.hex())
                    resetter.write(data=text.hex())
                self.assertNotEqual(self.head(name), empty)

                resetter.reset()
                self.assertEqual(self.head(name), empty)
                for one in (resetter, other):
                    one.seek(cursor=0)
                    self.assertIsNone(one.read())
                    self.assertIsNone(one.read_last())

                other.write(data=b"xy".hex())
                resetter.write(data=b"z".hex())
                for one in (resetter, other):
                    self.assertEqual(one.read_all(), [b"xy".hex(), b"z".hex()])
                    self.assertEqual(one.read_last(), b"z".hex())
