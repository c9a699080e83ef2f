"""A link between a bridge and its server that can be slow, silent or cut: a TCP relay on loopback."""

import selectors
import socket
import threading
import time


class Link:
    """url is where to connect. delay: seconds, one way. rate: bytes a second, 0: no limit."""

    def __init__(self, server):
        self.delay = 0.0
        self.rate = 0
        self.is_silent = False  # connected, and nothing gets through, as behind a cable that was pulled
        self.holds_answers = False  # what the bridge says gets through, what the server says does not
        self._server = (server.address, server.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "nats://127.0.0.1:%d" % self._listener.getsockname()[1]
        self._pairs = set()
        self._lock = threading.Lock()
        self._is_open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Ends all connections, both sides noticing."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            for side in pair:
                try:
                    side.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def close(self):
        self._is_open = False
        self._listener.close()
        self.cut()

    kill = close

    def _accept(self):
        while self._is_open:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._server, timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            with self._lock:
                self._pairs.add((near, far))
            for source, sink, is_answer in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._relay, args=(source, sink, is_answer), daemon=True).start()

    def _relay(self, source, sink, is_answer):
        selector = selectors.DefaultSelector()
        selector.register(source, selectors.EVENT_READ)
        waiting = []  # (when, bytes)
        try:
            while True:
                timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else 0.05
                if selector.select(timeout) and len(waiting) < 64:
                    data = source.recv(16384)
                    if not data:
                        break
                    waiting.append((time.monotonic() + self.delay, data))
                while waiting and waiting[0][0] <= time.monotonic():
                    while self.is_silent or (is_answer and self.holds_answers):
                        time.sleep(0.01)
                    data = waiting.pop(0)[1]
                    sink.sendall(data)
                    if self.rate:
                        time.sleep(len(data) / self.rate)
        except (OSError, ValueError):
            pass
        for side in (source, sink):
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
