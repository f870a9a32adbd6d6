"""What a change means, in lines, in words and in numbers."""

from network.policy.blast import BlastRadius, blast_radius
from network.policy.difference import lines, meaning
from network.policy.reach import SEEN, Service, in_words
from network.policy.tests.networks import (
    ACCOUNTS,
    HUB,
    HUB_SELF,
    MACHINES,
    PARTIES,
    document,
    fleet,
    rules,
)


def told(old: str | None, new: str) -> list[tuple[str, str, str, int, str]]:
    """What a change means in the small network: code, from, to, how many, which ports."""
    found = meaning(
        None if old is None else document(old),
        document(new),
        PARTIES,
        accounts=ACCOUNTS,
        machines=MACHINES,
    )
    return [
        (
            one.code,
            str(one.values["source"]),
            str(one.values["target"]),
            int(one.values["count"]),
            str(one.values["service"]),
        )
        for one in (*found.gained, *found.lost)
    ]


def test_lines_show_what_was_added_and_taken_away() -> None:
    found = lines("a\n-- b\nc\n", "a\nB\nc\n")

    assert [(line.sign, line.text) for line in found] == [
        ("@", "@@ -1,3 +1,3 @@"),
        (" ", "a"),
        ("-", "-- b"),
        ("+", "B"),
        (" ", "c"),
    ]


def test_equal_texts_have_no_lines_and_no_meaning() -> None:
    assert lines(HUB, HUB) == ()
    assert told(HUB, HUB) == []
    assert told(HUB, "// 주석\n" + HUB) == []


def test_own_machines_reach_each_other_newly() -> None:
    assert ("gained_own", "가 약국", "가 약국", 2, "tcp/udp *") in told(HUB, HUB_SELF)


def test_the_first_policy_shuts_pharmacies_off_from_each_other() -> None:
    assert told(None, HUB_SELF)[0] == ("lost", "가 약국", "나 약국", 2, "tcp/udp *")


def test_another_port_is_a_gain_and_a_loss() -> None:
    old, new = rules(("staff@", "a@:22")), rules(("staff@", "a@:22-23,5900"))

    assert told(old, new) == [("gained", "staff", "가 약국", 1, "tcp/udp 23,5900")]
    assert told(new, old) == [("lost", "staff", "가 약국", 1, "tcp/udp 23,5900")]


def test_being_shown_is_told_apart_from_reaching() -> None:
    app = '{"grants": [{"src": ["a@"], "dst": ["b@"], "app": {"x.com/y": []}}]}'

    assert told('{"acls": []}', app) == [("gained_sight", "가 약국", "나 약국", 1, "-")]


def test_every_sentence_can_be_said() -> None:
    found = meaning(document(HUB), document("{}"), PARTIES, accounts=ACCOUNTS)

    assert all(one.text for one in found.gained)
    assert found.lost == ()
    assert not found.is_nothing


def test_services_in_words() -> None:
    services = [Service(6, 22, 22), Service(17, 53, 53), Service(6, 23, 80), SEEN]

    assert in_words(services) == "tcp 22-80; udp 53"
    assert in_words([SEEN]) == "-"
    assert in_words([Service(47, 0, 65535)]) == "47 *"


def test_the_blast_radius_counts_real_machines_and_ordered_pairs() -> None:
    found = blast_radius(document(HUB), document(HUB_SELF), accounts=ACCOUNTS, machines=MACHINES)

    assert found == BlastRadius(
        machines=5, pairs=20, gained_pairs=4, lost_pairs=0, changed_machines=4, cut_off_machines=0
    )
    assert found.share == 0.8


def test_closing_everything_cuts_everybody_off() -> None:
    found = blast_radius(None, document('{"acls": []}'), accounts=ACCOUNTS, machines=MACHINES)

    assert (found.lost_pairs, found.cut_off_machines, found.changed_machines) == (20, 5, 5)


def test_a_network_without_machines_has_no_radius() -> None:
    found = blast_radius(None, document(HUB), accounts=ACCOUNTS, machines=())

    assert (found.share, found.pairs, found.changed_machines) == (0.0, 0, 0)


def test_a_large_change_is_told_briefly() -> None:
    parties, accounts, machines = fleet(300)

    found = meaning(None, document(HUB), parties, accounts=accounts, machines=machines)

    assert len(found.lost) < 10
    assert found.lost[0].values["count"] == 300 * 299
