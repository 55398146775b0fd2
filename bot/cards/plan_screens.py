"""What a treatment plan adds to a draft: the goals addressed, a remark on what is overdue, and the dialog to confirm.

Pure functions. The plan's own dialogs are in `cards/plan_forms.py`.
"""

import datetime as dt

from bot.cards import plan_words as words
from bot.cards.elements import Actions, Button, Checks, Choice, Element, Field, Form, Prose, Remark
from bot.cards.forms import context_of, message_form
from bot.domain.note import Note
from bot.domain.plan import (
    QUIET_SESSIONS,
    Goal,
    Objective,
    Plan,
    goal_statements,
    review_overdue,
    standing,
    untouched,
)

_SHOWN_AT_ONCE = 8
_SHOWN_TEXT = 200
_CHOICES_AT_ONCE = 10  # a chat takes no more in one group
_CHOICE_TEXT = 75
_CHECKS = "goals"


def goal_elements(note: Note, plan: Plan | None, today: dt.date | None) -> list[Element]:
    """The card's part “Goals addressed”: the suggestion until the clinician has decided, then what they confirmed."""
    if plan is None:
        return []
    elements: list[Element] = []
    if plan.open_items():
        elements = _undecided(note, plan) if note.goals is None else _decided(note)
    remark = plan_remark(note, plan, today)
    return [*elements, Remark(remark)] if remark else elements


def plan_remark(note: Note, plan: Plan, today: dt.date | None) -> str:
    """What of the plan has not come up for some sessions, and whether its review is overdue; empty when all is well."""
    named = note.suggested_goals if note.goals is None else standing(note)
    quiet = [goal.id for goal in untouched(plan) if not {goal.id, *(o.id for o in goal.objectives)} & set(named)]
    sentences: list[str] = []
    if quiet:
        template = words.UNTOUCHED_ONE if len(quiet) == 1 else words.UNTOUCHED_MORE
        sentences.append(template.format(names=words.goal_names(quiet), count=QUIET_SESSIONS))
    if today and plan.review_due and review_overdue(plan, today):
        sentences.append(words.REVIEW_OVERDUE.format(day=words.near_day(plan.review_due, today)))
    return " ".join(sentences)


def goals_form(note: Note, plan: Plan | None) -> Form:
    """One box to tick per open goal and objective, in groups; the suggestion is ticked, or what was confirmed."""
    items = plan.open_items() if plan else ()
    if plan is None or not items:
        return message_form(words.GOALS_TITLE, words.NO_OPEN_GOALS)
    ticked = note.suggested_goals if note.goals is None else note.goals
    fields: list[Field] = [Remark(words.GOALS_HINT)]
    for start in range(0, len(items), _CHOICES_AT_ONCE):
        group = items[start : start + _CHOICES_AT_ONCE]
        choices = tuple(Choice(item.id, _cut(_name(item, goal), _CHOICE_TEXT)) for item, goal in group)
        label = words.GOALS_LABEL_MORE if start else words.GOALS_LABEL
        values = tuple(item.id for item, _ in group if item.id in ticked)
        fields.append(Checks(f"{_CHECKS}.{start}", label, choices, values))
    long = [_cut(_name(item, goal), _SHOWN_TEXT) for item, goal in items if len(_name(item, goal)) > _CHOICE_TEXT]
    if long:
        fields.append(Prose(words.GOALS_IN_FULL, tuple(long), bullets=True))
    return Form("goals", words.GOALS_TITLE, tuple(fields), words.GOALS_SUBMIT, "Cancel", context_of(note))


def ticked_goals(values: dict[str, str]) -> tuple[str, ...]:
    """The ids ticked in `goals_form`; each group's come with commas between."""
    groups = [value for name, value in values.items() if name.startswith(f"{_CHECKS}.")]
    return tuple(item_id for value in groups for item_id in value.split(",") if item_id)


def _undecided(note: Note, plan: Plan) -> list[Element]:
    still_open = {item.id for item, _ in plan.open_items()}
    texts = [s.text for s in goal_statements(plan, [i for i in note.suggested_goals if i in still_open])]
    button = Actions("goals", (Button("confirm_goals", words.CONFIRM_GOALS, note.id),))
    if not texts:
        return [Remark(words.GOALS_UNDECIDED), button]
    shown = tuple(_cut(text, _SHOWN_TEXT) for text in texts[:_SHOWN_AT_ONCE])
    more = len(texts) - len(shown)
    remark: list[Element] = [Remark(words.MORE_GOALS.format(count=more))] if more else []
    return [Prose(words.GOALS_SUGGESTED, shown, bullets=True), *remark, button]


def _decided(note: Note) -> list[Element]:
    named = standing(note)
    line = words.GOALS_NAMED.format(names=", ".join(named)) if named else words.NO_GOAL_NAMED
    return [Remark(line), Actions("goals", (Button("confirm_goals", words.CHANGE_GOALS, note.id),))]


def _name(item: Objective, goal: Goal) -> str:
    return f"Goal {goal.id}: {item.wording.text}" if item.id == goal.id else f"{item.id}: {item.wording.text}"


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
