"""Small composable checks for JSON values, worded and pointed at the way Slack words its own refusals."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Problem = tuple[str, str]
Problems = list[Problem]
Check = Callable[[Any, str, Problems], None]
Rule = Callable[[dict[str, Any], str, Problems], None]


def string(most: int | None = None, least: int = 0, pattern: str | None = None) -> Check:
    """A string of `least` to `most` characters that, where a pattern is given, matches it as a whole."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.append(("must be a string", at))
        elif len(value) < least:
            problems.append((f"must be more than {least - 1} characters", at))
        elif most is not None and len(value) > most:
            problems.append((f"must be less than {most + 1} characters", at))
        elif pattern is not None and not re.fullmatch(pattern, value):
            problems.append(("failed to match schema", at))

    return check


def one_of(*values: str) -> Check:
    """One of a closed set of strings."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if value not in values:
            problems.append(("must be one of: " + ", ".join(values), at))

    return check


def integer(least: int | None = None, most: int | None = None) -> Check:
    """A whole number within bounds."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            problems.append(("must be an integer", at))
        elif least is not None and value < least:
            problems.append((f"must be greater than {least - 1}", at))
        elif most is not None and value > most:
            problems.append((f"must be less than {most + 1}", at))

    return check


def number(value: Any, at: str, problems: Problems) -> None:
    """A finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        problems.append(("must be a number", at))


def boolean(value: Any, at: str, problems: Problems) -> None:
    """True or false."""
    if not isinstance(value, bool):
        problems.append(("must be a boolean", at))


def anything(value: Any, at: str, problems: Problems) -> None:
    """Any value: for fields that Slack checks and this stand-in does not."""


def array(item: Check, least: int = 0, most: int | None = None) -> Check:
    """A list of `least` to `most` items that all satisfy `item`."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.append(("must be an array", at))
            return
        if len(value) < least:
            problems.append((f"no less than {least} items allowed", at))
        if most is not None and len(value) > most:
            problems.append((f"no more than {most} items allowed", at))
        for index, each in enumerate(value):
            item(each, f"{at}/{index}", problems)

    return check


def fields(need: Mapping[str, Check], may: Mapping[str, Check] | None = None, rules: Sequence[Rule] = ()) -> Check:
    """An object with exactly these fields; `rules` see it once its own fields are in order."""
    known = {**need, **(may or {})}

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.append(("must provide an object", at))
            return
        before = len(problems)
        problems.extend((f"missing required field: {name}", at) for name in need if name not in value)
        for name, each in value.items():
            if name not in known:
                problems.append((f"invalid additional property: {name}", at))
            else:
                known[name](each, f"{at}/{name}", problems)
        if len(problems) == before:
            for rule in rules:
                rule(value, at, problems)

    return check


def typed(kinds: Mapping[str, Check]) -> Check:
    """An object whose `type` chooses its check."""

    def check(value: Any, at: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.append(("must provide an object", at))
        elif "type" not in value:
            problems.append(("missing required field: type", at))
        elif not isinstance(value["type"], str) or value["type"] not in kinds:
            problems.append((f"unsupported type: {value['type']}", f"{at}/type"))
        else:
            kinds[value["type"]](value, at, problems)

    return check


def union(check: Check) -> Check:
    """As Slack reports a failed choice: first that nothing matched, then why."""

    def checked(value: Any, at: str, problems: Problems) -> None:
        before = len(problems)
        check(value, at, problems)
        if len(problems) > before:
            problems.insert(before, ("failed to match all allowed schemas", at))

    return checked


def either(*names: str) -> Rule:
    """At least one of these fields has to be there."""

    def rule(value: dict[str, Any], at: str, problems: Problems) -> None:
        if not any(name in value for name in names):
            problems.append(("must define either " + " or ".join(f"`{name}`" for name in names), at))

    return rule


def exactly_one(*names: str) -> Rule:
    """One of these fields has to be there, and no second one."""

    def rule(value: dict[str, Any], at: str, problems: Problems) -> None:
        if sum(name in value for name in names) != 1:
            problems.append(("must define exactly one of " + ", ".join(f"`{name}`" for name in names), at))

    return rule


def worded(problems: Problems) -> list[str]:
    """Slack's `response_metadata.messages`."""
    return [f"[ERROR] {text} [json-pointer:{at}]" for text, at in problems]
