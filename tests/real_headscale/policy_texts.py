"""Policies that releases take or refuse, one fault each: seen at real engines of all five."""

from __future__ import annotations

ALL, NONE = frozenset(range(26, 31)), frozenset[int]()
OLDEST = frozenset({26})
UNTIL_28, SINCE_27, SINCE_28, SINCE_29 = (
    frozenset(range(*span)) for span in ((26, 29), (27, 31), (28, 31), (29, 31))
)
# Read over in 0.26, refused in 0.27 and 0.28, and known from 0.29 on.
NOT_27_28 = OLDEST | SINCE_29

RULE = '{"acls": [{"action": "accept", "src": ["%s"], "dst": ["%s"]}]}'
DEFINED = '{"acls": [{"action": "accept", "src": ["%s"], "dst": ["%s"]}], %s}'
FIELDS = '{"acls": [{%s, "src": ["*"], "dst": ["%s"]}]}'
BESIDE = '{%s, "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}'
PROTOCOL = FIELDS % ('"action": "accept", "proto": %s', "%s")
GRANT = '{"grants": [{%s}]}'

WORDS = {
    RULE % ("nobody@", "nobody@:22,80-90"): ALL,
    RULE % ("100.64.0.1", "fd7a::1:22"): ALL,
    RULE % ("한글@", "한글@:22"): ALL,
    RULE % ("group:x@", "*:*"): ALL,
    RULE % ("*", "autogroup:internet:*"): ALL,
    RULE % ("x::", "*:*"): NONE,
    RULE % ("", "*:*"): NONE,
    RULE % ("desk", "*:22"): NONE,
    RULE % ("bad_host", "*:22"): NONE,
    RULE % ("100.64.0.1/33", "*:*"): NONE,
    RULE % ("tag:x", "*:22"): NONE,
    RULE % ("group:x", "*:22"): NONE,
    RULE % ("*", "desk:22"): NONE,
    RULE % ("*", "*:"): NONE,
    RULE % ("*", "*:99999"): NONE,
    RULE % ("*", "*:90-80"): NONE,
    RULE % ("*", "*:http"): NONE,
    RULE % ("*", "*"): OLDEST,
    RULE % ("*", "*:0"): OLDEST,
    RULE % ("*", "[fd7a::1]:22"): SINCE_29,
    RULE % ("autogroup:member", "autogroup:self:*"): SINCE_27,
    RULE % ("autogroup:tagged", "*:*"): SINCE_27,
    RULE % ("autogroup:danger-all", "*:*"): SINCE_29,
    RULE % ("autogroup:nope", "*:*"): NONE,
    DEFINED % ("desk", "desk:1", '"hosts": {"desk": "1.2.3.4"}'): ALL,
    DEFINED % ("group:g", "*:1", '"groups": {"group:g": ["a@"]}'): ALL,
    DEFINED % ("tag:x", "tag:x:1", '"tagOwners": {"tag:x": ["a@"]}'): ALL,
}
FORMS = {
    '{"acls": []} // closed\n': ALL,
    '{"acls": [],}': ALL,
    '{"acls": null}': ALL,
    '{"ACLS": []}': ALL,
    "{}": ALL,
    "null": ALL,
    '{"acls": {}}': NONE,
    '{"acls": "x"}': NONE,
    '{"acls": [': NONE,
    "[]": NONE,
    '""': NONE,
    "1": NONE,
    '{"acls": [],, }': NONE,
    '{"acls": []} x': NONE,
    "{acls: []}": NONE,
    '{"acls": [] /* c }': NONE,
    '{"acls": [], "nonsense": 1}': OLDEST,
    '{"acls": [], "acls": []}': OLDEST,
    '{"acls": [], "ACLs": []}': OLDEST,
    BESIDE % '"groups": {"group:x": ["a@"], "group:x": ["b@"]}': OLDEST,
    '{"ssh": []}': ALL,
    '{"ssh": {}}': NONE,
    '{"grants": []}': NOT_27_28,
    '{"tests": []}': NOT_27_28,
    '{"nodeAttrs": []}': NOT_27_28,
    '{"derpMap": {}}': OLDEST,
}
NAMES = {
    BESIDE % '"groups": {"x": ["a@"]}': NONE,
    BESIDE % '"groups": {"group:x": ["a"]}': NONE,
    BESIDE % '"groups": {"group:x": []}': ALL,
    BESIDE % '"groups": {"group:x": "a@"}': NONE,
    BESIDE % '"groups": {"group:x": null}': OLDEST,
    BESIDE % '"groups": {"group:x": [1]}': NONE,
    BESIDE % '"groups": {"group:x": ["group:y"], "group:y": ["a@"]}': NONE,
    BESIDE % '"groups": []': NONE,
    BESIDE % '"hosts": {"desk": "x"}': NONE,
    BESIDE % '"hosts": {"desk": "1.2.3.4/24"}': ALL,
    BESIDE % '"hosts": {"tag:x": "1.2.3.4"}': NONE,
    BESIDE % '"hosts": {"desk": 1}': NONE,
    BESIDE % '"hosts": []': NONE,
    BESIDE % '"tagOwners": {"x": ["a@"]}': OLDEST,
    BESIDE % '"tagOwners": {"tag:x": ["a"]}': NONE,
    BESIDE % '"tagOwners": {"tag:x": []}': ALL,
    BESIDE % '"tagOwners": {"tag:x": "a@"}': NONE,
    BESIDE % '"tagOwners": {"tag:x": null}': ALL,
    BESIDE % '"tagOwners": {"tag:": ["a@"]}': UNTIL_28,
    BESIDE % '"tagOwners": {"tag:x": ["group:x"]}': NONE,
    BESIDE % '"tagOwners": {"tag:x": ["tag:y"], "tag:y": ["a@"]}': SINCE_28,
    BESIDE % '"tagOwners": {"tag:x": ["tag:y"]}': NONE,
    BESIDE % '"tagOwners": {"tag:x": ["tag:x"]}': SINCE_29,
    BESIDE % '"tagOwners": {"tag:x": ["autogroup:member"]}': NONE,
    BESIDE % '"autoApprovers": {"routes": {"10.0.0.0/8": ["a@"]}}': ALL,
    BESIDE % '"autoApprovers": {"routes": {"10.0.0.0/8": ["tag:x"]}}': NONE,
    BESIDE % '"autoApprovers": {"routes": {"x": ["a@"]}}': NONE,
    BESIDE % '"autoApprovers": {"exitNode": ["a"]}': NONE,
    BESIDE % '"autoApprovers": {"exitNode": ["group:x"]}': NONE,
}
RULES = {
    '{"acls": [{"src": ["*"], "dst": ["*:*"]}]}': SINCE_29,
    '{"acls": [{}]}': SINCE_29,
    '{"acls": [null]}': SINCE_29,
    '{"acls": [1]}': NONE,
    FIELDS % ('"action": "drop"', "*:*"): NONE,
    FIELDS % ('"action": 1', "*:*"): NONE,
    FIELDS % ('"action": "accept", "x": 1', "*:*"): OLDEST,
    FIELDS % ('"action": "accept", "#x": 1', "*:*"): ALL,
    '{"acls": [{"action": "accept", "dst": ["*:*"]}]}': ALL,
    '{"acls": [{"action": "accept", "src": "*", "dst": ["*:*"]}]}': NONE,
    '{"acls": [{"action": "accept", "src": [1], "dst": ["*:*"]}]}': NONE,
    '{"acls": [{"action": "accept", "src": ["*"], "dst": "*:*"}]}': NONE,
    PROTOCOL % ('"igmp"', "*:*"): ALL,
    PROTOCOL % ('"icmpv6"', "*:*"): NONE,
    PROTOCOL % ('"ipv6-icmp"', "*:*"): SINCE_29,
    PROTOCOL % ('"TCP"', "*:*"): SINCE_27,
    PROTOCOL % ('"*"', "*:*"): NONE,
    PROTOCOL % ('"0"', "*:*"): OLDEST,
    PROTOCOL % ('"06"', "*:*"): NOT_27_28,
    PROTOCOL % ('"256"', "*:*"): OLDEST,
    PROTOCOL % ("6", "*:*"): SINCE_27,
    PROTOCOL % ("null", "*:*"): OLDEST,
    PROTOCOL % ('"icmp"', "*:22"): OLDEST,
    PROTOCOL % ('"6"', "*:22"): NOT_27_28,
    GRANT % '"src": ["*"], "dst": ["*"], "ip": ["tcp:22"]': NOT_27_28,
    GRANT % '"src": ["*"], "dst": ["*"]': OLDEST,
    GRANT % '"src": ["*"], "dst": ["*"], "ip": ["x:22"]': OLDEST,
    GRANT % '"src": ["*"], "dst": ["*:22"], "ip": ["*"]': OLDEST,
    GRANT % '"src": ["nobody"], "dst": ["*"], "ip": ["*"]': OLDEST,
    GRANT % '"src": ["*"], "dst": ["tag:x"], "ip": ["*"]': OLDEST,
    GRANT % '"src": ["*"], "dst": ["*"], "ip": ["*"], "via": ["tag:x"]': OLDEST,
    GRANT % '"src": ["*"], "dst": ["*"], "ip": ["*"], "nonsense": 1': OLDEST,
    '{"grants": {}}': OLDEST,
}
# Text → the minor numbers of the releases that take it.
TEXTS: dict[str, frozenset[int]] = WORDS | FORMS | NAMES | RULES
