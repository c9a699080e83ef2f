"""Starting, hearing and ending the processes of the demo."""
import selectors
import subprocess
import time


class Failed(Exception):
    pass


class Process:
    """One of them. It says "ready" on its standard output, and at the end "records bytes lost"."""

    def __init__(self, number, role, language, command):
        self.number, self.role, self.language = number, role, language
        self.said, self.finished_at = [], None
        # A session of its own: what is typed at the terminal (^C) goes to run.py alone, which then ends them all.
        self._popen = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       text=True, start_new_session=True)
        self.stdout = self._popen.stdout

    def __str__(self):
        return f"process {self.number}, {self.role} in {self.language}"

    def go(self):
        try:
            with self._popen.stdin as stdin:
                stdin.write("go\n")
        except BrokenPipeError:
            pass  # it has ended; why, it says itself

    def hear(self):
        """Takes in one line, or the end. To be called when there is something to hear."""
        line = self.stdout.readline()
        if line:
            self.said.append(line.split())
            return
        self.finished_at = time.monotonic()
        status = self._popen.wait()
        if status != 0:
            raise Failed(f"{self}: ended with status {status}")

    def is_ready(self):
        return bool(self.said)

    def has_finished(self):
        return self.finished_at is not None

    def tally(self):
        """records, bytes of payload, lost elements"""
        return tuple(map(int, self.said[1]))

    def end(self):
        self._popen.kill()
        self._popen.wait()
        self._popen.stdin.close()
        self.stdout.close()


class Troupe(list):
    """All processes, heard together, until a deadline."""

    def __init__(self, seconds):
        super().__init__()
        self._seconds, self._deadline = seconds, time.monotonic() + seconds

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self:
            process.end()

    def hear_until(self, all_are, processes, tick=lambda: None):
        """Returns when all_are(process) for all `processes`. Hears all, also the others; calls tick() now and then."""
        with selectors.DefaultSelector() as selector:
            for process in self:
                if not process.has_finished():
                    selector.register(process.stdout, selectors.EVENT_READ, process)
            while not all(map(all_are, processes)):
                for key, _ in selector.select(0.1):
                    key.data.hear()
                    if key.data.has_finished():
                        selector.unregister(key.fileobj)
                tick()
                if time.monotonic() > self._deadline:
                    late = "; ".join(str(process) for process in self if not process.has_finished())
                    raise Failed(f"not done after {self._seconds} s. Still running: {late}")
