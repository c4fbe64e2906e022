"""The types of arguments that several tools take."""

from typing import Annotated

from pydantic import Field

Text = Annotated[str, Field(min_length=1, max_length=5000)]
Line = Annotated[str, Field(min_length=1, max_length=200)]
Note = Annotated[str, Field(max_length=500)]
Id = Annotated[int, Field(ge=1)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="A time of day, like 14:30.")]
Person = Annotated[
    str, Field(min_length=1, max_length=200, description="A person's id, like jane.doe, or mail address.")
]
