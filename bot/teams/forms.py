"""Forms in Teams, in a dialog or on a card of their own: opened, turned from page to page, sent, and never lost.

What comes of a sent form is the same for both; how it is answered is the handlers'.
"""

from dataclasses import replace

from bot.acts import day, learning, people, plans, reviews
from bot.acts.backlog import after_signing
from bot.acts.presses import DIALOGS, Press, note_in, open_dialog
from bot.acts.sent_forms import Sent, begin_work, input_at_fault, is_over, sentence_for, submit
from bot.cards import words
from bot.cards.elements import Card, Form, Input, TextInput
from bot.cards.forms import new_note_form, section_texts
from bot.cards.learning_forms import REMOVE, TEACH
from bot.cards.people_forms import OPEN_PEOPLE
from bot.cards.plan_forms import plan_client_form, plan_start_form
from bot.cards.review_forms import comments_in
from bot.cards.review_words import COMMENTS_FIRST
from bot.cards.screens import clock_time
from bot.domain.errors import Stale, UserMistake
from bot.domain.ids import NoteId, new_note_id
from bot.domain.people import Person
from bot.domain.plan import PlanId
from bot.domain.policy import ActKind, allow
from bot.teams import day_handlers
from bot.teams.front import Teams
from bot.teams.inbound import Entry
from bot.teams.pages import IN_PARTS, PAGED, filled, page_of, pages, questions, typed_over
from bot.teams.replies import Shown
from bot.teams.screens import NEW_NOTE, OPEN_PLAN, keeping
from bot.workflows.plan import open_plan_by_id
from bot.workflows.revise_note import revise_note

Outcome = Shown | Card | str | None
"""The form that stands next; or a card or a sentence in its place; or nothing, when it is done with."""

_ACTION_OF = {"goals": "confirm_goals"}  # the button that opens a form, where it is called otherwise


async def opened(teams: Teams, person: Person | None, entry: Entry) -> Shown:
    """What a button of a card opens. Raises UserMistake."""
    desk = teams.front.desk
    if entry.action == NEW_NOTE:
        return await new_note(teams, person, "")
    if entry.action == OPEN_PLAN:
        form = plan_client_form()
        if entry.note:
            form = plans.form_of(
                desk, person, await open_plan_by_id(desk, person, PlanId(entry.note), teams.front.platform)
            )
        return await teams.shown(person, form)
    if entry.action in learning.ACTIONS:
        form = await learning.open_sharing(desk, person, entry.press(), teams.front.platform)
        return await teams.shown(person, form)
    if entry.action in reviews.TITLES:
        note_id = NoteId(entry.note)
        form = await reviews.open_form(desk, person, entry.action, note_id, teams.front.platform)
        return await teams.shown(person, form)
    if entry.action == OPEN_PEOPLE:
        return await teams.shown(person, await people.people_for(desk, person))
    if entry.action.startswith(day.OPENING):
        return await day_handlers.opened(teams, person, entry)
    if entry.action not in DIALOGS:
        raise UserMistake("unknown_action", words.NO_LONGER_DRAFT)
    return await teams.shown(person, await open_dialog(desk, person, entry.press(), teams.front.platform))


async def new_note(
    teams: Teams, person: Person | None, summary: str, form: Form | None = None, form_id: str = ""
) -> Shown:
    """The form for a new note, under an id of its own, so that sending it twice starts one note. Raises UserMistake."""
    desk = teams.front.desk
    clinician = allow(person, ActKind.WRITE)
    form = form or new_note_form(desk.offered, desk.format_for(clinician, None), summary=summary)
    return await teams.shown(person, replace(form, context=f"{form_id or new_note_id()}:0"))


async def sent(teams: Teams, person: Person | None, entry: Entry) -> Outcome:
    """What comes of a button in a form. On any mistake the form stays with what was typed."""
    form = entry.sent(f"teams:form:{entry.id}")
    try:
        if entry.form.startswith("plan"):
            return await _of_plan(teams, person, entry, form)
        if entry.form in learning.FORMS or entry.action in learning.ACTIONS:
            return await _of_learning(teams, person, entry, form)
        if entry.form.startswith(day.PREFIX):
            return await _of_day(teams, person, entry, form)
        if entry.form.startswith("people_"):
            return await _of_people(teams, person, entry, form)
        return await _of_note(teams, person, entry, form)
    except UserMistake as mistake:
        if is_over(form, mistake):
            return sentence_for(form.form, mistake)
        return await _refused(teams, person, form, mistake)


async def _of_note(teams: Teams, person: Person | None, entry: Entry, form: Sent) -> Outcome:
    if entry.close:
        return None
    if entry.action == "save_draft":
        return await _saved(teams, person, entry, form)
    if entry.more and form.form in PAGED:
        return await _next_page(teams, person, entry, form)
    if form.form == "edit":
        form = await _with_other_pages(teams, person, form)
    done = await submit(teams.front.desk, person, form, teams.front.platform)
    await begin_work(teams.front.work, teams.front.desk, done.began(form.form), done.note_id)
    if form.form != NEW_NOTE:
        teams.front.refresh(done.note_id, person)
    if done.still_open:
        again = await _as_it_is(teams, person, form)
        at = page_of(pages(again), done.still_open)
        return Shown(again, at, {done.still_open: done.open_words}, await teams.clients(person), teams.searched)
    follows = done.follows
    if form.form == "sign" and follows is None:
        follows = await after_signing(teams.front, person, done.note_id)
    return await teams.shown(person, follows) if follows else None


async def _saved(teams: Teams, person: Person | None, entry: Entry, form: Sent) -> Shown:
    """Keep what is typed so far; the form stays, on the version that was just saved."""
    desk = teams.front.desk
    await _keep_page(teams, person, form)
    zone = person.timezone if person else desk.practice.timezone
    saved = words.SAVED.format(at=clock_time(desk.clock.now(), zone))
    return Shown(await _as_it_is(teams, person, form), entry.page, notice=saved)


async def _next_page(teams: Teams, person: Person | None, entry: Entry, form: Sent) -> Shown:
    """What was typed on this page is saved. A draft that moved on meanwhile is read from its first page again."""
    if form.form == "edit":
        await _keep_page(teams, person, form)
        return await teams.shown(person, await _as_it_is(teams, person, form), entry.page + 1)
    now = await _as_it_is(teams, person, form)
    if now.context == entry.context:
        return await teams.shown(person, now, entry.page + 1)
    return replace(await teams.shown(person, now), notice=words.CHANGED_WHILE_READING)


async def _keep_page(teams: Teams, person: Person | None, form: Sent) -> None:
    """Save one page of an edit."""
    whole = await _with_other_pages(teams, person, form)
    texts = section_texts(whole.values)
    reason, via = whole.values.get("reason"), teams.front.platform
    note = await revise_note(teams.front.desk, person, form.note_id, form.version, texts, via, reason)
    teams.front.refresh(note.id, person)


async def _with_other_pages(teams: Teams, person: Person | None, form: Sent) -> Sent:
    """An edit with the draft's own texts where other pages have inputs.

    Raises Stale when it is of another version, unless all that was typed stands there already.
    """
    now = await _as_it_is(teams, person, form)
    stands = {field.name: field.value for field in now.fields if isinstance(field, TextInput)}
    if now.context != f"{form.note_id}:{form.version}" and not form.values.items() <= stands.items():
        raise Stale("stale_version", words.CHANGED_ELSEWHERE)
    return replace(form, values=typed_over(now, form.values))


async def _as_it_is(teams: Teams, person: Person | None, form: Sent) -> Form:
    """The same form on the note as it stands now."""
    if reviews.is_review(form.form):
        note_id, via = note_in(form.note_id), teams.front.platform
        return await reviews.open_form(teams.front.desk, person, form.form, note_id, via, again=True)
    press = Press(_ACTION_OF.get(form.form, form.form), note_in(form.note_id))
    if press.action not in DIALOGS:
        raise UserMistake("unknown_form", words.TROUBLE)
    return await open_dialog(teams.front.desk, person, press, teams.front.platform)


async def _of_plan(teams: Teams, person: Person | None, entry: Entry, form: Sent) -> Outcome:
    """Teams stacks no dialogs: what is changed takes the plan's place, and the plan follows again."""
    desk, via = teams.front.desk, teams.front.platform
    plan_id = PlanId(form.note_id.partition(".")[0])
    apart = form.form not in plans.FIRST_FORMS and form.form != "plan"
    if entry.close:
        return None if not apart else await _plan(teams, person, plan_id)
    if entry.more and form.form in PAGED:
        return await _plan(teams, person, plan_id, entry.page + 1)
    if entry.action.startswith("plan_reopen"):
        reopened = await plans.reopen_goal(desk, person, plan_id, entry.action, form.version, via)
        return await teams.shown(person, plans.form_of(desk, person, reopened))
    if entry.action.startswith("plan_"):
        form_of_goal = await plans.form_for(desk, person, plan_id, entry.action, teams.front.platform)
        return await teams.shown(person, form_of_goal)
    if form.form in plans.FIRST_FORMS:
        return await teams.shown(person, await plans.name_client(desk, person, form, via))
    changed = await plans.change_as_sent(desk, person, form, via)
    return await teams.shown(person, plans.form_of(desk, person, changed))


async def _of_learning(teams: Teams, person: Person | None, entry: Entry, form: Sent) -> Outcome:
    desk, via = teams.front.desk, teams.front.platform
    if entry.close:
        return None
    if entry.action == REMOVE:
        return await teams.shown(person, await learning.take_away(desk, person, entry.press(), entry.id, via))
    if entry.action == TEACH:
        if comments_in(form.values):  # its dialog would stand in the place of this one
            raise UserMistake("comments_first", COMMENTS_FIRST)
        return await opened(teams, person, entry)
    page = entry.page + 1 if entry.more and form.form in PAGED else 0
    return await teams.shown(person, await learning.send(desk, person, form, via), page)


async def _of_day(teams: Teams, person: Person | None, entry: Entry, form: Sent) -> Outcome:
    if entry.close:
        return None
    if entry.action.startswith(day.OPENING):
        return await opened(teams, person, entry)
    answer = await day_handlers.sent(teams, person, form)
    return await teams.shown(person, answer) if isinstance(answer, Form) else answer


async def _of_people(teams: Teams, person: Person | None, entry: Entry, form: Sent) -> Outcome:
    """Each dialog stands in the place of the one before; leaving a person's leads back to the list."""
    if not entry.close:
        return await teams.shown(person, await people.follow(teams.front, person, form))
    return None if form.form == "people_list" else await teams.shown(person, await _people(teams, person))


async def _people(teams: Teams, person: Person | None) -> Form:
    return await people.people_for(teams.front.desk, person)


async def _plan(teams: Teams, person: Person | None, plan_id: PlanId, page: int = 0) -> Shown:
    desk = teams.front.desk
    return Shown(plans.form_of(desk, person, await open_plan_by_id(desk, person, plan_id, teams.front.platform)), page)


async def _refused(teams: Teams, person: Person | None, form: Sent, mistake: UserMistake) -> Outcome:
    """The form again with what was typed and the sentence beside its input, on the version it was opened on."""
    opened_on = f"{form.note_id}:{form.version}"
    try:
        again = await _again(teams, person, form)
    except UserMistake:
        again = Form(form.form, words.NOT_SAVED_TITLE, ())
    if form.form == "sign" and again.context != opened_on:
        return words.CHANGED_BEFORE_SIGNING  # another text than was read must not stand there to be signed
    again = replace(keeping(filled(_as_sent(again, form), form.values), form.values), context=opened_on)
    at_fault = input_at_fault(form, mistake)
    said, clients = {at_fault: sentence_for(form.form, mistake)}, await teams.clients(person)
    cut = form.form in ("sign", "goals", "review")  # nothing is typed in their other parts
    page = page_of(pages(again), at_fault) if cut else 0
    return Shown(again, page, said, clients, teams.searched, whole=not cut, refused=True)


def _as_sent(again: Form, form: Sent) -> Form:
    """Of a form of several pages or parts only what was shown: the rest has nothing typed in it to keep."""
    if form.form in ("edit", "amend"):
        shown = [field for field in again.fields if isinstance(field, Input) and field.name in form.values]
        return replace(again, fields=tuple(shown))
    if form.form in IN_PARTS:
        asked = [group for group in questions(again) if getattr(group[-1], "name", "") in form.values]
        return replace(again, fields=tuple(field for group in asked for field in group))
    return again


async def _again(teams: Teams, person: Person | None, form: Sent) -> Form:
    desk = teams.front.desk
    plan_id, _, item = form.note_id.partition(".")
    match form.form:
        case "new_note":
            return new_note_form(desk.offered, desk.format_for(allow(person, ActKind.WRITE), None))
        case "plan_client":
            return plan_client_form()
        case "plan_start":
            return plan_start_form("", desk.today(person))
        case name if name.startswith(day.PREFIX):
            return await day_handlers.again(teams, person, form)
        case name if name.startswith("people_"):
            return await people.form_again(teams.front, person, form)
        case name if name.startswith("plan_"):
            return await plans.form_for(desk, person, PlanId(plan_id), f"{name}.{item}", teams.front.platform)
        case name if name in learning.FORMS:
            return await learning.as_typed(desk, person, form)
        case _:
            return await _as_it_is(teams, person, form)
