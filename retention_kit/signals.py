"""Signals that end the command become an exception, so that private files are removed before it ends."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from functools import wraps
from types import FrameType
from typing import Any, Final, NoReturn

STATUS: Final = 128
"""Exit status of a stopped command; the number of the signal is added, as shells do."""

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_received: list[int] = []
_careful: list[bool] = []


class Stopped(KeyboardInterrupt):
    """The command was asked to end."""


@contextlib.contextmanager
def handled(*last: Callable[[], object]) -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP end the command: at once, after `last`, or by `Stopped` inside of `tidied`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}

    def stop(number: int, _: FrameType | None) -> None:
        for caught in before:
            signal.signal(caught, signal.SIG_IGN)  # private files have to be removed without interruption
        _received.append(number)
        logging.disable()  # suppresses messages of libraries about kernels that were ended on purpose
        if not _careful:
            for function in last:
                function()
            _end(number)
        raise Stopped

    try:
        for number in before:
            signal.signal(number, stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if _received:
            logging.disable(logging.NOTSET)
        _received.clear()


@contextlib.contextmanager
def tidied() -> Iterator[None]:
    """Within it a signal to the command becomes an exception, because ``finally`` clauses have something to remove.

    It has no effect if no command is running.
    """
    _careful.append(True)
    try:
        yield
    finally:
        _careful.pop()


def asked() -> int | None:
    """The signal that has asked the command to end, or None.

    Examples
    --------
    >>> asked() is None
    True
    """
    return _received[0] if _received else None


def check() -> None:
    """Raise `Stopped` if a signal has arrived: libraries written in C, and finalisers, can swallow the first exception.

    Raises
    ------
    Stopped
    """
    if _received:
        raise Stopped


def stoppable(*last: Callable[[], object]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """End a command on signals: private files are removed, and one line says what the command leaves.

    Its exit status is 128 plus the number of the signal. The text of a KeyboardInterrupt becomes part of the line.
    """

    def decorator(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with handled(*last):
                try:
                    return command(*args, **kwargs)
                except BaseException as error:  # a library may have converted the exception
                    if (number := asked()) is None:
                        raise
                    _end(number, str(error) if isinstance(error, KeyboardInterrupt) else "")

        return wrapped

    return decorator


def _end(number: int, standing: str = "") -> NoReturn:
    """End at once: threads that wait for a kernel that has ended would delay an ordinary exit."""
    with contextlib.suppress(OSError):  # the terminal may be gone
        said = standing or "no month was made, earlier ones are unchanged"
        os.write(2, f"\nretention-kit: Stopped by {signal.Signals(number).name}: {said}.\n".encode())
    os._exit(STATUS + number)
