"""The dialogs of a treatment plan, as pure functions. They carry the plan's opaque id and version, never a client."""

import datetime as dt
from collections.abc import Mapping, Sequence

from bot.cards import plan_words as words
from bot.cards.elements import (
    Actions,
    Button,
    Choice,
    ClientInput,
    DateInput,
    Field,
    Form,
    Heading,
    Prose,
    Remark,
    Rule,
    Select,
    Style,
    TextInput,
)
from bot.cards.words import CLIENT_HINT, CLIENT_LABEL
from bot.domain.errors import UserMistake
from bot.domain.plan import (
    LONGEST_DETAIL,
    LONGEST_TEXT,
    Diagnosis,
    Earlier,
    Goal,
    Objective,
    Plan,
    PlanId,
    Status,
    Wording,
    review_overdue,
)

_LINE = 120
_CLOSED_AT_ONCE = 20
_CLOSED_OBJECTIVES = 5
_EARLIER_AT_ONCE = 5


def plan_client_form(remark: str = "") -> Form:
    """Asks whose plan to open."""
    fields = (Remark(remark or words.PLAN_CLIENT_HINT), ClientInput("client", CLIENT_LABEL, "", CLIENT_HINT, False))
    return Form("plan_client", words.PLAN_TITLE, fields, words.PLAN_OPEN, "Cancel")


def plan_start_form(client_code: str, today: dt.date) -> Form:
    """A first plan for a client who has none; the code stands in an input, where it can be corrected."""
    client = ClientInput("client", CLIENT_LABEL, client_code, CLIENT_HINT, optional=False)
    fields = (Remark(words.PLAN_NEW), client, *_detail_inputs(today, None, (), ""))
    return Form("plan_start", words.PLAN_TITLE, fields, words.PLAN_START_SUBMIT, "Cancel")


def plan_form(plan_id: PlanId, plan: Plan, today: dt.date, may_change: bool) -> Form:
    """The plan as it stands: goals with objectives, dates and status, and what can be done with each."""
    fields: list[Field] = [Heading(plan.client_code), *_charted(plan), Remark(_dates(plan, today))]
    if may_change:
        details = Button("plan_details", words.PLAN_DETAILS_BUTTON, plan_id)
        fields.append(Actions("plan", (Button("plan_goal", words.ADD_GOAL, plan_id, Style.PRIMARY), details)))
    else:
        fields.append(Remark(words.PLAN_READ_ONLY))
    still_open = [goal for goal in plan.goals if goal.is_open]
    for goal in still_open:
        fields += [Rule(), *_goal(goal)]
        if may_change:
            fields.append(_goal_row(plan_id, goal))
    if not still_open:
        fields.append(Remark(words.PLAN_EMPTY))
    fields += _closed(plan_id, [goal for goal in plan.goals if not goal.is_open], may_change)
    return Form("plan", words.PLAN_TITLE, tuple(fields), context=_context(plan_id, plan))


def plan_details_form(plan_id: PlanId, plan: Plan) -> Form:
    """Dates, diagnosis as charted, frequency."""
    fields = tuple(_detail_inputs(plan.start, plan.review_due, plan.diagnosis, plan.frequency))
    return _item_form("plan_details", words.PLAN_TITLE, fields, _context(plan_id, plan))


def goal_form(plan_id: PlanId, plan: Plan, goal: Goal | None = None) -> Form:
    """A new goal, or another wording for one."""
    text = TextInput(
        "text",
        words.GOAL_LABEL,
        goal.wording.text if goal else "",
        words.GOAL_HINT,
        multiline=True,
        optional=False,
        max_length=LONGEST_TEXT,
    )
    if goal is None:
        return _item_form("plan_goal", words.ADD_GOAL, (text,), _context(plan_id, plan))
    fields = (text, *_earlier(goal.earlier))
    return _item_form("plan_change", words.PLAN_GOAL.format(id=goal.id), fields, _context(plan_id, plan, goal.id))


def objective_form(plan_id: PlanId, plan: Plan, goal_id: str, objective: Objective | None = None) -> Form:
    """A new objective of a goal, or one to change or close."""
    wording = objective.wording if objective else Wording("")
    inputs = _wording_inputs(wording)
    if objective is None:
        return _item_form("plan_objective", words.ADD_OBJECTIVE, inputs, _context(plan_id, plan, goal_id))
    closed = objective.closed.isoformat() if objective.closed else ""
    status = Select("status", words.STATUS_LABEL, _statuses(Status), objective.status.value)
    fields = (*inputs, status, DateInput("closed", words.CLOSED_LABEL, closed), *_earlier(objective.earlier))
    title = f"{words.OBJECTIVE_LABEL} {objective.id}"
    return _item_form("plan_change", title, fields, _context(plan_id, plan, objective.id))


def close_form(plan_id: PlanId, plan: Plan, goal: Goal, today: dt.date) -> Form:
    """How and when a goal ended."""
    ends = [status for status in Status if status is not Status.OPEN]
    fields = (
        Prose(words.PLAN_GOAL.format(id=goal.id), (goal.wording.text,)),
        Select("status", words.STATUS_LABEL, _statuses(ends), Status.MET.value),
        DateInput("closed", words.CLOSED_LABEL, today.isoformat(), optional=False),
        Remark(words.CLOSE_HINT),
    )
    return _item_form("plan_close", words.CLOSE_GOAL, fields, _context(plan_id, plan, goal.id))


def typed_wording(values: Mapping[str, str]) -> Wording:
    """What was typed in `goal_form` or `objective_form`."""
    names = ("text", "measure", "baseline", "target")
    return Wording(*(values.get(name, "") for name in names), due=typed_day(values.get("due", "")))


def typed_diagnoses(text: str) -> tuple[Diagnosis, ...]:
    """One a line. A first word with a digit is its code."""
    found: list[Diagnosis] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        first, _, rest = line.partition(" ")
        coded = any(character.isdigit() for character in first) and first[0].isalnum() and rest.strip()
        found.append(Diagnosis(rest.strip(), first.rstrip(":,")) if coded else Diagnosis(line))
    return tuple(found)


def typed_day(text: str) -> dt.date | None:
    """A date input's day. Raises UserMistake when a chat sent something else."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UserMistake("bad_date", "That date does not exist. Please choose it once more.") from None


def _item_form(name: str, title: str, fields: Sequence[Field], context: str) -> Form:
    return Form(name, title[:24], tuple(fields), words.SAVE, "Cancel", context)


def _context(plan_id: PlanId, plan: Plan, item_id: str = "") -> str:
    """`plan:version`, or `plan.goal:version`: all that a dialog carries."""
    return f"{plan_id}.{item_id}:{plan.version}" if item_id else f"{plan_id}:{plan.version}"


def _detail_inputs(
    start: dt.date, review_due: dt.date | None, diagnosis: Sequence[Diagnosis], frequency: str
) -> Sequence[Field]:
    charted = "\n".join(_diagnosis(each) for each in diagnosis)
    return (
        DateInput("start", words.START_LABEL, start.isoformat(), optional=False),
        DateInput("review_due", words.REVIEW_LABEL, review_due.isoformat() if review_due else ""),
        TextInput("diagnosis", words.DIAGNOSIS_LABEL, charted, words.DIAGNOSIS_HINT, multiline=True),
        TextInput("frequency", words.FREQUENCY_LABEL, frequency, max_length=LONGEST_DETAIL),
    )


def _wording_inputs(wording: Wording) -> tuple[Field, ...]:
    text = TextInput(
        "text", words.OBJECTIVE_LABEL, wording.text, multiline=True, optional=False, max_length=LONGEST_TEXT
    )
    return (
        text,
        TextInput("measure", words.MEASURE_LABEL, wording.measure, max_length=LONGEST_DETAIL),
        TextInput("baseline", words.BASELINE_LABEL, wording.baseline, max_length=LONGEST_DETAIL),
        TextInput("target", words.TARGET_LABEL, wording.target, max_length=LONGEST_DETAIL),
        DateInput("due", words.DUE_LABEL, wording.due.isoformat() if wording.due else ""),
    )


def _charted(plan: Plan) -> list[Field]:
    lines = [*map(_diagnosis, plan.diagnosis), *([plan.frequency] if plan.frequency else [])]
    return [Prose(words.PLAN_CHARTED, tuple(lines))] if lines else []


def _diagnosis(diagnosis: Diagnosis) -> str:
    return f"{diagnosis.code} {diagnosis.text}".strip()


def _dates(plan: Plan, today: dt.date) -> str:
    started = words.PLAN_DATES.format(start=words.day(plan.start))
    if plan.review_due is None:
        return f"{started} · {words.PLAN_NO_REVIEW}"
    template = words.PLAN_REVIEW_OVERDUE if review_overdue(plan, today) else words.PLAN_REVIEW
    return f"{started} · {template.format(day=words.day(plan.review_due))}"


def _goal(goal: Goal) -> list[Field]:
    shown: list[Field] = [Prose(words.PLAN_GOAL.format(id=goal.id), (goal.wording.text,))]
    if goal.objectives:
        shown.append(Prose("", tuple(_line(objective) for objective in _shown_of(goal)), bullets=True))
    return [*shown, Remark(words.PLAN_OPEN_SINCE.format(day=words.day(goal.opened)))]


def _shown_of(goal: Goal) -> list[Objective]:
    """The open objectives, and those that were closed last."""
    over = sorted((o for o in goal.objectives if not o.is_open), key=lambda o: o.closed or o.opened)
    latest = {objective.id for objective in over[-_CLOSED_OBJECTIVES:]}
    return [objective for objective in goal.objectives if objective.is_open or objective.id in latest]


def _line(item: Objective) -> str:
    """One line: id, text, measure, from where to where, until when, how it stands."""
    said = item.wording
    way = " → ".join(filter(None, (said.baseline, said.target)))
    due = f"due {words.day(said.due)}" if said.due and item.is_open else ""
    parts = [f"{item.id}: {_cut(said.text)}", said.measure, way, due, "" if item.is_open else _ended(item)]
    return " · ".join(_cut(part) for part in parts if part)


def _ended(item: Objective) -> str:
    status = words.STATUSES[item.status].lower()
    return f"{status} {words.day(item.closed)}" if item.closed else status


def _cut(text: str) -> str:
    return text if len(text) <= _LINE else f"{text[: _LINE - 1].rstrip()}…"


def _goal_row(plan_id: PlanId, goal: Goal) -> Actions:
    objectives = [
        Button(f"plan_change.{objective.id}", words.CHANGE_OBJECTIVE.format(id=objective.id), plan_id)
        for objective in _shown_of(goal)
    ]
    return Actions(
        f"goal-{goal.id}",
        (
            Button(f"plan_change.{goal.id}", words.CHANGE_GOAL, plan_id),
            Button(f"plan_objective.{goal.id}", words.ADD_OBJECTIVE, plan_id),
            Button(f"plan_close.{goal.id}", words.CLOSE_GOAL, plan_id),
            *objectives,
        ),
    )


def _closed(plan_id: PlanId, goals: Sequence[Goal], may_change: bool) -> list[Field]:
    latest = sorted(goals, key=lambda goal: goal.closed or goal.opened, reverse=True)[:_CLOSED_AT_ONCE]
    if not latest:
        return []
    shown: list[Field] = [Rule(), Prose(words.PLAN_CLOSED, tuple(map(_line, latest)), bullets=True)]
    again = [Button(f"plan_reopen.{goal.id}", words.REOPEN.format(id=goal.id), plan_id) for goal in latest]
    return [*shown, Actions("closed", tuple(again))] if may_change else shown


def _earlier(earlier: Sequence[Earlier]) -> list[Field]:
    lines = [
        words.EARLIER.format(day=words.day(each.until), text=each.wording.text) for each in earlier[-_EARLIER_AT_ONCE:]
    ]
    return [Prose(words.EARLIER_TITLE, tuple(lines), bullets=True)] if lines else []


def _statuses(statuses: Sequence[Status] | type[Status]) -> tuple[Choice, ...]:
    return tuple(Choice(status.value, words.STATUSES[status]) for status in statuses)
