"""Producers of both sides at once; a consumer of each side reads every record, each producer's in order."""
import case

CAPACITY = 4096
RECORDS = 15000


class Producers(case.Case):
    def test_single_elements(self):
        self.all_at_once(most=1)

    def test_records_of_many_elements(self):
        self.all_at_once(most=9)

    def all_at_once(self, most):
        producers, consumers = list(self.start("ours", "peer")), list(self.start("ours", "peer"))
        name = self.name()
        for one in producers + consumers:
            one.open(name=name, capacity=CAPACITY, element_size=20)
        self.run_job(CAPACITY, producers, consumers, RECORDS, most)
