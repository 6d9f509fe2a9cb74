"""Text that is not UTF-8: which encodings are likely, judged by its bytes."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_ENOUGH = 4000
"""Characters outside of ASCII that are enough to judge by."""


@dataclass(frozen=True)
class _TwoBytes:
    """First bytes of the characters that are common in text, first second byte of them, and what longer text has."""

    common: tuple[tuple[int, int], ...]
    second: int = 0x40
    typical: tuple[tuple[int, int], tuple[int, int]] = ((0, 0xFF), (0, 0xFF))

    def is_common(self, char: bytes) -> bool:
        """Whether a character is a frequent one."""
        return len(char) == 2 and char[1] >= self.second and any(low <= char[0] <= up for low, up in self.common)

    def is_typical(self, char: bytes) -> bool:
        """Whether a character is one that no longer text of the language goes without."""
        return len(char) == 2 and all(low <= byte <= up for byte, (low, up) in zip(char, self.typical, strict=True))


# every byte
_ANY = (0, 0xFF)
_TWO_BYTES = {
    "cp950": _TwoBytes(((0xA1, 0xC6),), typical=(_ANY, (0x40, 0x7E))),
    "cp932": _TwoBytes(((0x81, 0x83), (0x88, 0x97))),
    "euc_jp": _TwoBytes(((0xA1, 0xA5), (0xB0, 0xCF)), second=0xA1, typical=((0xA4, 0xA5), _ANY)),
    "cp949": _TwoBytes(((0xA1, 0xA3), (0xB0, 0xC8)), second=0xA1),
    "gb18030": _TwoBytes(((0xA1, 0xA3), (0xB0, 0xD7)), second=0xA1, typical=((0xC9, 0xD7), _ANY)),
}
"""Encodings of two bytes a character: signs and the first level of Big5, JIS X 0208 and GB 2312, and Korean syllables.

Longer text in Big5 has second bytes below 0x80, in EUC-JP kana, in GB 2312 characters behind those of Korean.
"""

_ALSO = {"cp950": "Big5", "cp932": "Shift-JIS", "euc_jp": "EUC-JP", "cp949": "EUC-KR", "gb18030": "GBK"}
"""Their usual names."""

_LONGER = 20
"""From this number of characters on, a text must hold characters that are typical of longer texts."""

_WESTERN = "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœšž"
_CENTRAL = "áâăäąćčçďđéęëěíîĺľłńňóôőöŕřśšşťţúůűüýźżžß"
_LETTERS = {
    "cp1252": _WESTERN,
    "cp1250": _CENTRAL,
    "iso8859_2": _CENTRAL,
    "cp1254": _WESTERN + "ğış",
    "cp1251": "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў",
    "cp1253": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ",
    "cp852": _CENTRAL,
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
}
"""Encodings of one byte a character, and the letters outside of ASCII that the languages of each use."""

_OLD = ("cp852", "mac_roman", "cp850")
"""Of DOS and of the Mac before Unicode: likely only where those of Windows are not."""

# encodings whose letters are Cyrillic or Greek, beside which Latin ones stay in ASCII
_OTHER_ALPHABETS = ("cp1251", "cp1253")
# signs that occur in text of any language
_SIGNS = "€£¥§©®°²½·×–—‘’‚“”„…‰™«»№¿¡\u00a0"
# a word with a character outside of ASCII
_WORD = re.compile('[^\\s,;|"]*[^\\x00-\\x7f][^\\s,;|"]*')


def likely(text: bytes) -> dict[str, str]:
    """The encodings in which the bytes are text, the likeliest first, each with a word as it reads there.

    Of the encodings of two bytes a character (Big5, Shift-JIS, GB 18030 …) one is likely if nearly all of the
    characters are common ones: the bytes of one are often valid in another, but are rare characters there. Of those of
    one byte the likeliest is the one in which most of what is not ASCII is a letter of its languages; several that
    give the same text are one.

    Examples
    --------
    >>> likely("客戶,訂單金額".encode("big5"))
    {'cp950': '客戶'}
    >>> likely("Kraków;für".encode("cp1252"))
    {'cp1252': 'Kraków'}
    >>> likely("Győr".encode("cp1250"))
    {'cp1252': 'Gyõr', 'cp1250': 'Győr'}
    """
    read = {name: string for name in _TWO_BYTES if (string := _decoded(text, name)) is not None}
    scores = {name: _share_of_common(string, name) for name, string in read.items()}
    scores = {name: score for name, score in scores.items() if score >= 0.8}
    if not scores:
        read = {name: string for name in _LETTERS if (string := _decoded(text, name)) is not None}
        scores = {name: _share_of_letters(string, name) for name, string in read.items()}
        newer = max((score for name, score in scores.items() if name not in _OLD), default=0.0)
        scores = {name: score for name, score in scores.items() if score >= (newer + 0.2 if name in _OLD else 0.5)}
    best = max(scores.values(), default=0.0)
    chosen = [name for name, score in scores.items() if score >= best - 0.05]
    chosen = [name for i, name in enumerate(chosen) if read[name] not in [read[other] for other in chosen[:i]]]
    texts = {name: _WORD.findall(read[name]) for name in chosen}
    differing = next((i for i, same in enumerate(zip(*texts.values(), strict=False)) if len(set(same)) > 1), 0)
    return {name: texts[name][differing][:20] for name in chosen if len(texts[name]) > differing}


def advice(text: bytes) -> str:
    """Advice on text that is not in the encoding it was read in, as the end of a sentence.

    Examples
    --------
    >>> print(advice("Łódź".encode("cp1250")))
    pass encoding='cp1250' (it reads 'Łódź' then), or save it as UTF-8
    >>> print(advice(b"ann"))
    leave the encoding out, since it is UTF-8
    """
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "it begins as UTF-16 and is cut off or damaged, fetch it again"
    if _decoded(text, "utf-8") is not None:
        return "leave the encoding out, since it is UTF-8"
    called = {name: f"{_ALSO[name]}; " if name in _ALSO else "" for name in likely(text)}
    ways = [f"encoding={name!r} ({called[name]}it reads {word!r} then)" for name, word in likely(text).items()]
    if not ways:
        return "save it as UTF-8, for it is in no usual encoding or damaged"
    return f"pass {' or '.join(ways)}, or save it as UTF-8"


def better(text: bytes, encoding: str) -> tuple[str, str] | None:
    """An encoding that fits the bytes where the one that was named, though possible, does not; else None.

    Examples
    --------
    >>> better("客戶,訂單金額".encode("big5"), "cp1252")
    ('cp950', '客戶')
    >>> better("客戶".encode(), "latin-1")
    ('utf-8', '客戶')
    >>> better("Łódź".encode("cp1250"), "cp1250") is None
    True
    """
    named = _decoded(text, encoding)
    if text.isascii() or named is None or codecs.lookup(encoding).name.startswith("utf"):
        return None
    unicode = _decoded(text, "utf-8")
    if unicode is not None:
        return ("utf-8", _WORD.findall(unicode)[0][:20])
    fitting = likely(text)
    if not fitting or any(_decoded(text, name) == named for name in fitting):
        return None
    return next(iter(fitting.items()))


def _decoded(text: bytes, encoding: str) -> str | None:
    """The bytes as text; None where they are not in the encoding."""
    try:
        return text.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_ascii_letter(chars: str) -> bool:
    """Whether one of the characters is a Latin letter of ASCII."""
    return any(char.isascii() and char.isalpha() for char in chars)


def _beyond_ascii(string: str) -> list[tuple[str, str, str]]:
    """The first characters outside of ASCII, each with the one before and the one behind it."""
    padded = f" {string} "
    around = ((padded[m.start() - 1], m[0], padded[m.end()]) for m in re.finditer("[^\\x00-\\x7f]", padded))
    return [triple for triple, _ in zip(around, range(_ENOUGH), strict=False)]


def _share_of_common(string: str, encoding: str) -> float:
    """How much of what is not ASCII are common characters of an encoding of two bytes; Latin words hold none."""
    chars = _beyond_ascii(string)
    kind = _TWO_BYTES[encoding]
    apart = [char.encode(encoding) for before, char, behind in chars if not _is_ascii_letter(before + behind)]
    if len(chars) > _LONGER and not any(map(kind.is_typical, apart)):
        return 0.0
    return sum(map(kind.is_common, apart)) / len(chars) if chars else 0.0


def _share_of_letters(string: str, encoding: str) -> float:
    """How much of what is not ASCII are letters of the languages of an encoding, or signs outside of words."""
    chars = _beyond_ascii(string)
    right = 0
    for before, char, behind in chars:
        in_word = before.isalpha() or behind.isalpha()
        if char.lower() in _LETTERS[encoding]:
            latin = _is_ascii_letter(before + behind)
            fits = not latin if encoding in _OTHER_ALPHABETS else before.isascii() or behind.isascii()
            right += fits and not (char.isupper() and before.islower())
        else:
            right += char in _SIGNS and (not in_word or (char in "¿¡" and not before.isalpha()))
    return right / len(chars) if chars else 0.0
