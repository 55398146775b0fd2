"""Format files: the ones that ship, and everything a practice's own file can get wrong."""

import tomllib
from pathlib import Path

import pytest

from bot.domain.formats import arrange
from bot.domain.links import FORMATS
from bot.domain.statements import Slot, own_words
from bot.formats_file import FormatError, load_formats, load_linked_formats, parse_format

SHIPPED = Path(__file__).parents[2] / "prompts" / "formats"
SOAP = (SHIPPED / "soap.toml").read_text()
# DESIGN §2: section letter → slots, in the order of the table.
TABLE = {
    "soap": {
        "S": "report history homework_review",
        "O": "observation measure intervention response",
        "A": "goal assessment progress diagnosis risk",
        "P": "plan homework referral",
    },
    "dap": {
        "D": "report history homework_review observation measure intervention response",
        "A": "goal assessment progress diagnosis risk",
        "P": "plan homework referral",
    },
    "birp": {
        "B": "report history homework_review observation measure",
        "I": "goal intervention",
        "R": "response assessment progress diagnosis risk",
        "P": "plan homework referral",
    },
    "girp": {
        "G": "goal report history homework_review",
        "I": "intervention",
        "R": "observation measure response assessment progress diagnosis risk",
        "P": "plan homework referral",
    },
    "pirp": {
        "P": "report history homework_review observation measure goal",
        "I": "intervention",
        "R": "response assessment progress diagnosis risk",
        "P ": "plan homework referral",
    },
    "pie": {
        "P": "report history homework_review observation measure goal",
        "I": "intervention",
        "E": "response assessment progress diagnosis risk plan homework referral",
    },
    "sirp": {
        "S": "report history homework_review observation measure goal",
        "I": "intervention",
        "R": "response assessment progress diagnosis risk",
        "P": "plan homework referral",
    },
}


def test_all_sixteen_are_there_in_menu_order() -> None:
    assert list(load_formats()) == [
        *("soap", "dap", "birp", "girp", "pirp", "pie", "sirp", "progress", "intake", "discharge", "crisis"),
        *("group", "couples", "no_show", "collateral", "consultation"),
    ]


@pytest.mark.parametrize("name", TABLE)
def test_slots_stand_where_the_design_says(name: str) -> None:
    sections = load_formats()[name].sections
    assert [s.title[0] for s in sections] == [letter.strip() for letter in TABLE[name]]
    for section, slots in zip(sections, TABLE[name].values(), strict=True):
        assert set(section.slots) - {Slot.LOGISTICS} == set(slots.split())
    assert load_formats()["girp"].sections[0].slots[0] is Slot.GOAL


@pytest.mark.parametrize("name", list(load_formats()))
def test_every_slot_has_one_place_so_switching_loses_nothing(name: str) -> None:
    statements = [own_words(slot.value, slot) for slot in Slot]
    arranged = [s for section in arrange(statements, load_formats()[name]) for s in section.statements]
    assert sorted(arranged, key=statements.index) == statements


@pytest.mark.parametrize("name", list(load_formats()))
def test_shipped_formats_help_learners_and_fit_a_menu(name: str) -> None:
    fmt = load_formats()[name]
    assert fmt.required
    assert len(fmt.name) <= 40
    assert all(20 < len(section.guidance) <= 200 for section in fmt.sections)


def test_a_sentence_typed_into_a_section_never_becomes_logistics_by_default() -> None:
    """The first slot of a section is what a newly typed sentence gets; only sections about logistics start with it."""
    starts = {(f.id, s.key) for f in load_formats().values() for s in f.sections if s.slots[0] is Slot.LOGISTICS}
    assert starts == {
        ("discharge", "dates"),
        ("crisis", "contacts"),
        ("no_show", "missed_session"),
        ("collateral", "contact"),
    }


def test_addenda_and_retractions_have_formats_that_nobody_chooses() -> None:
    linked = load_linked_formats()
    assert set(linked) == set(FORMATS.values())
    assert not set(linked) & set(load_formats())
    for fmt in linked.values():
        (section,) = fmt.sections
        assert set(section.slots) == set(Slot)
        assert not fmt.required


@pytest.mark.parametrize(("name", "extra"), [("addendum", ""), ("ours", "linked = true\n")])
def test_a_practice_does_not_set_what_addenda_and_retractions_look_like(tmp_path: Path, name: str, extra: str) -> None:
    own = SOAP.replace('id = "soap"', f'id = "{name}"\n{extra}')
    (tmp_path / f"{name}.toml").write_text(own, encoding="utf-8")
    with pytest.raises(FormatError) as error:
        load_formats(tmp_path)
    assert f"{name}.toml" in str(error.value)


def test_a_practice_overrides_and_adds(tmp_path: Path) -> None:
    (tmp_path / "soap.toml").write_text(SOAP.replace('name = "SOAP"', 'name = "Our SOAP"'), encoding="utf-8")
    own = SOAP.replace('id = "soap"', 'id = "ours"').replace("order = 10", "order = 15")
    (tmp_path / "ours.toml").write_bytes(b"\xef\xbb\xbf" + own.encode())
    formats = load_formats(tmp_path)
    assert list(formats)[:3] == ["soap", "ours", "dap"]
    assert formats["soap"].name == "Our SOAP"
    assert load_formats()["soap"].name == "SOAP"


def test_only_what_must_be_said_must_be_said() -> None:
    slots = ", ".join(f'"{slot}"' for slot in Slot)
    text = f'id = "short"\nname = "S"\ndescription = "D"\n[[sections]]\nkey = "all"\ntitle = "All"\nslots = [{slots}]'
    order, fmt = parse_format(text.encode(), "short.toml")
    assert (order, fmt.version, fmt.brief, fmt.required, fmt.loinc) == (1000, 1, False, (), "34904-3")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("version = 1", "version = 1\ncolor = 'red'", "color: unknown key"),
        ("version = 1", "version = '1'", "version: must be a whole number"),
        ("version = 1", "version = true", "version: must be a whole number"),
        ("version = 1", "version = 0", "version: counts from 1"),
        ("version = 1", "brief = 1", "brief: must be true or false"),
        ("version = 1", "brief =", "not valid TOML"),
        ('id = "soap"', 'id = "dap"', "id: “dap” must be the file's name (soap)"),
        ('id = "soap"', 'id = "../x"', "id: “../x” may hold only"),
        ('id = "soap"', "", "id: missing"),
        ('name = "SOAP"', 'name = " "', "name: is empty"),
        ('name = "SOAP"', 'name = "a\\nb"', "name: must be one line"),
        ("34904-3", "34904-4", "loinc: “34904-4” is no LOINC code"),
        ("61150-9", "S", "sections[1].loinc: “S” is no LOINC code"),
        ('title = "Plan"', 'title = ""', "sections[4].title: is empty"),
        ('title = "Plan"', 'title = "objective"', "two have the title “objective”"),
        ('key = "plan"', 'key = "assessment"', "two have the key “assessment”"),
        ('key = "plan"', 'key = "Plan!"', "sections[4].key: “Plan!” may hold only"),
        ('key = "plan"', 'key = "plan"\nnote = 1', "sections[4].note: unknown key"),
        ('"homework", "referral"', '"homework"', "slot “referral” is in no section"),
        ('"homework", "referral"', '"homework", "referral", "risk"', "slot “risk” is placed 2 times"),
        ('"homework", "referral"', '"homework", "referral", "mood"', "sections[4].slots: 'mood' is no slot"),
        ('"homework", "referral"', '"homework", "referral", ["x"]', "sections[4].slots: ['x'] is no slot"),
        ('["intervention", "response", "goal"', '["mood", "goal"', "required: 'mood' is no slot"),
        ('["intervention", "response", "goal"', '["goal", "goal"', "required: “goal” is listed twice"),
        ("[[sections]]", "[sections]", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, problem: str) -> None:
    with pytest.raises(FormatError) as wrong:
        parse_format(SOAP.replace(old, new, -1 if old == "[[sections]]" else 1).encode(), "soap.toml")
    assert any(p.startswith("soap.toml: ") and problem in p for p in wrong.value.problems), wrong.value.problems


def test_bad_toml_names_the_line() -> None:
    with pytest.raises(FormatError, match=r"ours\.toml: not valid TOML: .*line 2"):
        parse_format(b'id = "ours"\nname = \n', "ours.toml")


def test_another_encoding_is_named() -> None:
    with pytest.raises(FormatError, match="not UTF-8"):
        parse_format('name = "é"'.encode("latin-1"), "ours.toml")


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('id = "b"\ncolor = 1\n')
    (tmp_path / "c.toml").write_text("nonsense")
    with pytest.raises(FormatError) as wrong:
        load_formats(tmp_path)
    text = str(wrong.value)
    assert isinstance(wrong.value, ValueError)
    for words in ("a.toml: color", "a.toml: name: missing", "a.toml: id", "a.toml: sections: missing", "c.toml: "):
        assert words in text


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="not a folder"):
        load_formats(tmp_path / "nowhere")


def test_shipped_files_have_no_key_that_the_guide_does_not_explain() -> None:
    guide = (SHIPPED.parents[1] / "docs" / "adding-a-format.md").read_text()
    for path in SHIPPED.glob("*.toml"):
        table = tomllib.loads(path.read_text())
        keys = {*table, *(key for section in table["sections"] for key in section)}
        assert all(f"`{key}`" in guide for key in keys)
    assert all(f"`{slot}`" in guide for slot in Slot)
