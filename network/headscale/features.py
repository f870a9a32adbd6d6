"""What which release knows, as data: asked first, so that nobody runs into what is missing."""

from __future__ import annotations

from dataclasses import dataclass

Release = tuple[int, int]

OLDEST: Release = (0, 26)
NEWEST: Release = (0, 30)
RELEASES: tuple[Release, ...] = ((0, 26), (0, 27), (0, 28), (0, 29), (0, 30))


def gettext_noop(text: str) -> str:
    """Mark a sentence for the catalogue; whoever shows it translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that not every release can do: a title, a reason, the first and last release.

    A `certain` feature does harm where it is missing, so it is refused while the release is not
    known; the others are tried then.
    """

    name: str
    title: str
    sentence: str
    since: Release = OLDEST
    until: Release | None = None
    broken_in: tuple[Release, ...] = ()
    certain: bool = False

    def is_known_to(self, release: Release | None) -> bool:
        """Say whether a release can do it."""
        if release is None:
            return not self.certain
        if release in self.broken_in:
            return False
        return self.since <= release and (self.until is None or release <= self.until)


FEATURES: dict[str, Feature] = {
    feature.name: feature
    for feature in (
        Feature(
            "health",
            gettext_noop("상태 확인"),
            gettext_noop("엔진 0.27부터 자기 상태를 알려 줍니다."),
            since=(0, 27),
        ),
        Feature(
            "nodes.expire_at",
            gettext_noop("정한 시각에 만료"),
            gettext_noop("만료 시각을 정하는 것은 엔진 0.27.1부터 됩니다."),
            since=(0, 27),
        ),
        Feature(
            "nodes.expire_never",
            gettext_noop("만료 없음"),
            gettext_noop("‘만료 없음’은 엔진 0.29부터 됩니다."),
            since=(0, 29),
        ),
        Feature(
            "nodes.move",
            gettext_noop("머신의 사용자 바꾸기"),
            gettext_noop(
                "머신을 다른 사용자에게 옮기는 것은 엔진 0.27까지만 됩니다. 0.28부터는 키로 다시 "
                "가입해야 합니다."
            ),
            until=(0, 27),
        ),
        Feature(
            "nodes.backfillips",
            gettext_noop("빠진 주소 채우기"),
            gettext_noop("엔진 0.26은 이 작업을 사람이 있는 터미널에서만 받습니다."),
            since=(0, 27),
        ),
        Feature(
            "nodes.register",
            gettext_noop("등록 키로 등록"),
            gettext_noop("엔진 0.29부터는 인증 번호로 등록합니다."),
            until=(0, 28),
        ),
        Feature(
            "nodes.clear_tags",
            gettext_noop("마지막 태그 떼기"),
            gettext_noop(
                "엔진 0.28부터는 마지막 태그를 뗄 수 없습니다. 키로 다시 가입해야 합니다."
            ),
            until=(0, 27),
        ),
        Feature(
            "auth",
            gettext_noop("인증 번호로 승인"),
            gettext_noop("인증 번호로 승인하는 것은 엔진 0.29부터 됩니다."),
            since=(0, 29),
        ),
        Feature(
            "users.destroy",
            gettext_noop("사용자 지우기"),
            gettext_noop(
                "엔진 0.28에서 사용자를 지우면 모든 사용자의 가입 키가 함께 지워집니다. 엔진을 "
                "올린 뒤에 하십시오."
            ),
            broken_in=((0, 28),),
            certain=True,
        ),
        Feature(
            "preauthkeys.by_id",
            gettext_noop("번호로 가입 키 다루기"),
            gettext_noop("엔진 0.28부터 키를 번호로 다룹니다."),
            since=(0, 28),
        ),
        Feature(
            "preauthkeys.by_user",
            gettext_noop("사용자별 가입 키 목록"),
            gettext_noop("엔진 0.28부터는 사용자별로 묻지 않습니다."),
            until=(0, 27),
        ),
        Feature(
            "preauthkeys.delete",
            gettext_noop("가입 키 지우기"),
            gettext_noop("가입 키를 지우는 것은 엔진 0.28부터 됩니다."),
            since=(0, 28),
        ),
        Feature(
            "preauthkeys.tags_only",
            gettext_noop("태그만 가진 가입 키"),
            gettext_noop("사용자 없이 태그만 가진 가입 키는 엔진 0.28부터 됩니다."),
            since=(0, 28),
        ),
        Feature(
            "policy.server_check",
            gettext_noop("서버의 정책 검사"),
            gettext_noop("엔진 0.29부터 정책을 사용자와 머신에 맞추어 검사합니다."),
            since=(0, 29),
        ),
        Feature(
            "policy.local_check",
            gettext_noop("파일만 보는 정책 검사"),
            gettext_noop("엔진 0.29부터는 서버가 정책을 검사합니다."),
            until=(0, 28),
        ),
        Feature(
            "policy.self",
            gettext_noop("정책의 autogroup:self"),
            gettext_noop("autogroup:self는 엔진 0.27부터 압니다."),
            since=(0, 27),
        ),
        Feature(
            "policy.tests",
            gettext_noop("정책의 시험"),
            gettext_noop("정책의 시험은 엔진 0.29부터 압니다."),
            since=(0, 29),
        ),
        Feature(
            "policy.grants",
            gettext_noop("정책의 grants"),
            gettext_noop("grants는 엔진 0.29부터 압니다."),
            since=(0, 29),
        ),
        Feature(
            "lists.unlimited",
            gettext_noop("크기 한도 없는 목록"),
            gettext_noop("엔진 0.29까지는 목록이 4 MiB를 넘으면 읽을 수 없습니다."),
            since=(0, 30),
        ),
    )
}


def lacks(release: Release | None, name: str) -> Feature | None:
    """Return the feature when a release cannot do it; None when it can, or may be tried."""
    feature = FEATURES[name]
    return None if feature.is_known_to(release) else feature


def release_of(series: str) -> Release | None:
    """Read a release such as `0.28`; None for anything else."""
    major, _, minor = series.partition(".")
    known = major.isdecimal() and minor.isdecimal()
    return (int(major), int(minor)) if known else None


def series_of(release: Release | None) -> str:
    """Write a release as `0.28`; empty when it is not known."""
    return "" if release is None else f"{release[0]}.{release[1]}"
