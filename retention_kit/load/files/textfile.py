"""The bytes of a text file: compression, encoding, and one pass that finds out what they hold."""

from __future__ import annotations

import codecs
import contextlib
import gzip
import hashlib
import io
import itertools
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from retention_kit.errors import DataError
from retention_kit.load.files.encodings import advice, better

CHUNK = 1 << 20
"""Bytes, or characters, of a file that are held at a time."""

_CONTROLS = "".join(map(chr, (*range(1, 9), *range(14, 32))))
"""Characters that text does not hold: one that the file lacks serves as separator where no cell is to be split."""


@dataclass(frozen=True)
class Text:
    """The result of one pass over a text file: SHA-256, encoding, whether line ends are mixed, a sign it lacks.

    `doubt` is a likelier encoding than the one that was named, and a word as it reads in that encoding.
    """

    sha256: str
    encoding: str
    uneven: bool
    unused: str | None
    doubt: tuple[str, str] | None = None

    @property
    def assumptions(self) -> tuple[str, ...]:
        """A sentence on an encoding other than UTF-8."""
        if self.encoding == "utf-8-sig":
            return ()
        note = f"text is encoded in {self.encoding}"
        return (note if self.doubt is None else f"{note}, although it reads {self.doubt[1]!r} in {self.doubt[0]}",)


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, uncompressed."""
    return cast(BinaryIO, gzip.open(path, "rb")) if is_zipped(path) else path.open("rb")


def is_zipped(path: Path) -> bool:
    """Whether a file is compressed by gzip, whatever its name."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def inspect(path: Path, encoding: str | None) -> Text:
    """Read a text file once; DataError where a byte of it is not in its encoding."""
    digest = sha256(path)
    try:
        name = _encoding(path, encoding)
        text = Text(digest, name, *_decoded(path, name))
        doubt = None if encoding is None else better(_beyond_ascii(path), name)
    except (OSError, EOFError, zlib.error) as fault:
        raise DataError(f"{path} is not a complete gzip file ({fault}); fetch it again") from fault
    if doubt is not None and doubt[0] == "utf-8":
        raise DataError(f"{path} is text in UTF-8, which {name} would read wrongly; leave the encoding out")
    return text if doubt is None else replace(text, doubt=doubt)


def _encoding(path: Path, encoding: str | None) -> str:
    """The encoding that was named, or the one that the file begins with."""
    if encoding is not None:
        try:
            b" ".decode(encoding)
        except UnicodeError:
            return encoding  # there is one of that name, and the file itself is the test
        except (LookupError, ValueError, TypeError) as fault:
            raise DataError(
                f"no encoding of text is called {encoding!r}; "
                "pass encoding='utf-8', encoding='cp1250', encoding='cp1252' …"
            ) from fault
        return encoding
    with open_bytes(path) as stream:
        start = stream.read(1000)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    for name, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(start) >= 20 and start[first::2].count(0) > 0.9 * len(start) / 2 and 0 not in start[1 - first :: 2]:
            raise DataError(f"{path} looks like text in UTF-16 without a mark of its own; pass encoding='{name}'")
    return "utf-8-sig"


def _decoded(path: Path, encoding: str) -> tuple[bool, str | None]:
    """Whether lines end in several ways, and a control character that is not in the text."""
    decoder = codecs.getincrementaldecoder(encoding)()
    returns = feeds = pairs = 0
    unused, last = _CONTROLS, ""
    try:
        with open_bytes(path) as stream:
            for chunk in itertools.chain(_chunks(stream), [b""]):
                text = decoder.decode(chunk, final=not chunk)
                returns, feeds = returns + text.count("\r"), feeds + text.count("\n")
                pairs += text.count("\r\n") + (last == "\r" and text.startswith("\n"))
                unused = "".join(c for c in unused if c not in text)
                last = text[-1:] or last
    except UnicodeError as fault:
        reason = getattr(fault, "reason", str(fault))
        raise DataError(
            f"{path} is not text in {encoding} (after line {feeds + 1:,}: {reason}); {advice(_beyond_ascii(path))}"
        ) from fault
    return returns > 0 and not returns == feeds == pairs, unused[:1] or None


def _beyond_ascii(path: Path) -> bytes:
    """Lines of a file that hold more than ASCII, up to about a million bytes of them."""
    lines: list[bytes] = []
    size = 0
    with open_bytes(path) as stream:
        for line in stream:
            if not line.isascii():
                lines.append(line)
                size += len(line)
            if size > CHUNK:
                break
    return b"".join(lines)


@contextlib.contextmanager
def as_utf8_file(path: Path, encoding: str) -> Iterator[Path]:
    """The file itself, or a temporary copy if it is compressed or in another encoding."""
    with path.open("rb") as stream:
        plain = stream.read(3) != codecs.BOM_UTF8 and encoding == "utf-8-sig" and not is_zipped(path)
    if plain:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="retention_kit_") as folder:
        copy = Path(folder) / "utf8.txt"
        with open_bytes(path) as stream, copy.open("w", encoding="utf-8", newline="") as out:
            reader = io.TextIOWrapper(stream, encoding=encoding, newline="")
            while text := reader.read(CHUNK):
                out.write(text)
        yield copy
