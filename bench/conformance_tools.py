"""The tools, resources and prompts that the official conformance suite calls by name.

Source: scenario descriptions of @modelcontextprotocol/conformance 0.1.16 (Apache-2.0).
"""

import asyncio
import json
from base64 import b64decode
from typing import Any, Literal

from mcp.server.mcpserver import Audio, Context, Image, MCPServer, UserMessage
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    ClientCapabilities,
    EmbeddedResource,
    MissingRequiredClientCapabilityErrorData,
    SamplingCapability,
    SamplingMessage,
    TextContent,
    TextResourceContents,
)
from pydantic import BaseModel, Field

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)
WAV = b64decode("UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=")
Call = Context[Any, Any]


class Person(BaseModel):
    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Defaults(BaseModel):
    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: Literal["active", "inactive", "pending"] = "active"
    verified: bool = True


def _embedded(uri: str, text: str, mime: str = "text/plain") -> EmbeddedResource:
    return EmbeddedResource(
        type="resource", resource=TextResourceContents(uri=uri, mime_type=mime, text=text)
    )


async def test_simple_text() -> TextContent:
    """Gives a text."""
    return TextContent(type="text", text="This is a simple text response for testing.")


async def test_image_content() -> Image:
    """Gives an image."""
    return Image(data=PNG, format="png")


async def test_audio_content() -> Audio:
    """Gives a sound."""
    return Audio(data=WAV, format="wav")


async def test_embedded_resource() -> EmbeddedResource:
    """Gives a resource."""
    return _embedded("test://embedded-resource", "This is an embedded resource content.")


async def test_multiple_content_types() -> list[Any]:
    """Gives a text, an image and a resource."""
    text = TextContent(type="text", text="Multiple content types test:")
    data = json.dumps({"test": "data", "value": 123})
    resource = _embedded("test://mixed-content-resource", data, "application/json")
    return [text, Image(data=PNG, format="png"), resource]


async def test_error_handling() -> str:
    """Fails."""
    raise ToolError("This tool intentionally returns an error for testing")


async def test_tool_with_progress(call: Call) -> str:
    """Tells how far it is."""
    for done in (0, 50, 100):
        await call.report_progress(done, 100)
        await asyncio.sleep(0.05)
    return "Done."


async def test_sampling(call: Call, prompt: str) -> str:
    """Asks the client's model."""
    asked = SamplingMessage(role="user", content=TextContent(type="text", text=prompt))
    result = await call.session.create_message(messages=[asked], max_tokens=100)
    return f"LLM response: {getattr(result.content, 'text', '')}"


async def test_elicitation(call: Call, message: str) -> str:
    """Asks the person."""
    result = await call.elicit(message, Person)
    return f"User response: {result.model_dump_json()}"


async def test_elicitation_sep1034_defaults(call: Call) -> str:
    """Asks the person, with defaults."""
    result = await call.elicit("Please confirm", Defaults)
    return f"Elicitation completed: {result.model_dump_json()}"


async def test_missing_capability(call: Call) -> str:
    """Needs a client that samples."""
    capabilities = call.client_capabilities
    if capabilities is None or capabilities.sampling is None:
        needed = MissingRequiredClientCapabilityErrorData(
            required_capabilities=ClientCapabilities(sampling=SamplingCapability())
        )
        data = needed.model_dump(by_alias=True, mode="json", exclude_none=True)
        raise MCPError(MISSING_REQUIRED_CLIENT_CAPABILITY, "This needs sampling.", data)
    return "Done."


def with_reference_tools(server: MCPServer[Any]) -> None:
    """Give the server what the suite calls."""
    for tool in (
        test_simple_text,
        test_image_content,
        test_audio_content,
        test_embedded_resource,
        test_multiple_content_types,
        test_error_handling,
        test_tool_with_progress,
        test_sampling,
        test_elicitation,
        test_elicitation_sep1034_defaults,
        test_missing_capability,
    ):
        server.add_tool(tool, structured_output=False)

    @server.resource("test://static-text", mime_type="text/plain", description="A text.")
    async def text() -> str:
        return "This is the content of the static text resource."

    @server.resource("test://static-binary", mime_type="image/png", description="An image.")
    async def binary() -> bytes:
        return PNG

    @server.resource("test://template/{id}/data", mime_type="application/json", description="A template.")
    async def template(id: str) -> str:
        return json.dumps({"id": id, "templateTest": True, "data": f"Data for ID: {id}"})

    @server.prompt(description="A text.")
    async def test_simple_prompt() -> str:
        return "This is a simple prompt for testing."

    @server.prompt(description="With arguments.")
    async def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @server.prompt(description="With a resource.")
    async def test_prompt_with_embedded_resource(resourceUri: str) -> list[UserMessage]:  # noqa: N803
        resource = _embedded(resourceUri, "Embedded resource content for testing.")
        return [UserMessage(resource), UserMessage("Please process the embedded resource above.")]

    @server.prompt(description="With an image.")
    async def test_prompt_with_image() -> list[UserMessage]:
        return [UserMessage(Image(data=PNG, format="png")), UserMessage("Please analyze the image above.")]
