"""Signals that ask the command to end become an exception, so that what is private is removed on the way out."""

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

__all__ = ["Stopped", "asked", "check", "handled", "stoppable", "tidied"]

STATUS: Final = 128
"""Exit status of a command that was stopped, to which the number of the signal is added, as shells do."""

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGHUP")
_received: list[int] = []
_careful: list[bool] = []


class Stopped(KeyboardInterrupt):
    """The command was asked to end."""


@contextlib.contextmanager
def handled(*last: Callable[[], object]) -> Iterator[None]:
    """Let SIGINT, SIGTERM and SIGHUP end the command: at once, or by `Stopped` where something has to be `tidied`.

    For the command only, which ends soon afterwards; a Python session keeps its own handlers. Signals that are ignored
    already, as under nohup, stay so; those that follow the first are ignored. The handlers from before are back at the
    end. Outside the main thread it does nothing.

    Parameters
    ----------
    *last : callable
        What is called where the command ends at once.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    before = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}

    def stop(number: int, _: FrameType | None) -> None:
        for caught in before:
            signal.signal(caught, signal.SIG_IGN)  # what is private has to be removed undisturbed
        _received.append(number)
        logging.disable()  # what libraries say about kernels that were ended on purpose
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
    """Within it a signal to the command becomes an exception, since ``finally`` clauses have something to remove.

    Returns
    -------
    context manager
        It changes nothing where no command is running.
    """
    _careful.append(True)
    try:
        yield
    finally:
        _careful.pop()


def asked() -> int | None:
    """The signal that has asked the command to end; None where none has.

    Examples
    --------
    >>> asked() is None
    True
    """
    return _received[0] if _received else None


def check() -> None:
    """Raise `Stopped` where a signal has come: libraries written in C, and the ends of objects, can swallow the first.

    Raises
    ------
    Stopped
    """
    if _received:
        raise Stopped


def stoppable(*last: Callable[[], object]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a command end as signals ask for it: what is private is removed, one line says what the command leaves.

    Its exit status is 128 and the number of the signal. What a KeyboardInterrupt carries as its text becomes part of
    the line.

    Parameters
    ----------
    *last : callable
        As for `handled`.
    """

    def decorator(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with handled(*last):
                try:
                    return command(*args, **kwargs)
                except BaseException as error:  # whatever a library has made of the signal
                    if (number := asked()) is None:
                        raise
                    _end(number, str(error) if isinstance(error, KeyboardInterrupt) else "")

        return wrapped

    return decorator


def _end(number: int, standing: str = "") -> NoReturn:
    """End at once: threads that wait for the answer of a kernel, which has ended, would hold an ordinary exit."""
    with contextlib.suppress(OSError):  # the terminal may be gone
        said = standing or "no month was made, those that were there are as before"
        os.write(2, f"\nretention-kit: Stopped by {signal.Signals(number).name}: {said}.\n".encode())
    os._exit(STATUS + number)
