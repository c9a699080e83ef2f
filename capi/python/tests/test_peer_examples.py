"""Runs the examples of slick-queue-py's README (peer_examples.md) with only the import changed."""
import os
import re
import subprocess
import unittest

import slickq
from support import PREFIX, Case

HERE = os.path.dirname(os.path.abspath(__file__))


def examples():
    with open(os.path.join(HERE, "peer_examples.md"), encoding="utf-8") as file:
        return dict(re.findall(r"^## (.+?)\n\n```python\n(.*?)^```", file.read(), re.DOTALL | re.MULTILINE))


def adapted(code):
    """The example with our import, and names that nobody else has."""
    code = re.sub(r"\b(slick_queue_py|atomic_ops)\b", "slickq", code)
    return re.sub(r"'(my_queue|mpmc_queue|work_queue|work_cursor|shared_queue|wrap_test|bytes)'", rf"'{PREFIX}\1'", code)


class PeerExamples(Case):
    """Each test says what comes before the example, where it is only a piece of a program, and what must be true after it."""

    def run_example(self, title, before="", after=""):
        # The examples start processes in a module that has no `if __name__ == "__main__"`.
        begin = "import multiprocessing, struct\nmultiprocessing.set_start_method('fork')\n"
        self.addCleanup(self.remove_all)
        return self.run_code(begin + before + adapted(examples()[title]) + after)

    @staticmethod
    def remove_all():
        for name in os.listdir("/dev/shm"):
            if name.startswith(PREFIX):
                slickq.remove(name)

    def left(self):
        return [name for name in os.listdir("/dev/shm") if name.startswith(PREFIX)]

    def test_local(self):
        out = self.run_example("local", after="assert (data[:5], size, read_index) == (b'hello', 1, 1)\n")
        self.assertEqual(out, "Received: b'h'\n")  # it counts in elements

    def test_shared(self):
        out = self.run_example("shared", after="assert (data[:5], size, read_index) == (b'hello', 1, 1)\n")
        self.assertEqual(out, "Received: b'h'\n")  # it counts in elements
        self.assertEqual(self.left(), [])

    def test_multi_producer(self):
        """400 records into a ring of 64, which is read afterwards: the newest are there."""
        code = "assert all(p.exitcode == 0 for p in producers)\n"
        out = self.run_example("multi-producer", after=code)
        self.assertEqual((out, self.left()), ("", []))

    def test_multi_producer_arrives(self):
        """The same with a reader that keeps all, in a ring that has room for all."""
        code = adapted(examples()["multi-producer"]).replace("size=64", "size=1024").replace("q.close()\nq.unlink()", """
records = [struct.unpack("<I I", data[:8]) for data in q.reader(1).iterate(0)]
assert sorted(records) == [(worker, number) for worker in range(4) for number in range(100)], records
q.close()
q.unlink()
""")
        self.run_code("import multiprocessing\nmultiprocessing.set_start_method('fork')\n" + code)

    def test_work_stealing_by_threads(self):
        # 100 records in a ring of 64: the oldest 36 were overwritten before the threads begin, as in the original. The
        # cursor goes a whole lap ahead at the first, to record 64.
        out = self.run_example("work stealing by threads")
        self.assertEqual(out, "Total items processed: 36\n")

    def test_work_stealing_by_processes(self):
        out = self.run_example("work stealing by processes", after="assert all(p.exitcode == 0 for p in consumers)\n")
        self.assertEqual(sum(int(count) for count in re.findall(r"processed (\d+) items", out)), 36)
        self.assertEqual(self.left(), [])

    def test_batch(self):
        self.run_example(
            "batch",
            "from slickq import SlickQueue\nq = SlickQueue(size=64, element_size=8)\ndata_len = 8\n"
            "data = [struct.pack('<Q', number) for number in range(10)]\n",
            "assert q.read(0) == (b''.join(data), 10, 10)\nassert len(element) == 8\n")

    def test_wrap_around(self):
        self.run_example("wrap-around", "from slickq import SlickQueue\n",
                         "data, size, cursor = q.read(99)\nassert data[:4] == struct.pack('<I', 99)\nq.unlink()\n")
        self.assertEqual(self.left(), [])

    def test_items_per_slot(self):
        self.run_example("items_per_slot", "from slickq import SlickQueue\n",
                         "assert (i, j, buf.slot_count, buf.initial_reading_index()) == (0, 64, 1 << 18, 320)\nbuf.unlink()\n")

    def test_constructor(self):
        self.run_example("constructor", "from slickq import SlickQueue, QueueTraits\n",
                         "assert (q.size, q2.size, q3.traits.enable_read_last) == (256, 256, False)\nq.unlink()\n")
        self.assertEqual(self.left(), [])

    def test_traits(self):
        self.run_example("traits", after="lean.close(); standard.close()\n")

    def test_read_last(self):
        out = self.run_example("read_last", "from slickq import SlickQueue\nelement_size = 8\n"
                                            "q = SlickQueue(size=4, element_size=8)\nq.write(b'12345678')\n")
        self.assertEqual(out, "Last item: b'12345678'\n")

    def test_platform(self):
        self.assertRegex(self.run_example("platform"), "^Platform: .")

    def test_from_cpp(self):
        """The producer is a C++ program, the command slickq. Its 100 records lap the example's ring of 64."""
        tool = os.environ.get("SLICKQ_TOOL")
        if not tool:
            self.skipTest("needs the command slickq in SLICKQ_TOOL")
        records = b"".join(number.to_bytes(4, "little") + bytes(28) for number in range(100))
        subprocess.run([tool, "send", "--block", "32", "--capacity", "64", "--element-size", "32", "--items-per-slot", "1",
                        PREFIX + "shared_queue"], input=records, check=True, timeout=20)
        out = self.run_example("from C++")
        self.assertEqual(re.findall(r"Received from C\+\+: (\d+)", out), [str(number) for number in range(64, 100)])
        self.assertEqual(self.left(), [])


if __name__ == "__main__":
    unittest.main()
