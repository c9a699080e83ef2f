"""All agents at once share the work: each record goes to exactly one of them, whole. Through a cursor in shared memory, with
slick-queue-py among them, and as the workers of a group."""
import time

import case

CAPACITY = 4096
MOST = 4        # elements of a record
ELEMENT_SIZE = 8
EACH = 120      # records that each agent produces in a round
ROUNDS = 8      # several laps of the ring
AT_ONCE = 40    # requests for a record that each agent gets at once
PATIENCE = 30   # seconds that a round may take


class Sharing(case.Case):
    def setUp(self):
        self.ours = [name for name in case.selected if name != case.PEER]
        self.assertLess(len(case.selected) * EACH * MOST, CAPACITY - MOST, "producers would lap the consumers within a round")

    def open_all(self, names):
        """The agents, on one segment that the first has made."""
        agents, name = [self.start(one) for one in names], self.name()
        geometry = f"{CAPACITY} {ELEMENT_SIZE} 1 {case.SLQ1}"
        for agent in agents:
            agent.expect(f"open {name} {geometry} 0", f"ok {int(agent is agents[0])} {geometry}")
        return agents

    def produce_and_take(self, agents, request):
        """All agents produce, and then take by that request until nothing is left, all at the same time."""
        for round_ in range(ROUNDS):
            jobs, missing = {}, set()
            for writer, agent in enumerate(agents):
                first = (round_ * len(agents) + writer) * EACH  # its own numbers, so that no two records are equal
                jobs[agent] = f"produce {writer} {first} {first + EACH} {MOST}"
                missing.update(case.payload(writer, number, MOST, ELEMENT_SIZE) for number in range(first, first + EACH))
            for agent, job in jobs.items():
                agent.begin(job, *[request] * AT_ONCE)
            for agent, job in jobs.items():
                agent.check(job, "ok", agent.end())
            self.take_all(agents, request, missing)

    def take_all(self, agents, request, missing):
        """Until all missing records have come, some of them to each. The agents have been sent the first requests."""
        got, give_up = set(), time.monotonic() + PATIENCE
        while True:
            for agent in agents:
                for _ in range(AT_ONCE):
                    taken = self.taken(agent, request, agent.end())
                    if taken is not None:
                        if taken not in missing:
                            raise AssertionError(f"{agent.name}: {request!r}\n  expected: a record that nobody has got yet\n"
                                                 f"  answered: {taken.hex()}")
                        missing.remove(taken)
                        got.add(agent)
            if not missing:
                break
            if time.monotonic() > give_up:
                raise AssertionError(f"{len(missing)} records came to nobody, one of them is {min(missing).hex()}")
            for agent in agents:
                agent.begin(*[request] * AT_ONCE)
        self.assertEqual([agent.name for agent in agents if agent not in got], [], "these have got nothing")

    @staticmethod
    def taken(agent, request, answer):
        """The record's bytes, or None."""
        agent.check(request, case.either("ok * * *", "ok * * * 0", "empty", "SLICKQ_EMPTY * 0"), answer)
        words = answer.split()
        return bytes.fromhex(words[3]) if words[0] == "ok" else None

    def test_a_shared_cursor(self):
        agents, cell = self.open_all(case.selected), self.name()
        for number, agent in enumerate(agents):  # each finds what the one before has left
            agent.expect_all([(f"cell {cell} 8", "ok"), ("cell_load", f"ok {number}"),
                              (f"cell_cas {number + 1} 0", f"SLICKQ_CHANGED {number}"), (f"cell_store {number + 1}", "ok")])
        for number, agent in enumerate(agents, len(agents)):
            self.exchange(agent, number, number + 1)
        agents[0].expect("cell_store 0", "ok")
        self.produce_and_take(agents, "claim")
        end = agents[0].number("next")
        for agent in agents:
            agent.expect("cell_load", f"ok {end}")

    @staticmethod
    def exchange(agent, expected, desired):
        """It is allowed to fail for no reason."""
        request, answer, give_up = f"cell_cas {expected} {desired}", "", time.monotonic() + PATIENCE
        while answer != "ok" and time.monotonic() < give_up:
            answer = agent.ask(request)
            agent.check(request, case.either("ok", f"SLICKQ_CHANGED {expected}"), answer)
        agent.expect("cell_load", f"ok {desired}")

    def test_a_group_of_workers(self):
        agents = self.open_all(self.ours)
        for agent in agents:
            agent.expect(f"worker group {case.AT_LEAST_ONCE}", "ok")
        self.produce_and_take(agents, "work")
        for agent in agents:
            agent.expect("done", "ok")

    def test_workers_that_die(self):
        """Each in turn is killed with a claimed record, and one with another binding gets it."""
        agents = self.open_all(self.ours)
        for agent in agents:
            agent.expect(f"worker group {case.AT_LEAST_ONCE}", "ok")
        for number, (dying, heir) in enumerate(zip(agents, agents[1:])):
            data = case.payload(0, number, 1, ELEMENT_SIZE).hex()
            index = heir.number(f"write {data}")
            dying.expect("work", f"ok {index} 1 {data} 0")
            dying.kill()
            answer, give_up = "SLICKQ_EMPTY", time.monotonic() + PATIENCE
            while answer.startswith("SLICKQ_EMPTY") and time.monotonic() < give_up:
                answer = heir.ask("work")
                time.sleep(0.005)
            heir.check(f"work, after {dying.name} died", f"ok {index} 1 {data} 1", answer)
            heir.expect("done", "ok")
