"""The socket on which a visitor follows an answer."""

from __future__ import annotations

import uuid

from channels.db import database_sync_to_async

from backend.common.errors import ApiError
from backend.runs.consumers import NOT_FOUND, EventConsumer
from backend.runs.tail import tail
from backend.sharing.services import seen_of, visit_run, visit_session
from backend.sharing.shown import Shown


class VisitConsumer(EventConsumer):
    """As that of a run, for whoever has the link and the chat's id; what it tells is only the answer."""

    async def follow(self, after: int) -> None:
        places = self.scope["url_route"]["kwargs"]
        try:
            shown = await _permitted(places["code"], places["session_id"], places["run_id"])
        except ApiError:
            await self.close(NOT_FOUND)
            return
        async for batch in tail(places["run_id"], after):
            if text := shown.text(batch):
                await self.send(text_data=text)
        await self.close(1000)


@database_sync_to_async
def _permitted(code: str, session_id: uuid.UUID, run_id: uuid.UUID) -> Shown:
    run = visit_run(session=visit_session(code=code, session_id=session_id), run_id=run_id)
    return Shown(seen_of(run.snapshot.document["graph"]))
