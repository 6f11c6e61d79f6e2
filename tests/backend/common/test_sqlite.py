"""Without this: beside many writers a lease runs out although its holder is alive."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from backend.accounts.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="other databases queue by themselves"),
]


def one_statement() -> None:
    User.objects.filter(username="ada").update(username="bob")


def a_transaction() -> None:
    with transaction.atomic():
        one_statement()


def a_refused_transaction() -> None:
    def broken() -> None:
        with transaction.atomic():
            one_statement()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()


def a_lost_connection() -> None:
    with transaction.atomic():
        one_statement()
        connection.close()


@contextmanager
def impatient(work: Callable[[], None], begin: threading.Event | None = None) -> Iterator[list[Any]]:
    """Works in a thread whose connection does not wait for SQLite's lock; gives how it ended."""
    ended: list[Any] = []

    def body() -> None:
        try:
            if begin is not None:
                begin.wait(30)
            # For a turn that never comes the thread waits longer than the test does.
            options = connection.settings_dict["OPTIONS"] | {"timeout": 600}
            connection.settings_dict = connection.settings_dict | {"OPTIONS": options}
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA busy_timeout = 0")
            work()
            ended.append("written")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            ended.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    yield ended
    thread.join(30)
    assert ended == ["written"]


@pytest.mark.parametrize("work", [one_statement, a_transaction], ids=lambda work: work.__name__)
def test_a_writer_waits_for_its_turn_instead_of_trying_again(work: Callable[[], None]) -> None:
    User.objects.create(username="ada")
    begin = threading.Event()
    with impatient(work, begin) as ended, transaction.atomic():
        User.objects.create(username="cleo")
        begin.set()
        threading.Event().wait(0.2)
        assert not ended
    assert User.objects.filter(username="bob").exists()


@pytest.mark.parametrize("work", [a_refused_transaction, a_lost_connection], ids=lambda work: work.__name__)
def test_whatever_became_of_a_writer_the_next_one_has_its_turn(work: Callable[[], None]) -> None:
    with impatient(work):
        pass
    with impatient(one_statement):
        pass
