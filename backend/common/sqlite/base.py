"""SQLite for many threads: those of one process write one after the other, each in its turn.

SQLite lets whoever waits for its lock sleep and try again: beside ten threads that write all the time
one more waits for seconds, and a lease runs out although its holder is alive. A lock of this process
queues them, so that only processes compete. It covers transactions (which take SQLite's lock as they
begin, see ``SQLITE_OPTIONS``) and single statements outside of one. What a transaction does on commit
happens when the next one may already write.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db.backends.sqlite3 import base

_TURN = threading.Lock()
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection of one thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._has_turn = False
        self.execute_wrappers.append(self._execute)

    def _take_turn(self) -> None:
        # Who waits longer than SQLite would is told by SQLite that the database is locked.
        self._has_turn = _TURN.acquire(timeout=self.settings_dict["OPTIONS"].get("timeout", 5))

    def _give_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _TURN.release()

    def _execute(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self._has_turn or self.in_atomic_block or not sql.startswith(_WRITES):
            return execute(sql, params, many, context)
        self._take_turn()
        try:
            return execute(sql, params, many, context)
        finally:
            self._give_turn()

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        begins = force_begin_transaction_with_broken_autocommit and not autocommit
        if begins:
            self._take_turn()
        try:
            super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        except BaseException:
            if begins:
                self._give_turn()
            raise

    def commit(self) -> None:
        super().commit()
        self._give_turn()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._give_turn()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._give_turn()
