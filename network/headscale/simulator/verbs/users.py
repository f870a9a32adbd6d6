"""Verbs about users."""

from __future__ import annotations

from network.headscale.simulator.answers import Answer, One, Plain, Records
from network.headscale.simulator.call import Call
from network.headscale.simulator.errors import EngineError
from network.headscale.simulator.questions import declined
from network.headscale.simulator.records import User
from network.headscale.simulator.roster import GONE
from network.headscale.simulator.state import KEY, USER

_UNIQUE = "constraint failed: UNIQUE constraint failed: users.name (2067)"
_SHORTEST = 2


def list_users(call: Call) -> Answer:
    """This will list all users, or those that the id, else the name, else the e-mail selects."""
    options = call.options
    users = list(call.roster.users.values())
    if options.number("identifier"):
        users = [user for user in users if user.id == options.number("identifier")]
    elif options.text("name"):
        users = [user for user in users if user.name == options.text("name")]
    elif options.text("email"):
        users = [user for user in users if user.email == options.text("email")]
    return Records("users", users)


def create_user(call: Call) -> Answer:
    """This will make a user."""
    if not call.options.arguments:
        raise EngineError("missing parameters")
    name = call.options.arguments[0]
    with call.change(name) as change:
        _refuse_bad_name(call, name)
        if call.roster.user_named(name) is not None:
            raise _taken(call)
        user = _new_user(call, name)
        call.store.change(USER, user.id, _fields(user))
        change.effect = {"created": "user", "id": user.id, "name": user.name}
    return One(user, "User created")


def _new_user(call: Call, name: str) -> User:
    user_id = call.roster.next_user_id()
    # A user without a name is shown by its id from 0.28 on.
    shown = name or (str(user_id) if call.release.since(28) else "")
    return User(
        id=user_id,
        name=shown,
        created_ns=call.at_ns,
        display_name=call.options.text("display-name"),
        email=call.options.text("email"),
        picture=call.options.text("picture-url"),
    )


def _fields(user: User) -> dict[str, object]:
    return {name: getattr(user, name) for name in User.__dataclass_fields__}


def _taken(call: Call) -> EngineError:
    if not call.release.since(27):
        return call.refused("Unknown", f"creating user: {_UNIQUE}", during="creating user")
    outer = "creating user" if call.release.since(29) else "failed to create user"
    text = f"{outer}: creating user: {_UNIQUE}"
    return call.refused("Internal", text, during="creating user", plain="user already exists")


def _refuse_bad_name(call: Call, name: str) -> None:
    """Only 0.26 looks at names."""
    problem = None if call.release.since(27) else _name_problem(name)
    if problem is not None:
        raise call.refused("Unknown", problem, during="creating user")


def _name_problem(name: str) -> str | None:
    if len(name) < _SHORTEST:
        return f"username must be at least {_SHORTEST} characters long"
    if name[0].isdigit():
        return "username cannot start with a number"
    if name.count("@") > 1:
        return "username cannot contain more than one '@'"
    strange = [letter for letter in name if not (letter.isalpha() or letter.isdigit())]
    bad = next((letter for letter in strange if letter not in "-._@"), None)
    return None if bad is None else f"username contains invalid character: '{bad}'"


def rename_user(call: Call) -> Answer:
    """This will rename a user that is selected by id; selecting by name never works."""
    user = _selected(call)
    new_name = call.options.text("new-name")
    during = "renaming user"
    if not call.options.number("identifier"):
        raise call.refused("Unknown", "user not found", during=during)
    _refuse_bad_name(call, new_name)
    with call.change(user.id) as change:
        other = call.roster.user_named(new_name)
        if other is not None and other.id != user.id:
            outer = "updating user: " if call.release.since(27) else ""
            raise call.refused("Unknown", f"{outer}{_UNIQUE}", during=during)
        call.store.change(USER, user.id, {"name": new_name})
        change.effect = {"renamed": "user", "id": user.id, "name": new_name}
    if not new_name:
        # The server renames, then looks for the answer by the empty name and finds everyone.
        found = f"expected exactly one user, found {len(call.roster.users)}"
        raise call.refused("Unknown", found, during=during)
    return One(call.roster.users[user.id], "User renamed")


def destroy_user(call: Call) -> Answer:
    """This will remove a user without machines, and its keys."""
    user = _selected(call)
    if not call.options.switch("force"):
        question = (
            f'Do you want to remove the user "{user.name}" ({user.id}) '
            "and any associated preauthkeys?"
        )
        return declined(call.release, question, "User not destroyed")
    with call.change(user.id) as change:
        # From 0.29 on a machine that left for its tags does not count any more.
        untagged = call.release.since(29)
        nodes = call.roster.nodes.values()
        if any(n.user_id == user.id and not (untagged and n.tags) for n in nodes):
            during = "deleting user" if call.release.since(30) else "destroying user"
            raise call.refused("Unknown", "user not empty: node(s) found", during=during)
        call.store.change(USER, user.id, {GONE: True})
        _remove_keys(call, user)
        change.effect = {"destroyed": "user", "id": user.id}
    return Plain({}, "User destroyed\n")


def _remove_keys(call: Call, user: User) -> None:
    """Remove the user's keys; 0.28.0 removes everyone's."""
    everyone = call.release.name == "0.28.0"
    for key in call.roster.keys.values():
        if everyone or key.user_id == user.id:
            call.store.change(KEY, key.id, {GONE: True})


def _selected(call: Call) -> User:
    user_id, name = call.options.number("identifier"), call.options.text("name")
    if not user_id and not name:
        raise EngineError("--name or --identifier flag is required")
    found = call.roster.users.get(user_id) if user_id else call.roster.user_named(name)
    if found is not None:
        return found
    if call.release.since(29):
        raise EngineError("multiple users match query, specify an ID")
    raise EngineError("Unable to determine user to delete, query returned multiple users, use ID")
