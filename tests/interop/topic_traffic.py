"""One producer, one consumer, each way, in a segment of either side: many laps of records that verify themselves."""
import case

CAPACITY = 256
RECORDS = 10000


class Traffic(case.Case):
    def test_single_elements(self):
        self.each_way(most=1)

    def test_records_of_many_elements_that_wrap(self):
        self.each_way(most=7)

    def test_a_reservation_stops_both_until_it_is_published(self):
        for early, late in case.BOTH_WAYS:
            with self.subTest(late=late):
                early, late = both = self.start(early, late)
                self.open_pair(early, late, capacity=8, element_size=4)
                index = late.reserve(count=2)
                early.write(data=b"last".hex())
                for one in both:
                    self.assertIsNone(one.read())
                late.fill(index=index, data=b"thefirst".hex())
                late.publish(index=index, count=2)
                for one in both:
                    self.assertEqual(one.read_all(), [b"thefirst".hex(), b"last".hex()])

    def each_way(self, most):
        for producer, consumer in case.BOTH_WAYS:
            for creator in (producer, consumer):
                with self.subTest(producer=producer, consumer=consumer, creator=creator):
                    processes = {producer: self.start(producer), consumer: self.start(consumer)}
                    opener = consumer if creator == producer else producer
                    self.open_pair(processes[creator], processes[opener], capacity=CAPACITY, element_size=24)
                    self.run_job(CAPACITY, [processes[producer]], [processes[consumer]], RECORDS, most)
