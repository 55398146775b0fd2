"""Figures, dates, frequencies and doses: with what they belong to in the points, and with nothing else."""

import pytest

from bot.domain.statements import Point
from bot.drafting.support import Checker

RULES = frozenset(
    {
        *(
            "bound_number",
            "bound_date",
            "bound_person",
            "crossed",
            "all_counted",
            "former_value",
            "turned",
            "how_often",
        ),
        *("nth", "half_day", "horizon", "moved", "other_day"),
        *("dose_of", "dosing_of", "adherence", "dosing_planned", "whose_drug", "time_of_dose", "purpose"),
    }
)
MISSING = frozenset(
    {"count", "rate", "share", "often", "dose", "drug", "weekday", "clock", "named", "dosing", "occasion", "score"}
)

# What was typed, a statement it does not carry, the rule that says so.
WRONG = [
    ("urge to drink 4/5, urge to use 1/5, SI 0", "Urge to use was 4/5.", "bound_number"),
    ("SUDS at start 70, peak 85, end 30", "SUDS peaked at 70.", "bound_number"),
    ("5 wks sober, goal 90 days", "He has been sober for 90 days.", "bound_number"),
    ("cleaned 40 min (limit 30), 2 rooms", "She cleaned for thirty minutes.", "bound_number"),
    ("BDI 28 intake, 19 at 6 wks, 11 today", "BDI was 28 at six weeks.", "bound_number"),
    ("panic Sat nite at the movies; slept fine Sun", "Panic occurred on Sunday at the movies.", "bound_date"),
    ("moved here in 2016, married 2019, separated since Aug", "She has been separated since 2019.", "bound_date"),
    ("mom 30 yrs sober, dad drinks 6 nightly", "Her father has been sober for thirty years.", "bound_person"),
    ("garden 40 min, kitchen 15 min", "He spent 15 minutes in the garden and 40 minutes in the kitchen.", "crossed"),
    ("attended 10 of 12, completed all 4 modules", "Client attended all twelve sessions.", "all_counted"),
    ("praying 3 hrs a day now, it was 5 in August", "Client prays for five hours a day.", "former_value"),
    ("PHQ-9 12 \u2190 15 \u2190 20", "PHQ-9 was 15 today.", "former_value"),
    ("CPAQ 48, was 41 wk 1", "CPAQ fell from 48 to 41.", "turned"),
    ("distress 8 at start, 3 now", "Distress rose from 3 to 8.", "turned"),
    ("texted his ex once, re the dog", "He has texted his ex repeatedly.", "how_often"),
    ("drinks 2 beers most nights", "He drinks two beers on weekends.", "how_often"),
    ("asked about falls (one, Oct, no injury)", "Client has had repeated falls.", "how_often"),
    ("stretching 3x, log each time", "Stretching is to be done every evening.", "how_often"),
    ("kids w/ dad alt Saturdays", "The children see their father every Saturday.", "how_often"),
    ("lithium 300 bid + 600 qhs", "Client takes lithium 600 mg twice daily.", "how_often"),
    ("takes seroquel 50 hs most nights", "He takes quetiapine 50 mg every night.", "how_often"),
    ("2nd no-show this month", "This is her third no-show this month.", "nth"),
    ("read ch. 3 of the trauma book", "She read chapter 4 of the trauma book.", "nth"),
    ("wk 7 of 12, 8 members", "This was week 12 of the group.", "nth"),
    ("clinic appt is the 30th", "The clinic appointment is on the 13th.", "nth"),
    ("R/s for Mon 9am video", "She was rescheduled for Monday at 9 p.m.", "half_day"),
    ("RTC 3 wks d/t holiday", "Client will return next week.", "horizon"),
    ("court date moved from 1/14 to 2/3", "The court date was moved to January 14.", "moved"),
    ("court date moved from 1/14 to 2/3", "Court is on January 14.", "moved"),
    ("I call Denise tonight 7", "Clinician will call Denise tomorrow at 7.", "other_day"),
    ("f/u call tmrw 10", "A follow-up call is planned for today at 10.", "other_day"),
    ("lamotrigine 150, quetiapine 50 qhs", "Client takes quetiapine 150 mg.", "dose_of"),
    ("sertraline 150 since June, no missed doses", "He missed several doses of sertraline.", "adherence"),
    ("takes her lithium w/ pillbox, missed 1 dose", "She took lithium without missing a dose.", "adherence"),
    ("Dr H. is thinking of lowering the sertraline 100", "Dr. H. lowered sertraline.", "dosing_planned"),
    ("tried his son's Adderall once", "He takes Adderall.", "whose_drug"),
    ("gabapentin 300 tid for his back", "Gabapentin is taken for cravings.", "purpose"),
    ("abilify 5 d/c'd in Sept, now only lithium 900 qhs", "Lithium was discontinued in September.", "dosing_of"),
    ("2 fights w/ roommate since Mon", "There was one fight with the roommate.", "bound_number"),
    ("prazosin 1 mg started 3 wks ago, nightmares 2/wk", "Prazosin was begun two weeks ago.", "bound_number"),
    ("last drink 10/2, last used cocaine in 2019", "Cocaine was last used on October 2.", "bound_date"),
    ("session #11, late 10", "This was the tenth session.", "nth"),
    ("concerta 36 qam, dad gives it", "Methylphenidate 36 mg is given at bedtime.", "time_of_dose"),
]  # fmt: skip

# What was typed and a faithful statement, in which none of these rules may find anything.
RIGHT = [
    ("urge to drink 4/5, urge to use 1/5", "Urge to drink was four of five and urge to use one of five."),
    ("SUDS at start 70, peak 85, end 30", "SUDS began at 70, peaked at 85 and ended at 30."),
    ("PHQ-9 12 \u2190 15 \u2190 20", "PHQ-9 has come down from 20 to 15 and now 12."),
    ("SUDS 60 -> 35 over 4 trials", "SUDS went from 60 to 35 across four trials."),
    ("BDI 28 intake, 19 at 6 wks, 11 today", "BDI was 28 at intake, 19 at six weeks and 11 today."),
    ("PCL-5 52 (intake 61), PHQ 15", "PCL-5 decreased nine points since intake, to 52; PHQ-9 was 15."),
    ("CPAQ 48, was 41 wk 1", "CPAQ rose from 41 to 48."),
    ("wk 7 of 12, 8 members, 90 min", "Week 7 of a 12-week group; eight members attended the 90-minute session."),
    ("did 4/5 walks, 3 x 10 min", "Walks were ten minutes, three times; four of five were completed."),
    ("q2wk from Jan, currently wkly", "Sessions are weekly and will move to every two weeks in January."),
    ("kids w/ dad alt Saturdays", "On alternate Saturdays the children are with their father."),
    ("sees grandma every other wknd, calls Sundays", "He calls his grandmother every Sunday."),
    ("nightmares 1-2/wk now, used to be nightly", "Nightmares, formerly every night, now come once or twice weekly."),
    ("hrs of TV 6/day -> 4/day; goal 2", "Television is down from six to four hours a day; the goal is two."),
    ("breathing 5 min bid; walk M/W/F", "She will walk on Mondays, Wednesdays and Fridays."),
    ("breathing 5 min bid; walk M/W/F", "She will walk three days a week."),
    ("3rd no-show since Oct, f/u call tmrw 10", "This is the third no-show since October; call tomorrow at 10."),
    ("Monday 13:00", "The appointment is on Monday at 1 p.m."),
    ("RTC 3 wks d/t holiday", "Client will return in three weeks because of the holiday."),
    ("court date moved from 1/14 to 2/3", "The court date was moved from January 14 to February 3."),
    ("she got louder in Sept/Oct", "She became louder in the autumn."),
    ("f/u call tonite 8", "A follow-up call is planned for 8 tonight."),
    ("lithium 300 bid + 600 qhs, missed 2 doses", "Client takes lithium 300 mg twice daily and 600 mg at bedtime."),
    ("lithium 300 bid + 600 qhs, missed 2 doses", "Two doses of lithium were missed."),
    ("started zoloft 25 two wks ago, up to 50 from Mon", "Sertraline began two weeks ago at 25 mg, 50 mg from Monday."),
    ("lamictal 25 x 2 wks then 50 x 2 wks", "Lamotrigine is at 25 mg for two weeks and then at 50 mg for two."),
    ("bup/nx 16 daily, missed 0", "Client takes buprenorphine/naloxone 16 every day without missing any."),
    ("concerta 36 am, dad gives on school days only", "Methylphenidate 36 mg is given by his father in the morning."),
    ("naltrexone to discuss w/ Dr. Anand", "Naltrexone has not been started and will be discussed with Dr. Anand."),
    ("mom d. 3 yrs ago, dad d. last spring", "Her mother died three years ago and her father last spring."),
    ("session 5 or 6 will be last", "The fifth or sixth session will be the last."),
    ("YGTSS 24 (33 at sess 1)", "YGTSS score fell from 33 in session 1 to 24."),
    ("works nights M-Th, off Fri-Sun", "He works nights from Monday to Thursday."),
    ("q2wk x3, Fern may join last one", "Three further sessions at two-week intervals are planned."),
    ("IBS flare 3 of past 14 days (was 9/14)", "IBS flared on three of the past fourteen days, compared with nine."),
    ("yawned a lot", "Client yawned frequently."),
    ("5 wks sober, goal 90 days", "He has been sober for five weeks, with a goal of 90 days."),
]  # fmt: skip


def found(typed: str, statement: str) -> set[str]:
    return {flaw.rule for flaw in Checker([Point(1, typed)]).flaws(statement, [1])}


@pytest.mark.parametrize(("typed", "statement", "rule"), WRONG)
def test_what_belongs_to_something_else_is_found(typed: str, statement: str, rule: str) -> None:
    assert rule in found(typed, statement)


@pytest.mark.parametrize(("typed", "statement"), RIGHT)
def test_a_faithful_figure_is_left_alone(typed: str, statement: str) -> None:
    figures = {
        "count",
        "rate",
        "share",
        "often",
        "dose",
        "drug",
        "weekday",
        "clock",
        "named",
        "dosing",
        "occasion",
        "score",
    }
    assert not found(typed, statement) & (RULES | figures)
