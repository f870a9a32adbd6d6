"""A database of its own for each started system."""

from __future__ import annotations

import os

import psycopg2

from tests import services_plugin


def fresh_database(name: str) -> str:
    """A new database on the PostgreSQL of the test run, if it has one; else SQLite's default."""
    address = os.environ.get("FARMQ_TEST_DATABASE_URL", "")
    if services_plugin.KIND != "postgresql" or not address:
        return ""
    folder = address.rsplit("host=", 1)[1]
    own = f"{name}_{os.getpid()}"
    connection = psycopg2.connect(host=folder, user="postgres")
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {own}")
    connection.close()
    return address.replace("/postgres?", f"/{own}?")
