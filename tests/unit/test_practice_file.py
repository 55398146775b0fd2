"""practice.toml: what a good one gives, and that everything wrong with a bad one is said at once."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from bot.practice_file import PracticeFile, PracticeFileError, TargetFile, load_practice

GOOD = """\
[practice]
id = "larkspur"
name = "Larkspur Street Counseling"
timezone = "America/Chicago"
locale = "en-US"
week_starts = "monday"

[chat.slack]
team_id = "T0EXAMPLE1"

[[people]]
id = "weiss"
name = "Miriam Weiss"
credentials = "PsyD"
licensed = true
roles = ["clinician", "supervisor"]
slack_user_id = "U0EXAMPLE01"
teams_aad_object_id = "00000000-0000-4000-8000-000000000001"
default_format = "dap"

[[people]]
id = "delgado"
name = "Rosa Delgado"
credentials = "LPC-Associate"
licensed = false
roles = ["clinician"]
slack_user_id = "U0EXAMPLE04"
timezone = "America/Denver"    # works from Boulder

[[supervision]]
clinician = "delgado"
supervisors = ["weiss"]
mode = "cosign"
since = 2026-03-02
until = 2026-12-31

[review]
slack_channel_id = "C0EXAMPLE10"
card_shows = ["client_code", "age"]
remind_after_hours = [24, 48]
escalate_to = ["weiss"]

[formats]
default = "soap"
offered = ["soap", "dap"]

[formats.by_kind]
intake = "intake"

[deadlines]
default_payer = "commercial"
holidays = [2026-11-26]

[deadlines.payers.commercial]
sign_within_hours = 72

[deadlines.payers.medicare]
sign_within_business_days = 3
required_checks = ["start_and_stop"]

[retention]
discarded_days = 9
legal_hold = ["JD-014"]

[adapter]
kind = "folder"

[adapter.folder]
path = "filed-notes"

[caseload]
clients = [
  { code = "JD-014", clinician = "delgado", payer = "medicare", flags = ["minor"] },
  { code = "LP-008", clinician = "weiss" },
]
"""
IN_FORCE = dt.date(2026, 6, 1)


def load(folder: Path, text: str = GOOD, **more: Any) -> PracticeFile:
    path = folder / "practice.toml"
    path.write_text(text, "utf-8")
    return load_practice(path, **{"today": IN_FORCE, **more})


def problems(folder: Path, *changes: tuple[str, str], **more: Any) -> list[str]:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(PracticeFileError) as caught:
        load(folder, text, **more)
    return caught.value.problems


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(GOOD.splitlines(), 1) if text in line)


def test_a_good_file_gives_the_practice(tmp_path: Path) -> None:
    read = load(tmp_path)
    practice = read.practice
    assert (practice.id, practice.timezone) == ("larkspur", "America/Chicago")
    assert (practice.workspace_on("slack"), practice.workspace_on("teams")) == ("T0EXAMPLE1", "")
    weiss, delgado = practice.people
    assert (weiss.timezone, weiss.default_format, weiss.reviewed) == ("America/Chicago", "dap", False)
    assert (delgado.timezone, delgado.default_format, delgado.reviewed) == ("America/Denver", "soap", True)
    assert [(c.code, c.clinician, c.flags) for c in practice.clients] == [
        ("JD-014", "delgado", ("minor",)),
        ("LP-008", "weiss", ()),
    ]
    assert practice.format_by_kind == (("intake", "intake"),)


def test_client_codes_are_read_as_notes_have_them(tmp_path: Path) -> None:
    small = GOOD.replace('code = "JD-014"', 'code = "jd-014"').replace('["JD-014"]', '["Jd-014"]')
    read = load(tmp_path, small)
    assert read.practice.flags_of("JD-014") == ("minor",)
    assert read.payer_by_client["JD-014"] == "medicare"
    assert (read.retention.legal_hold, read.warnings) == (("JD-014",), ())
    twice = problems(tmp_path, ('code = "LP-008"', 'code = "jd-014"'))
    assert any("JD-014" in problem for problem in twice)


def test_a_good_file_gives_what_is_around_the_practice(tmp_path: Path) -> None:
    read = load(tmp_path)
    assert read.targets == (TargetFile("folder", "folder", {"path": "filed-notes"}),)
    assert read.payer_by_client == {"JD-014": "medicare", "LP-008": "commercial"}
    assert read.deadlines.payers["medicare"].sign_within_business_days == 3
    assert (read.retention.discarded_days, read.retention.audit_log_years) == (9, 7)
    weiss = read.practice.by_user("teams", "00000000-0000-4000-8000-000000000001")
    assert weiss is not None
    assert (weiss.id, weiss.user_on("slack")) == ("weiss", "U0EXAMPLE01")
    assert (read.offered_formats, read.formats_folder, read.warnings) == (("soap", "dap"), None, ())


@pytest.mark.parametrize(
    ("day", "mode", "reviewed"),
    [
        (dt.date(2026, 3, 1), "cosign", False),
        (dt.date(2026, 3, 2), "cosign", True),
        (dt.date(2026, 12, 31), "approve", True),
        (dt.date(2027, 1, 1), "approve", False),
        (IN_FORCE, "sample", False),
    ],
)
def test_who_is_reviewed_depends_on_the_day_and_the_mode(
    tmp_path: Path, day: dt.date, mode: str, reviewed: bool
) -> None:
    percent = "\nsample_percent = 20" if mode == "sample" else ""
    read = load(tmp_path, GOOD.replace('mode = "cosign"', f'mode = "{mode}"{percent}'), today=day)
    assert read.practice.people[1].reviewed is reviewed
    assert bool(read.warnings) is not reviewed  # delgado is not licensed


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('timezone = "America/Chicago"', 'timezone = "America/Chicagoo"', "did you mean 'America/Chicago'?"),
        ('id = "larkspur"', "", "[practice]: id is missing."),
        ('id = "larkspur"', "id = 5", "[practice]: id must be text in quotes."),
        ('locale = "en-US"', 'local = "en-US"', "the key 'local' is unknown; did you mean 'locale'?"),
        ("[review]", "[reviews]", "the key 'reviews' is unknown; did you mean 'review'?"),
        ('id = "delgado"', 'id = "weiss"', "[[people]] weiss: id 'weiss' is used twice."),
        ('slack_user_id = "U0EXAMPLE04"', 'slack_user_id = "U0EXAMPLE01"', "'U0EXAMPLE01' is used twice."),
        ('roles = ["clinician"]', 'roles = ["clinican"]', "did you mean 'clinician'?"),
        ('roles = ["clinician"]', "roles = []", "[[people]] delgado: roles is missing"),
        ("licensed = false", 'licensed = "no"', "licensed must be true or false."),
        ('default_format = "dap"', 'default_format = "dpa"', "did you mean 'dap'?"),
        ('supervisors = ["weiss"]', 'supervisors = ["wiess"]', "did you mean 'weiss'?"),
        ('supervisors = ["weiss"]', 'supervisors = ["delgado"]', "'delgado' cannot supervise themselves."),
        ('supervisors = ["weiss"]', "supervisors = []", "supervisors names nobody."),
        ('mode = "cosign"', 'mode = "co-sign"', "did you mean 'cosign'?"),
        ('mode = "cosign"', 'mode = "sample"', "sample_percent goes with"),
        ("since = 2026-03-02", 'since = "2026-03-02"', "since must be a date without quotes"),
        ("until = 2026-12-31", "until = 2025-12-31", "until is before since."),
        ("remind_after_hours = [24, 48]", "remind_after_hours = [24, true]", "must be a list of whole numbers."),
        ("[24, 48]", "[0]", "whole numbers from 1."),
        ("[24, 48]", "24", "remind_after_hours must be a list of whole numbers."),
        ('escalate_to = ["weiss"]', "due_within_hours = 0", "due_within_hours must be from 1 to 720."),
        ('escalate_to = ["weiss"]', "escalate_after_hours = 721", "escalate_after_hours must be from 1 to 720."),
        (
            'escalate_to = ["weiss"]',
            'administrator_after_hours = "96"',
            "must be a whole number.",
        ),
        ('escalate_to = ["weiss"]', "administrator_after_hours = 24", "must not come before escalate_after_hours."),
        ('escalate_to = ["weiss"]', 'quiet_hours = "8pm-7am"', "quiet_hours"),
        ('escalate_to = ["weiss"]', 'quiet_hours = "20:00-25:00"', "quiet_hours"),
        ('escalate_to = ["weiss"]', 'teams_channel_id = "a channel"', "teams_channel_id"),
        ('"C0EXAMPLE10"', '"#reviews"', "slack_channel_id"),
        ('"client_code", "age"', '"client_name"', "did you mean 'client_code'?"),
        ('escalate_to = ["weiss"]', 'escalate_to = ["delgado"]', "does not have the role 'supervisor'."),
        ('default = "soap"', 'default = "birp"', "default 'birp' is unknown (known: dap, soap)."),
        ('offered = ["soap", "dap"]', 'offered = ["soap", "soap", "dap"]', "offered names 'soap' twice."),
        ('intake = "intake"', 'intakes = "intake"', "did you mean 'intake'?"),
        ('default_payer = "commercial"', 'default_payer = "comercial"', "did you mean 'commercial'?"),
        ("sign_within_hours = 72", "sign_within_hours = true", "sign_within_hours must be a whole number."),
        ("sign_within_hours = 72", "", "give either sign_within_hours or sign_within_business_days."),
        ("discarded_days = 9", "discarded_days = -1", "discarded_days must be from 0 to 100000."),
        ('kind = "folder"', 'kind = "foldr"', "the key 'folder' is unknown; did you mean 'foldr'?"),
        ('kind = "folder"', "", "[adapter]: kind is missing."),
        ('code = "LP-008"', 'code = "JD-014"', "code 'JD-014' is used twice."),
        ('code = "JD-014", clinician = "delgado"', 'code = "JD-014", clinician = "delgdo"', "did you mean 'delgado'?"),
        ('flags = ["minor"]', 'flags = ["part3"]', "flags 'part3' is unknown"),
        ('payer = "medicare"', 'payer = "medicaire"', "did you mean 'medicare'?"),
    ],
)
def test_each_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    found = problems(tmp_path, (old, new))
    assert any(said in problem for problem in found), found
    assert all(problem.startswith("line ") for problem in found)


def test_all_mistakes_are_listed_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        ('code = "LP-008", clinician = "weiss"', 'code = "LP-008", clinician = "wess"'),
        ('mode = "cosign"', 'mode = "cosgin"'),
        ('week_starts = "monday"', 'week_starts = "mnday"'),
        ('credentials = "PsyD"', 'credential = "PsyD"'),
    )
    lines = [line_of(text) for text in ("week_starts", '"PsyD"', "mode =", '"LP-008"')]
    assert [problem.partition(":")[0] for problem in found] == [f"line {line}" for line in lines]


def test_an_empty_file_says_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(PracticeFileError) as caught:
        load(tmp_path, "")
    needed = ["[practice]: id", "[practice]: name", "[practice]: timezone", "[[people]]", "[adapter]: kind"]
    assert all(any(need in problem for problem in caught.value.problems) for need in needed)


def test_wrong_shapes_are_problems_and_not_crashes(tmp_path: Path) -> None:
    text = 'people = ["x"]\nsupervision = 3\ncaseload = []\nformats = "soap"\nreview = { escalate_to = [["weiss"]] }\n'
    with pytest.raises(PracticeFileError) as caught:
        load(tmp_path, text + "[deadlines]\npayers = { a = 1 }\n[adapter]\nkind = ['x']\n[practice]\nid = {}\n")
    assert len(caught.value.problems) >= 9


def test_what_cannot_be_read_is_one_problem(tmp_path: Path) -> None:
    with pytest.raises(PracticeFileError, match="does not exist"):
        load_practice(tmp_path / "practice.toml")
    with pytest.raises(PracticeFileError, match=r"not valid TOML: .*line 1"):
        load(tmp_path, "practice = \n")
    (tmp_path / "practice.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PracticeFileError, match="cannot be read"):
        load_practice(tmp_path / "practice.toml")


def test_formats_are_compared_with_those_there_are(tmp_path: Path) -> None:
    load(tmp_path, known_formats=("soap", "dap", "intake"))
    found = problems(tmp_path, ('"soap", "dap"]', '"soap", "dap", "bird"]'), known_formats=("soap", "dap", "birp"))
    assert any("did you mean 'birp'?" in problem for problem in found)
    assert any("intake 'intake' is unknown" in problem for problem in found)


def test_a_practice_may_have_formats_of_its_own(tmp_path: Path) -> None:
    text = GOOD.replace('default = "soap"', 'folder = "formats"\ndefault = "soap"').replace('"dap"]', '"dap", "own"]')
    with pytest.raises(PracticeFileError, match="does not exist beside"):
        load(tmp_path, text)
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "own.toml").write_text("")
    read = load(tmp_path, text, known_formats=("soap", "dap", "intake"))
    assert read.formats_folder == tmp_path / "formats"
    assert read.offered_formats == ("soap", "dap", "own")


def test_an_unlicensed_clinician_without_supervision_is_pointed_out(tmp_path: Path) -> None:
    read = load(tmp_path, GOOD.replace('legal_hold = ["JD-014"]', 'legal_hold = ["ZZ-001"]'), today=dt.date(2027, 5, 1))
    assert any("delgado is an associate or not licensed" in warning for warning in read.warnings)
    assert any("ZZ-001" in warning for warning in read.warnings)


def test_required_checks_are_known_and_each_payer_gets_its_profile(tmp_path: Path) -> None:
    read = load(tmp_path)
    medicare, commercial = read.deadlines.profiles["medicare"], read.deadlines.profiles["commercial"]
    assert "start_and_stop" in medicare.asks
    assert "start_and_stop" not in commercial.asks
    (problem,) = problems(tmp_path, ('"start_and_stop"', '"start_and_stopp"'))
    line = line_of("required_checks")
    assert problem.startswith(f"line {line}: [deadlines.payers.medicare]: required_checks 'start_and_stopp' is unknown")
    assert "did you mean 'start_and_stop'" in problem


def test_a_payer_may_have_a_profile_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "payers"
    folder.mkdir()
    own = 'id = "medicare"\nname = "Ours"\nasks = ["our_check"]\n[[checks]]\nid = "our_check"\ntitle = "Ours"\n'
    (folder / "medicare.toml").write_text(own + 'question = "Well?"\nslots = ["plan"]\n', "utf-8")
    named = GOOD.replace("[deadlines]\n", '[deadlines]\nchecks_folder = "payers"\n')
    with_own = named.replace('["start_and_stop"]', '["start_and_stop", "our_check"]')
    assert load(tmp_path, with_own).deadlines.profiles["medicare"].asks == ("start_and_stop", "our_check")
    (folder / "medicare.toml").write_text(own, "utf-8")
    with pytest.raises(PracticeFileError, match=r"line \d+: \[deadlines\]: medicare.toml: .* has no question to ask"):
        load(tmp_path, named)
