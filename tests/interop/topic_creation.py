"""A segment made by either side is a segment to the other."""
import case


class Creation(case.Case):
    def test_made_by_one_opened_by_the_other(self):
        for creator, opener in case.BOTH_WAYS:
            with self.subTest(creator=creator):
                creator, opener = self.start(creator, opener)
                self.open_pair(creator, opener, capacity=8, element_size=5)
                self.exchange(creator, opener)

    def test_creating_what_is_there_opens_it(self):
        for creator, opener in case.BOTH_WAYS:
            with self.subTest(creator=creator):
                creator, opener = self.start(creator, opener)
                options = {"name": self.name(), "capacity": 16, "element_size": 5}
                self.assertTrue(creator.open(**options))
                creator.write(data=b"early".hex())
                self.assertFalse(opener.open(**options))
                self.assertEqual(opener.read(), b"early".hex())

    def test_names_with_and_without_slash_are_the_same(self):
        for creator, opener in case.BOTH_WAYS:
            with self.subTest(creator=creator):
                creator, opener = self.start(creator, opener)
                name = self.name()
                creator.open(name="/" + name, capacity=8, element_size=5)
                opener.open(name=name, element_size=5)
                self.exchange(creator, opener)

    def test_outlives_its_creator(self):
        for creator, opener in case.BOTH_WAYS:
            with self.subTest(creator=creator):
                creator, opener = self.start(creator, opener)
                name = self.name()
                creator.open(name=name, capacity=4, element_size=5)
                creator.write(data=b"heirs".hex())
                creator.kill()
                opener.open(name=name, element_size=5)
                self.assertEqual(opener.read(), b"heirs".hex())

    def exchange(self, one, other):
        one.write(data=b"hello".hex())
        other.write(data=b"worldagain".hex())
        for reader in (one, other):
            self.assertEqual(reader.read_all(), [b"hello".hex(), b"worldagain".hex()])


