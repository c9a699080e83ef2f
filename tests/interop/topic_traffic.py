"""One producer, one consumer, each way, in a segment of either side: many laps of records that verify themselves."""
import case

CAPACITY = 256
RECORDS = 10000


class Traffic(case.Case):
    def test_single_elements(self):
        self.each_way(most=1)

    def test_records_of_many_elements_that_wrap(self):
        self.each_way(most=7)

    def each_way(self, most):
        for producer, consumer in case.BOTH_WAYS:
            for creator in (producer, consumer):
                with self.subTest(producer=producer, consumer=consumer, creator=creator):
                    processes = {producer: self.start(producer), consumer: self.start(consumer)}
                    opener = consumer if creator == producer else producer
                    self.open_pair(processes[creator], processes[opener], capacity=CAPACITY, element_size=24)
                    self.run_job(CAPACITY, [processes[producer]], [processes[consumer]], RECORDS, most)
