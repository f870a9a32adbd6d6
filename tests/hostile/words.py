"""What nobody in good faith would write: the same words in every run, by a seed."""

from __future__ import annotations

import random
import string

FLAGS = ("--force", "-h", "--help", "-o=yaml", "--config=/etc/passwd", "--", "-", "-i=1", "-u 1")
SHELL = (
    "$(id)",
    "`id`",
    ";reboot",
    "|cat",
    "&& true",
    ">x",
    "*",
    "~root",
    "${IFS}",
    "'",
    '"',
    "\\",
)
CONTROL = ("\0", "\n", "\r\n", "\t", "\x1b[2J", "\x1b]0;x\x07", "\x7f", "\u2028", "\x85", "\ud800")
LOOKALIKES = ("ａ", "а", "ο", "１", "٣", "Ⅷ", "ﬀ", "\u202e", "\u200b", "\ufeff", "é", "e\u0301", "ㅤ")
PATHS = ("../", "/etc/passwd", "a/../b", "%2e%2e%2f", "file:///x", "http://127.0.0.1/")
MARKUP = ("<b>", "<script>alert(1)</script>", "{{7*7}}", "{% x %}", "%(x)s", "%s", "{0}", "&lt;")
NUMBERS = ("0", "-1", "1e3", "0x1", "1_0", "9" * 40, "1.0", "٣", "NaN", "+1", "01")
PLAIN = ("counter-1", "tag:desk", "24h", "10.0.0.0/24", "p0001", "2030-01-01T00:00:00Z", "7")
_PIECES = (*FLAGS, *SHELL, *CONTROL, *LOOKALIKES, *PATHS, *MARKUP, *NUMBERS, *PLAIN)
_LARGE = 1024 * 1024
_SMALL = 1000


def hostile_words(count: int, seed: int) -> list[str]:
    """Return so many words: each piece alone, pieces joined, and a few that are huge."""
    draws = random.Random(seed)  # noqa: S311  # not a secret
    words = [*_PIECES, "", " ", "a" * _LARGE, "-" * _LARGE, "조" * 200_000]
    while len(words) < count:
        pieces = draws.choices(_PIECES, k=draws.randint(2, 4))
        if draws.random() < 0.3:
            pieces.insert(0, "".join(draws.choices(string.ascii_lowercase, k=5)))
        words.append(draws.choice(("", "", " ", "=", ",", "-")).join(pieces))
    return words[:count]


def few_words(count: int, seed: int) -> list[str]:
    """Return some words of every sort, none of them huge, as JSON can carry them."""
    draws = random.Random(seed)  # noqa: S311  # not a secret
    small = [word for word in hostile_words(400, seed) if len(word) < _SMALL]
    return [word.encode("utf-8", "replace").decode() for word in draws.sample(small, count)]


_NO_NUMBERS = (
    *("", "null", "None", "true", "NaN", "inf", "-inf"),
    *("all", "*", "..", "%2e%2e", "undefined"),
)


def id_spellings(number: int) -> list[str]:
    """Return 500 ways of writing a number that are not its canonical decimal, each once."""
    text = str(number)
    found = dict.fromkeys([*_spelled(number), *_lengthened(text), *_NO_NUMBERS])
    draws = random.Random(number)  # noqa: S311  # not a secret
    while len(found) < 500:
        found[text + "".join(draws.choices("+-.eE_x,%20 ", k=draws.randint(1, 4)))] = None
    assert text not in found
    return list(found)


def _spelled(number: int) -> list[str]:
    """Return the number in other digits, signs and bases, and numbers that no row can have."""
    text = str(number)
    full_width = text.translate({ord("0") + n: ord("０") + n for n in range(10)})
    arabic = text.translate({ord("0") + n: ord("٠") + n for n in range(10)})
    signs = [f"{sign}{text}" for sign in ("+", "-", "--", "±", "−", "~", "!")]
    bases = [f"0x{number:x}", f"0b{number:b}", f"0o{number:o}"]
    huge = [str(number + 2**power) for power in (63, 64, 128)] + ["9" * n for n in range(19, 60)]
    return [full_width, arabic, *signs, f"{text}.0", f"{text}e0", *bases, *huge]


def _lengthened(text: str) -> list[str]:
    """Return the text of a number with something before or behind it."""
    zeros = ["0" * n + text for n in range(1, 40)]
    ends = (",2", "_0", "%2c2", ";2", "'", '"', "L", "n", "%00", "|2", "&x=1")
    blanks = [
        f"{before}{text}{behind}"
        for before in ("", "%20", "%09", "%0a", "%c2%a0")
        for behind in ("", "%20", "%00")
        if before or behind
    ]
    return [*zeros, *(f"{text}{end}" for end in ends), *blanks]
