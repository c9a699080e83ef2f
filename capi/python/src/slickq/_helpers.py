"""Threads that wait for the main thread, which Ctrl-C must reach.

They are daemons, made when there is no idle one, and stay for the next job. Nothing of a job is kept alive afterwards.
"""
import asyncio
import os
import threading
from queue import SimpleQueue
from typing import Any, Callable, List, Optional, Tuple, TypeVar

T = TypeVar("T")
_Tell = Callable[[Any, Optional[BaseException]], None]

# append() and pop() of a list are atomic.
_idle: "List[SimpleQueue[Tuple[Callable[[], Any], _Tell]]]" = []


def _serve(jobs: "SimpleQueue[Tuple[Callable[[], Any], _Tell]]") -> None:
    while True:
        call, tell = jobs.get()
        result, failure = None, None
        try:
            result = call()
        except BaseException as caught:  # the one who asked is told, whatever it is
            failure = caught
        tell(result, failure)
        del call, tell, result, failure
        _idle.append(jobs)


def _start(call: Callable[[], Any], tell: _Tell) -> None:
    try:
        jobs = _idle.pop()
    except IndexError:
        jobs = SimpleQueue()
        threading.Thread(target=_serve, args=(jobs,), name="slickq helper", daemon=True).start()
    jobs.put((call, tell))


def interruptibly(call: Callable[[], T]) -> T:
    """call(), which may take long and looks at no signal. In the main thread an exception of a signal handler comes out at
    once; what the call then still does is dropped."""
    if threading.current_thread() is not threading.main_thread():
        return call()
    ended, said = threading.Event(), []

    def tell(result: Any, failure: Optional[BaseException]) -> None:
        said.append((result, failure))
        ended.set()

    _start(call, tell)
    while not ended.wait(0.1):  # in slices for Windows, where a signal ends no wait
        pass
    result, failure = said.pop()
    if failure is not None:
        try:
            raise failure
        finally:
            del failure  # its traceback leads here
    value: T = result
    return value


def finish(future: "asyncio.Future[Any]", result: Any = None, failure: Optional[BaseException] = None) -> None:
    """Ends a future that may have been ended by others."""
    if future.done():
        return
    if failure is None:
        future.set_result(result)
    else:
        future.set_exception(failure)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle.clear)  # a child has none of the threads
