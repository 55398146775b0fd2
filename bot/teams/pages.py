"""Forms cut to the size that Teams takes: long ones into pages, and what may be answered in parts to its first part.

Pure. Whoever shows the pages keeps what is typed on each: it is saved when going on.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot.cards import after_words, words
from bot.cards.elements import (
    Actions,
    Checks,
    ClientInput,
    DateInput,
    Field,
    Form,
    Heading,
    Input,
    NumberInput,
    PersonInput,
    Prose,
    Remark,
    Rule,
    Select,
    Sentence,
    TextInput,
    TimeInput,
)
from bot.teams.blocks import Place, render_body
from bot.teams.render import LIMIT, render_form, size_of
from bot.teams.shorten import cut, cut_prose

NEW = ".new"  # ends the name of the box for a client code that is in no list
_ROOM_FOR_ERRORS = 1024
_MOST = LIMIT - _ROOM_FOR_ERRORS
_TITLES = (Heading, Remark, Rule)
_LINE = 48  # bytes of a line between two parts
PAGED = ("edit", "sign", "read", "why", "plan", "view", "examples", "review", "review_comments")
IN_PARTS = ("details", "decide", "settle")  # may be answered in parts
_MORE = tuple(said.partition("{")[0] for said in (words.MORE_POINTS, words.MORE_TO_DECIDE))
_CUTS = ((120, 75), (60, 75), (0, 75), (0, 50), (0, 30), (0, 16))  # of goals in full, and beside their boxes


def pages(form: Form) -> tuple[Form, ...]:
    """The form as it is when it fits, else its pages; all but the last are left by going on.

    A form whose inputs are one answer is never cut: what stands on another page would not come with it.
    """
    if form.name not in (*PAGED, *IN_PARTS, "goals", "amend") or _fits(form):
        return (form,)
    if form.name == "amend":
        return (_reason_only(form),)
    if form.name in IN_PARTS:
        return (_first_part(form),)
    if form.name == "goals":
        return (next(filter(_fits, _with_shorter_goals(form)), form),)
    return _numbered(form, _paged(form))


def _reason_only(form: Form) -> Form:
    """A text that does not fit is edited in the draft that comes of it, page by page."""
    kept = [field for field in form.fields if not isinstance(field, Input) or field.name == "reason"]
    return replace(form, fields=(Remark(after_words.AMEND_LONG), *kept[1:]))


def filled(form: Form, values: Mapping[str, str]) -> Form:
    """The same form with what the person typed in its inputs; an input that `values` does not name stays as it is."""
    return replace(form, fields=tuple(_filled(f, values) if isinstance(f, Input) else f for f in form.fields))


def typed_over(form: Form, values: Mapping[str, str]) -> dict[str, str]:
    """Every text of a whole form with what was typed on one of its pages over it, so that no other page is lost."""
    texts = {field.name: field.value for field in form.fields if isinstance(field, TextInput)}
    return texts | {name: values[name] for name in texts if name in values}


def page_of(parts: Sequence[Form], name: str) -> int:
    """On which page an input stands; the first when on none."""
    found = (at for at, part in enumerate(parts) for f in part.fields if isinstance(f, Input) and f.name == name)
    return next(found, 0)


def _fits(form: Form) -> bool:
    return size_of(render_form(form)) <= _MOST


def _cost(form: Form, *fields: Field) -> int:
    return sum(size_of(render_body([f], Place(form, 99))) + _LINE for f in fields)


def _first_part(form: Form) -> Form:
    """As many of its questions as fit, each with what it is about."""
    said = Remark(words.REST_LATER)
    room = _MOST - size_of(render_form(replace(form, fields=(said,))))
    kept: list[Field] = []
    for question in questions(form):
        shown = question if kept else [_shown_in(form, f, room) for f in question]
        room -= _cost(form, *shown)
        if room < 0:
            break
        kept += shown
    return replace(form, fields=(*kept, said))


def questions(form: Form) -> Iterator[list[Field]]:
    """Each input with what stands above it; without the remark that counts those to come, which would be wrong."""
    question: list[Field] = []
    for field in form.fields:
        if isinstance(field, Remark) and field.text.startswith(_MORE):
            continue
        question.append(field)
        if isinstance(field, Input):
            yield question
            question = []
    if question:
        yield question


def _shown_in(form: Form, field: Field, room: int) -> Field:
    """A text that fills more than a dialog by itself is cut, or nothing could ever be decided about it."""
    if not isinstance(field, Prose) or _cost(form, field) < room - 2048:
        return field
    return cut_prose(field, room // 8)


def _with_shorter_goals(form: Form) -> Iterator[Form]:
    """All boxes stay, since what is ticked is the whole answer; the words beside them give way."""
    for in_full, beside in _CUTS:
        fields: list[Field] = []
        for field in form.fields:
            if isinstance(field, Checks):
                field = replace(field, choices=tuple(replace(c, label=cut(c.label, beside)) for c in field.choices))
            elif isinstance(field, Prose):
                field = replace(field, paragraphs=tuple(cut(text, in_full) for text in field.paragraphs if in_full))
            if not isinstance(field, Prose) or field.paragraphs:
                fields.append(field)
        yield replace(form, fields=tuple(fields))


def _numbered(form: Form, parts: Sequence[Sequence[Field]]) -> tuple[Form, ...]:
    count = len(parts)
    return tuple(
        replace(
            form,
            fields=(Remark(words.PAGE.format(page=number, count=count)), *part),
            submit=form.submit if number == count else words.NEXT_PAGE,
            more=number < count,
        )
        for number, part in enumerate(parts, 1)
    )


def _paged(form: Form) -> list[list[Field]]:
    """Fields in their order, page by page. What is to be read comes before what a signature takes in."""
    each = [f for f in form.fields if form.name == "edit" and isinstance(f, Actions)]
    last = [f for f in form.fields if form.name == "sign" and not isinstance(f, Prose)]
    last += [f for f in form.fields if form.name == "review" and isinstance(f, Input | Sentence)]
    body = [f for f in form.fields if f not in each and f not in last]
    numbered = Remark(words.PAGE.format(page=99, count=99))
    empty = replace(form, fields=(numbered, *each), submit=words.NEXT_PAGE, more=True)
    room = _MOST - size_of(render_form(empty)) - len(form.submit.encode())
    book = _Book(form, room)
    for group in _groups(body):
        book.add(group)
    if last:
        book.add(last)
    return [[*page, *each] for page in book.pages if page]


class _Book:
    """Pages being filled, each up to `room` bytes."""

    def __init__(self, form: Form, room: int) -> None:
        self.pages: list[list[Field]] = [[]]
        self._form, self._room, self._left = form, room, room

    def add(self, group: Sequence[Field]) -> None:
        """A group goes on one page if it can."""
        cost = _cost(self._form, *group)
        if self._left < cost <= self._room:
            self._turn()
        if cost <= self._left:
            self._put(*group)
            return
        for field in group:
            self._add_one(field)

    def _add_one(self, field: Field) -> None:
        """On this page, else on the next; a text that needs more is continued. It ends, since each turn gains room."""
        while (cost := _cost(self._form, field)) > self._left:
            only_titles = all(isinstance(above, _TITLES) for above in self.pages[-1])
            first = None
            if isinstance(field, Prose) and (only_titles or cost > self._room):
                first, field = _split(self._form, field, self._left)
                self.pages[-1] += [first] if first else []
            if not self.pages[-1]:
                break
            self._turn(carrying=not only_titles)
        self._put(field)

    def _put(self, *fields: Field) -> None:
        self.pages[-1] += fields
        self._left -= _cost(self._form, *fields)

    def _turn(self, carrying: bool = True) -> None:
        """A new page; a title does not stay behind at the foot of the old one, unless what follows needs all of it."""
        page, carried = self.pages[-1], list[Field]()
        while carrying and page and isinstance(page[-1], _TITLES):
            carried.insert(0, page.pop())
        if not page:
            self.pages.pop()
        self.pages.append([])
        self._left = self._room
        self._put(*carried)


def _groups(fields: Sequence[Field]) -> Iterator[list[Field]]:
    """What stands between two lines belongs together."""
    group: list[Field] = []
    for field in fields:
        if isinstance(field, Rule) and group:
            yield group
            group = []
        group.append(field)
    if group:
        yield group


def _split(form: Form, prose: Prose, room: int) -> tuple[Prose | None, Prose]:
    """What of a text fits, cut at white space within a paragraph, and the rest. Nothing is lost."""
    if _cost(form, replace(prose, paragraphs=())) > room:
        at = _fitting(prose.title, room - _cost(form, Prose("…", ())))
        return (Prose(prose.title[:at], ()) if at else None), replace(prose, title=prose.title[at:])
    kept: list[str] = []
    for number, text in enumerate(prose.paragraphs):
        left = room - _cost(form, replace(prose, paragraphs=(*kept, "")))
        at = _fitting(text, left)
        kept += [text[:at]] if at else []
        if at < len(text):
            rest = Prose("" if kept else prose.title, (text[at:], *prose.paragraphs[number + 1 :]), prose.bullets)
            return (replace(prose, paragraphs=tuple(kept)) if kept else None), rest
    return prose, Prose("", ())


def _fitting(text: str, room: int) -> int:
    """How many characters fit into so many bytes, to the end of a word where there is one."""
    if size_of(text) <= room:
        return len(text)
    at = max(bisect_right(range(len(text)), room, key=lambda end: size_of(text[:end])) - 1, 0)
    word = max(text.rfind(" ", 0, at), text.rfind("\n", 0, at)) + 1
    return word if word > at // 2 else at


def _filled(field: Input, values: Mapping[str, str]) -> Input:
    typed = values.get(field.name)
    if isinstance(field, ClientInput | PersonInput):
        typed = values.get(field.name + NEW) or typed
    if typed is None:
        return field
    match field:
        case NumberInput():
            return replace(field, value=int(typed) if typed.strip().isdecimal() else None)
        case Checks():
            return replace(field, values=tuple(filter(None, typed.split(","))))
        case Select():
            return replace(field, value=typed) if any(c.value == typed for c in field.choices) else field
        case TextInput() | DateInput() | TimeInput() | ClientInput() | PersonInput():
            return replace(field, value=typed)
