"""The pharmacies of the demo fleet: invented, believable at a glance, and visibly not real."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from network.headscale.simulator.draws import draw, pick

# No tax office has the number 999, and no telephone exchange the number 000.
_OFFICE_AND_KIND = "99990"
_CHECK_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)

_FIRST = (
    "가온", "고운", "나래", "누리", "늘봄", "다솜", "달빛", "도담", "두레", "라온",
    "마루", "맑은", "미소", "바른", "반디", "별빛", "보듬", "봄날", "새봄", "새솔",
    "샘터", "소담", "솔잎", "아람", "아침", "온새", "윤슬", "은빛", "이음", "참빛",
    "초록", "큰솔", "푸름", "하늘", "한결", "한빛", "해든", "햇살", "향기", "희망",
)  # fmt: skip
_SECOND = ("", "숲", "정", "터", "뜰", "샘", "길", "들", "채", "재", "마을", "나무")
_SURNAMES = ("김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오", "홍")
_LAST_SYLLABLES = ("동", "영", "희", "준", "수", "진", "아", "현", "우", "은", "민", "연")
_REGIONS = (
    ("서울", "02"), ("경기", "031"), ("부산", "051"), ("대구", "053"), ("인천", "032"),
    ("광주", "062"), ("대전", "042"), ("울산", "052"), ("세종", "044"), ("강원", "033"),
    ("충북", "043"), ("충남", "041"), ("전북", "063"), ("전남", "061"), ("경북", "054"),
    ("경남", "055"), ("제주", "064"),
)  # fmt: skip
LIMIT = len(_FIRST) * len(_SECOND) * 20
_NAME = 11
_MANAGER = 12
_PLACE = 13


@dataclass(frozen=True, slots=True)
class DemoPharmacy:
    """One invented pharmacy; `business_number` is ten digits with a right check digit."""

    number: int
    name: str
    business_number: str
    manager_name: str
    headscale_user_name: str
    phone: str
    region: str


@lru_cache(maxsize=4)
def pharmacies(seed: int, count: int) -> tuple[DemoPharmacy, ...]:
    """This will invent `count` pharmacies, in the order of their numbers from 1.

    Names, business numbers and user names are unique. Raises ValueError beyond `LIMIT`.
    """
    if count > LIMIT:
        raise ValueError(f"a demo fleet has at most {LIMIT} pharmacies")
    return tuple(_pharmacy(seed, number) for number in range(1, count + 1))


def user_name(number: int) -> str:
    """This will be the name of a pharmacy's user in the engine."""
    return f"p{number:04d}"


def _pharmacy(seed: int, number: int) -> DemoPharmacy:
    region, area = pick(_REGIONS, seed, _PLACE, number)
    surname = pick(_SURNAMES, seed, _MANAGER, number)
    return DemoPharmacy(
        number=number,
        name=_name(seed, number),
        business_number=business_number(number),
        manager_name=f"{surname}*{pick(_LAST_SYLLABLES, seed, _MANAGER, number, 1)}",
        headscale_user_name=user_name(number),
        phone=f"{area}-000-{number:04d}",
        region=region,
    )


def _name(seed: int, number: int) -> str:
    """Walk through all combinations in a seeded order, so that no two pharmacies share a name."""
    combinations = len(_FIRST) * len(_SECOND)
    round_number, position = divmod(number - 1, combinations)
    # 7 shares no divisor with 480, so the walk meets each combination once.
    index = (position * 7 + draw(seed, _NAME)) % combinations
    stem = _FIRST[index % len(_FIRST)] + _SECOND[index // len(_FIRST)]
    return f"{stem}{round_number + 1 if round_number else ''}약국"


def business_number(number: int) -> str:
    """This will be a business number of the demo range, with its check digit."""
    body = f"{_OFFICE_AND_KIND}{number:04d}"
    digits = [int(digit) for digit in body]
    total = sum(digit * weight for digit, weight in zip(digits, _CHECK_WEIGHTS, strict=True))
    return f"{body}{(10 - (total + digits[8] * 5 // 10) % 10) % 10}"
