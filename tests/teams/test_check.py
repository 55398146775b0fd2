"""`afternote check` for Teams: signs in for real, and names the setting that mends what is wrong."""

from pathlib import Path

import pytest

from bot.check import Finding, check_all
from bot.settings import Settings
from demo.bot_service import BotService
from demo.home import own_practice_file


async def teams_finding(service: BotService, home: Path, **changed: str) -> Finding:
    environment = {
        "AFTERNOTE_HOME": str(home),
        "AFTERNOTE_PRACTICE_FILE": str(own_practice_file(home)),
        **service.settings(),
        **changed,
    }
    findings = await check_all(Settings.load(environment))
    return next(finding for finding in findings if finding.what == "Microsoft Teams")


async def test_a_good_sign_in_says_how_many_people_can_be_reached(service: BotService, tmp_path: Path):
    finding = await teams_finding(service, tmp_path)
    assert finding.ok
    assert "6 people" in finding.state


@pytest.mark.parametrize(
    ("fault", "changed", "said"),
    [
        ("", {"MicrosoftAppPassword": "another"}, "MicrosoftAppPassword"),
        ("token", {}, "cannot be reached"),
    ],
)
async def test_what_is_wrong_names_what_mends_it(
    service: BotService, tmp_path: Path, fault: str, changed: dict[str, str], said: str
):
    if fault:
        service.faults.add(fault, "lost", times=5)
    finding = await teams_finding(service, tmp_path, **changed)
    assert not finding.ok
    assert said in finding.state
    assert "another" not in finding.state


async def test_two_tenants_are_none(service: BotService, tmp_path: Path):
    finding = await teams_finding(service, tmp_path, MicrosoftAppTenantId="00000000-0000-4000-8000-0000000000ff")
    assert not finding.ok
    assert "tenant_id" in finding.state
