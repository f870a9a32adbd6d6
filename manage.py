"""Django's command line for FARMQ Admin."""

import os
import sys

from django.core.management import execute_from_command_line

from farmq import embedded
from farmq.env import one_sentence


def main() -> None:
    """Run one management command; a wrong setting ends it with one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farmq.settings")
    with one_sentence():
        if sys.argv[1:2] == ["up"]:
            embedded.settle(sys.argv[2:])
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
