"""Rails of NeMo Guardrails (NVIDIA, Apache-2.0; the extra `nemo`) as a check: a folder of config.yml and Colang flows.

NeMo stays closed in here: its models are those behind our door, its vectors ours, it runs no Python of the folder,
reports nothing to its maker and keeps no text. docs/adr/0030 says what it costs.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from contextvars import ContextVar
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, field_validator, model_validator

from state.caller import Caller
from state.errors import KairosError
from tools.guard.check import About, Check, Hit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from nemoguardrails import LLMRails, RailsConfig
    from nemoguardrails.types import ChatMessage, LLMResponse, LLMResponseChunk

PASS = "pass"  # noqa: S105 - no password
"""What a folder's dialog flows answer to a text that may pass; whatever else they say, or silence, is a hit."""
LOADED = 8
"""Folders that are kept in memory."""
_ENGINE = "kairos"

_asking: ContextVar[About] = ContextVar("asking")
_loading = threading.Lock()


class Options(BaseModel):
    """folder: of the rails, from the working directory; read again when a policy that names it is.

    rails: which of them look at the text. `input` includes the flows of a dialog, if it has any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    rails: Literal["input", "output"] = "input"
    _digest: str = PrivateAttr("")

    @field_validator("folder")
    @classmethod
    def _can_be_read(cls, folder: Path) -> Path:
        if find_spec("nemoguardrails") is None:
            raise ValueError("the check 'nemo' needs the extra of that name: pip install '.[nemo]'")
        if not any(folder.glob("config.y*ml")):
            raise ValueError(f"there is no config.yml in {str(folder)!r}")
        if any(folder.rglob("*.py")):
            raise ValueError(f"a folder of rails may hold no Python: {str(folder)!r}")
        return folder

    @model_validator(mode="after")
    def _loads(self) -> Self:
        files = sorted(file for file in self.folder.rglob("*") if file.is_file())
        digest = sha256()
        for file in files:
            digest.update(f"{file.relative_to(self.folder)}\0".encode() + file.read_bytes() + b"\0")
        self._digest = digest.hexdigest()
        try:
            rails = self.loaded()
        except Exception as error:
            raise ValueError(
                f"NeMo cannot read {str(self.folder)!r}: {' '.join(str(error).split())}"
            ) from error
        if self.rails == "output" and not (_is_first(rails) and rails.config.rails.output.flows):
            raise ValueError(f"{str(self.folder)!r} has no output rails in Colang 1.0")
        return self

    def loaded(self) -> LLMRails:
        """The rails; they are read once, in some tenths of a second."""
        with _loading:
            return _rails(self.folder, self._digest)


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """All of the text, if a rail stops it or rewrites it; the rule is the rail's or the flow's name.

    Raises what NeMo raises, and KairosError `model_unavailable` where a rail asks a model and there is none.
    """
    rails = await asyncio.to_thread(options.loaded)
    dialog = options.rails == "input" and _has_dialog(rails)
    messages = [{"role": "user", "content": text if options.rails == "input" else about.question}]
    if options.rails == "output":
        messages.append({"role": "assistant", "content": text})
    before = _asking.set(about)
    try:
        said: Any = await rails.generate_async(messages=messages, **_how(rails, options, dialog))
    finally:
        _asking.reset(before)
    reply = said["content"] if isinstance(said, dict) else said.response[-1]["content"]
    if reply == (PASS if dialog else text):
        return []
    return [Hit(_rule(said, dialog), 0, len(text))]


def _is_first(rails: LLMRails) -> bool:
    return bool(rails.config.colang_version == "1.0")


def _has_dialog(rails: LLMRails) -> bool:
    """Flows that answer: always in Colang 2.x, where all are flows of a dialog."""
    return not _is_first(rails) or bool(rails.config.user_messages)


def _how(rails: LLMRails, options: Options, dialog: bool) -> dict[str, Any]:
    """A state of one's own keeps NeMo from remembering every text for good; Colang 2.x remembers none."""
    if not _is_first(rails):
        return {}
    on = [options.rails] if getattr(rails.config.rails, options.rails).flows else []
    chosen = {"rails": [*on, "dialog"] if dialog else on, "log": {"activated_rails": True}}
    return {"options": chosen, "state": {"events": []}}


def _rule(said: Any, dialog: bool) -> str:
    """The rail that stopped it, else the flow that answered."""
    activated = said.log.activated_rails if not isinstance(said, dict) and said.log else []
    stopped = [rail.name for rail in activated if rail.stop]
    flows = [rail.name for rail in activated if rail.type == "dialog" and rail.name != "generate user intent"]
    return next(iter(stopped or (flows[-1:] if dialog else [])), "rails")


@lru_cache(LOADED)
def _rails(folder: Path, digest: str) -> LLMRails:
    os.environ["NEMO_GUARDRAILS_NO_USAGE_STATS"] = "1"  # it reports its use to NVIDIA unless told not to
    logging.getLogger("nemoguardrails").setLevel(logging.CRITICAL)  # it logs what was said
    from nemoguardrails import LLMRails, RailsConfig
    from nemoguardrails.embeddings.providers import register_embedding_provider
    from nemoguardrails.embeddings.providers.registry import EmbeddingProviderRegistry
    from nemoguardrails.rails.llm.config import Model

    if _ENGINE not in EmbeddingProviderRegistry().list():
        register_embedding_provider(_Vectors, _ENGINE)
    config = RailsConfig.from_path(str(folder))
    _check(config)
    config.models.append(Model(type="embeddings", engine=_ENGINE, model="all-MiniLM-L6-v2"))
    return LLMRails(config, llm=_Door())


def _check(config: RailsConfig) -> None:
    """Nothing in it may go past our door, come from elsewhere, or write down what was said."""
    import nemoguardrails

    own = Path(nemoguardrails.__file__).parent
    paths = (config.imported_paths or {}).values()
    refused = {
        "models": config.models,
        "docs": config.docs,
        "import_paths": [path for path in paths if not Path(path).resolve().is_relative_to(own)],
        "actions_server_url": config.actions_server_url,
        "tracing": config.tracing.enabled,
    }
    for name, given in refused.items():
        if given:
            raise ValueError(f"leave out {name!r}: models, documents and traces are the platform's own")


class _Vectors:
    """NeMo's embedding engine, by our MiniLM."""

    engine_name = _ENGINE

    def __init__(self, embedding_model: str) -> None:
        self.model = embedding_model

    async def encode_async(self, documents: list[str]) -> list[list[float]]:
        from tools.guard.injection.vectors import question_vector, vectors

        if len(documents) > 1:
            return [list(map(float, row)) for row in await vectors(documents)]
        return [list(map(float, await question_vector(documents[0])))]  # the search of the turn needs it too

    def encode(self, documents: list[str]) -> list[list[float]]:
        raise NotImplementedError("Kairos is asynchronous: use encode_async.")


class _Door:
    """NeMo's model, by our door: the role `judge`, paid for by whose text it is."""

    model_name, provider_name, provider_url = "judge", "kairos", None

    async def generate_async(
        self, prompt: str | list[ChatMessage], *, stop: list[str] | None = None, **given: Any
    ) -> LLMResponse:
        from nemoguardrails.types import LLMResponse

        from tools.models.door import chat_model
        from tools.models.extractive import ExtractiveChatModel

        identity = _asking.get().identity
        if identity is None:
            raise KairosError(
                "unauthenticated", "A rail asks a model, and nobody is known who could pay for it."
            )
        model = await chat_model("judge", Caller(identity, "guard", "nemo"))
        if isinstance(model, ExtractiveChatModel):
            raise KairosError(
                "model_unavailable", "A rail asks a model, and none is configured that could judge."
            )
        said = (
            [("user", prompt)]
            if isinstance(prompt, str)
            else [(one.role.value, one.content) for one in prompt]
        )
        answer = await model.ainvoke(said, stop=stop, **given)
        return LLMResponse(content=answer.text)

    async def stream_async(
        self, prompt: str | list[ChatMessage], *, stop: list[str] | None = None, **given: Any
    ) -> AsyncIterator[LLMResponseChunk]:
        from nemoguardrails.types import LLMResponseChunk

        yield LLMResponseChunk(delta_content=(await self.generate_async(prompt, stop=stop, **given)).content)


CHECK = Check(
    "nemo",
    frozenset({"input", "passage", "tool", "output"}),
    find,
    "rails",
    "This is off limits here.",
    Options,
)
