"""Log lines as text and as JSON."""

import io
import json
import logging
import logging.config

from farmq import logs


def written(shape: str) -> str:
    """What one logger writes in that shape."""
    formatter = logs.configuration(shape)["formatters"]["structured"]
    made = logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(formatter))
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(made)
    logger = logging.getLogger("network.sync")
    logger.addHandler(handler)
    try:
        logger.info("sync done: %d machines", 3, extra={"sync_id": 7})
        int("broken")
    except ValueError:
        logger.exception("it failed")
    finally:
        logger.removeHandler(handler)
    return stream.getvalue()


def test_json_is_one_object_a_line() -> None:
    lines = [json.loads(line) for line in written("json").splitlines()]

    assert lines[0]["event"] == "sync done: 3 machines"
    assert lines[0]["sync_id"] == 7
    assert lines[0]["logger"] == "network.sync"
    assert lines[0]["level"] == "info"
    assert lines[0]["timestamp"]
    assert "ValueError: invalid" in lines[1]["exception"]


def test_text_is_for_people() -> None:
    text = written("text")

    assert "sync done: 3 machines" in text.splitlines()[0]
    assert "sync_id=7" in text.splitlines()[0]
    assert "ValueError: invalid" in text
