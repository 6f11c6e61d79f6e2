"""SenseTime."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Sequence
from typing import Any

from flowloft.core.online_tuning import OnlineTune, OnlineTuning, TuneEvent, TuneState
from flowloft.core.provider import Offer
from flowloft.core.trainer import TuneWish
from flowloft.providers._openai import OpenAIProtocol
from flowloft.providers._tuning import suffix

_STATES: dict[str, TuneState] = {
    "running": "running",
    "training": "running",
    "cancelling": "running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
_TOKEN_SECONDS = 1800
_READY_SECONDS = 600.0
"""How long a set of examples may take until it was read."""


class _Tuning(OnlineTuning):
    """A file becomes a dataset, a job learns from that.

    Source: the vendor's Python client, https://pypi.org/project/sensenova/
    """

    provider: SenseNova
    models = ("nova-ptc-s-v2", "nova-ptc-xs-v1")

    def start(
        self,
        base: str,
        train: Sequence[dict[str, Any]],
        validation: Sequence[dict[str, Any]],
        wish: TuneWish,
        name: str = "",
    ) -> OnlineTune:
        self.check(train, wish)
        training: dict[str, Any] = {}
        if wish.learning_rate:
            training["learning_rate"] = wish.learning_rate
        if "batch" in wish.model_fields_set:
            training["batch_size"] = wish.batch
        # It counts in steps, not in epochs.
        training["n_iters"] = max(1, round(wish.epochs * len(train) / wish.batch))
        body = {
            "model": base,
            "training_file": self._dataset(train),
            "suffix": suffix(name),
            "hyperparams": {"training": training},
        }
        return self._ask("post", "fine-tunes", body)

    def _dataset(self, examples: Iterable[dict[str, Any]]) -> str:
        lines = (json.dumps(one["messages"], ensure_ascii=False) for one in examples)
        content = "".join(f"{line}\n" for line in lines).encode()
        form = {"description": "Flowloft", "scheme": "FINE_TUNE_2"}
        files = {"file": ("train.jsonl", content, "application/json")}
        sent: Any = self.provider.asked(
            lambda client: client.post(
                f"{self.provider.files_address()}/files",
                cast_to=object,
                body=form,
                files=files,
                options={"headers": {"Content-Type": "multipart/form-data"}},
            )
        )
        asked = {"description": "Flowloft", "files": [sent["id"]]}
        made = self._call("post", "fine-tune/datasets", asked)["dataset"]
        until = time.monotonic() + _READY_SECONDS
        while str(made["status"]).lower() != "ready" and time.monotonic() < until:
            self.provider.ctx.sleep(2.0)
            made = self._call("get", f"fine-tune/datasets/{made['id']}")["dataset"]
        return str(made["id"])

    def state(self, id: str) -> OnlineTune:
        return self._ask("get", f"fine-tunes/{id}")

    def cancel(self, id: str) -> OnlineTune:
        return self._ask("post", f"fine-tunes/{id}/cancel", {})

    def events(self, id: str) -> list[TuneEvent]:
        return []

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        given = {"body": body} if body is not None else {}
        url = f"{self.provider.native()}/{path}"
        return self.provider.asked(lambda client: getattr(client, method)(url, cast_to=object, **given))

    def _ask(self, method: str, path: str, body: Any = None) -> OnlineTune:
        job = self._call(method, path, body)["job"]
        return OnlineTune(
            id=str(job["id"]),
            base=str(job.get("model", "")),
            state=_STATES.get(str(job.get("status")).lower(), "queued"),
            model=str(job.get("fine_tuned_model") or ""),
            trained_tokens=int(job.get("trained_tokens") or 0),
            message=str(job.get("message") or ""),
        )


class SenseNova(OpenAIProtocol):
    """The SenseNova (日日新) models."""

    title = "SenseNova"
    docs = "https://platform.sensenova.cn/docs"
    base_url = "https://api.sensenova.cn/compatible-mode/v2"
    key_env = "SENSENOVA_API_KEY"
    json_answers = "none"
    embed_batch = 16
    jobs = frozenset({"chat", "embedding"})
    tuning = _Tuning
    offers = (
        Offer("SenseNova-V6-5-Pro"),
        Offer("SenseNova-V6-5-Turbo"),
        Offer("SenseChat-5"),
        Offer("nova-embedding-stable", job="embedding"),
    )
    offers_date = "2026-11-25"

    def _address(self) -> tuple[str, str]:
        address, key = super()._address()
        access, pair, secret = key.partition(":")
        return address, _token(access, secret, int(time.time()) // 600) if pair else key

    def native(self) -> str:
        """Returns the address of what is not in OpenAI's form, on the same host."""
        return f"{self._root()}/v1/llm"

    def files_address(self) -> str:
        """Returns where files go: a host of its own at the vendor."""
        root = self._root()
        return f"{root.replace('://api.', '://file.')}/v1"

    def _root(self) -> str:
        return super()._address()[0].partition("/compatible-mode")[0].removesuffix("/v1")

    def _embedded(self, texts: list[str]) -> list[list[float]]:
        """Asks the vendor's own form of embeddings.

        Source: https://platform.sensenova.cn/docs, Embeddings
        """
        client = self._client()
        body = {"model": self.connection.model, "input": texts}
        with self._guarded(self._watch()):
            found: Any = client.post(f"{self.native()}/embeddings", cast_to=object, body=body)
        self._used(found.get("usage"))
        rows = found.get("embeddings") or []
        if len(rows) != len(texts):
            raise self._failures.no_model("application/json", f"{len(rows)} vectors, not {len(texts)}")
        ordered = sorted(rows, key=lambda row: row.get("index", 0))
        return [[float(number) for number in row["embedding"]] for row in ordered]


def _token(access: str, secret: str, period: int) -> str:
    """Makes the token that an access key and a secret key, written as ``access:secret``, stand for.

    Args:
        period: Tens of minutes since 1970; equal tokens within one let a connection be used again.

    Source: RFC 7519, with HMAC-SHA256
    """
    since = period * 600
    claims = {"iss": access, "exp": since + _TOKEN_SECONDS, "nbf": since - 5}
    parts = [json.dumps(part, separators=(",", ":")) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
    said = b".".join(_plain(part.encode()) for part in parts)
    sign = hmac.new(secret.encode(), said, hashlib.sha256).digest()
    return b".".join((said, _plain(sign))).decode()


def _plain(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
