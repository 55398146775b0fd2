"""The `views.*` methods."""

from typing import Any

from demo.blockkit import check_view
from demo.errors import Refused
from demo.methods_chat import needed
from demo.tickets import Trigger
from demo.views import OpenView
from demo.workspace import Workspace

Arguments = dict[str, Any]


def _definition(arguments: Arguments, kind: str) -> dict[str, Any]:
    needed(arguments, "view")
    problems = check_view(arguments["view"])
    if problems:
        raise Refused.invalid("invalid_arguments", problems)
    if arguments["view"]["type"] != kind:
        raise Refused.invalid("invalid_arguments", [f"[ERROR] must be a {kind} view [json-pointer:/view/type]"])
    return arguments["view"]


def _shown(workspace: Workspace, view: OpenView) -> dict[str, Any]:
    workspace.show_view(view)
    return {"view": view.as_slack(*workspace.ids)}


def _trigger(workspace: Workspace, arguments: Arguments) -> Trigger:
    needed(arguments, "trigger_id")
    return workspace.triggers.exchange(str(arguments["trigger_id"]))


async def open_(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    """From within a modal a new view goes on top of it; from anywhere else it is a first one."""
    definition = _definition(arguments, "modal")
    trigger = _trigger(workspace, arguments)
    stack = workspace.views.push if trigger.in_view else workspace.views.open
    return _shown(workspace, stack(trigger.user, definition))


async def push(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    definition = _definition(arguments, "modal")
    trigger = _trigger(workspace, arguments)
    if not trigger.in_view:
        raise Refused("invalid_trigger_id")
    return _shown(workspace, workspace.views.push(trigger.user, definition))


async def update(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    definition = _definition(arguments, "modal")
    if arguments.get("external_id"):
        view = workspace.views.by_external_id(str(arguments["external_id"]))
    else:
        needed(arguments, "view_id")
        view = workspace.views.get(str(arguments["view_id"]))
    if view is None or view.definition["type"] != "modal":
        raise Refused("not_found")
    return _shown(workspace, workspace.views.update(view, definition, arguments.get("hash")))


async def publish(workspace: Workspace, arguments: Arguments) -> dict[str, Any]:
    needed(arguments, "user_id")
    if arguments["user_id"] not in workspace.people:
        raise Refused("user_not_found")
    definition = _definition(arguments, "home")
    return _shown(workspace, workspace.views.publish(str(arguments["user_id"]), definition, arguments.get("hash")))


VIEWS = {"views.open": open_, "views.push": push, "views.update": update, "views.publish": publish}
