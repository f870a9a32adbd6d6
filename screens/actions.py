"""What a button may say about its work: data of six kinds, never code. Execution is elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from screens.schema import Key, Name, StrictModel, Text, given

Parameters = Annotated[dict[Name, JsonValue], Field(max_length=30)]
EndpointKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,49}$")]


class OpenScreen(StrictModel):
    """Move to another screen of the same company."""

    type: Literal["OPEN_SCREEN"]
    screen_id: Key
    filters: Parameters = Field(default_factory=dict)


class CrudSave(StrictModel):
    """Save what the screen's form holds."""

    type: Literal["CRUD_SAVE"]
    table_name: Name


class CrudDelete(StrictModel):
    """Delete what is selected."""

    type: Literal["CRUD_DELETE"]
    table_name: Name


class ControlExecute(StrictModel):
    """Run a control rule."""

    type: Literal["CONTROL_EXECUTE"]
    rule_id: Annotated[Text, StringConstraints(min_length=1)]
    params: Parameters = Field(default_factory=dict)


class FlowExecute(StrictModel):
    """Run a flow."""

    type: Literal["FLOW_EXECUTE"]
    flow_id: Annotated[int, Field(ge=1)]


class ApiCall(StrictModel):
    """Call an approved endpoint by its key; a free address is no valid action."""

    type: Literal["API_CALL"]
    endpoint: EndpointKey
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    body: Parameters = Field(default_factory=dict)


Action = Annotated[
    OpenScreen | CrudSave | CrudDelete | ControlExecute | FlowExecute | ApiCall,
    Field(discriminator="type"),
]
OptionalAction = Annotated[Action | None, AfterValidator(given)]
