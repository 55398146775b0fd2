"""Statements that turn round what the points say, and faithful ones that only look so."""

import pytest

from bot.domain.statements import Point
from bot.domain.support import Kind
from bot.drafting.checker.analysis import analyse
from bot.drafting.checker.evidence import Evidence
from bot.drafting.checker.turned import check
from bot.drafting.support import Checker

FAITHFUL = [
    ("meds: no changes, tolerating well", "Medications continue as before and are tolerated well."),
    ("no trouble falling asleep this wk", "Client fell asleep easily this week."),
    ("no issues w/ appetite", "Appetite is fine."),
    ("no missed doses of lithium", "All doses of lithium were taken."),
    ("never missed a group", "Client attended every group."),
    ("hasn't called his brother yet, will this wk", "He plans to call his brother this week."),
    ("not started the journal yet - will start mon", "Client will start the journal on Monday."),
    ("didn't sleep much, 4h", "Client slept four hours."),
    ("doesn't take the hydroxyzine every night", "Client takes hydroxyzine on some nights."),
    ("couldn't stop laughing at the story", "Client laughed at the story."),
    ("couldn't sleep without the tv on", "Client slept with the television on."),
    ("no homework besides the walk", "The walk was assigned as homework."),
    ("did not cry until the end", "Client cried at the end."),
    ("not sure if she wants to move in w/ him", "Client is ambivalent about moving in with him."),
    ("doesn't mind driving again", "Client is comfortable driving again."),
    ("worksheet at home", "Client did not bring the worksheet."),
    ("too tired to cook all wk", "Client did not cook this week."),
    ("was going to text her ex, went for a walk", "Client did not text her ex."),
    ("sleep ok, appetite ok", "No problems with sleep or appetite were reported."),
    ("good eye contact", "Client did not avoid eye contact."),
    ("tempted to drink at the wedding, had seltzer", "Client did not drink at the wedding."),
    ("left worksheet in the car", "The worksheet was not brought in."),
    ("no gaps in attendance", "Client attended consistently."),
    ("refused to take the bus", "Client did not take the bus."),
    ("kept the secret from his wife", "Client has not told his wife."),
    ("skipped lunch 3x", "Client did not eat lunch on three days."),
    ("came back to group after the break", "Client returned to group after the break."),
    ("she arrived ten min late", "Client was not on time, arriving ten minutes late."),
    ("no contact w/ ex since June", "Client has had no contact with her ex since June."),
    ("declined the referral to psychiatry", "Client did not accept the referral to psychiatry."),
    ("w/out prompting he named two skills", "He named two skills unprompted."),
    ("didn't do the log, lost it", "The log was not completed as it was lost."),
    ("doesn't think the meds help", "Client believes the medication is unhelpful."),
    ("no drinking on weekdays, 2 beers sat", "Client drank two beers on Saturday and none on weekdays."),
    ("no nightmares tues-thurs, 1 nightmare fri", "Client had one nightmare on Friday."),
    ("not eating lunch, eats dinner w/ kids", "Client eats dinner with the children."),
    ("mom not in session, dad joined", "Father joined the session."),
    ("didn't want to talk about the funeral but did for 10 min", "Client talked about the funeral for ten minutes."),
    ("no longer sees the ex", "Client has stopped seeing the ex."),
    ("wasn't able to finish the chain analysis", "The chain analysis remained unfinished."),
    ("not drinking, 40 days", "Client has been abstinent for 40 days."),
    ("no tears, voice flat", "Affect was flat, without tears."),
    ("asked her not to call the ex, she agreed", "She agreed not to call the ex."),
    ("no cutting since 3/1", "Client last cut before March 1."),
    ("hasn't had a panic attack in 2 wks", "Client has been free of panic attacks for two weeks."),
    ("not only finished the log but added a column", "Client finished the log and added a column."),
    ("T: no, he didn't hit me. he threw a cup", "Client reported that he threw a cup."),
    ("can't remember the dream", "Client could not recall the dream."),
    ("only talked w/ sister, not mom", "Client talked with her sister but not her mother."),
    ("wore mask, didn't wash after", "Client refrained from washing afterwards."),
    ("told boss she needs the day off", "Client informed her boss that she needs the day off."),
    ("session by phone", "The session was held by telephone."),
    ("wants to quit vaping, hasn't", "Client wants to quit vaping."),
    ("partner didn't know about the debt, she told him sunday", "On Sunday she told her partner about the debt."),
    ("late for work 2x, on time today", "Client was on time today."),
    ("no SI/HI", "No suicidal or homicidal ideation."),
    ("did not finish the roleplay, we will pick it up next wk", "The roleplay will be finished next week."),
    ("group: J. stayed after, K. left early", "J. stayed after group."),
    ("ct late 10 min bus, apologized", "Client came ten minutes late because of the bus and apologized."),
    ("mom doesn't want him on meds", "Mother objects to medication."),
    ("mom doesn't want him on meds", "Mother would prefer that he take no medication."),
    ("didnt do hw - forgot the sheet at work", "Homework was not done because the sheet had been forgotten at work."),
    ("slept ok no NMs", "Sleep was adequate without nightmares."),
    ("off zoloft x 2mo, no w/d", "Client has been off sertraline for two months without withdrawal."),
    ("not suicidal, tired of being in pain", "Client is tired of being in pain and is not suicidal."),
    ("feels guilty for not visiting dad", "Client feels guilty about not visiting her father."),
    ("she can't say no to her boss", "Client has difficulty saying no to her boss."),
    ("worries she won't pass the bar", "Client worries that she will fail the bar."),
    ("worries she won't pass the bar", "Client is worried about passing the bar exam."),
    (
        "didn't like the mindfulness exercise, tried it twice",
        "Client tried the mindfulness exercise twice and disliked it.",
    ),
    ("no one at work knows about the dx", "Client has not told anyone at work about the diagnosis."),
    ("husband came in for last 10 min", "Husband joined for the last ten minutes."),
    ("dx unchanged, no new sx", "Diagnosis remains the same; no new symptoms."),
    ("never been hospitalized", "Client has no history of hospitalization."),
    (
        "didn't get to the thought record, spent the hr on the breakup",
        "The hour was spent on the breakup; the thought record was not reached.",
    ),
    ("could not tolerate the imaginal past 10 min", "Client tolerated ten minutes of imaginal exposure."),
    ("not as anxious at work", "Client is less anxious at work."),
    ("less irritable, not snapping at kids", "Client is less irritable and no longer snaps at the children."),
    ("C: I didn't run this time, I stayed", "Client stayed this time."),
    ("told bf no for the 1st time", "Client told her boyfriend no for the first time."),
    ("no energy, not eating much", "Client has low energy and eats little."),
    ("refused labs last mo, agreed today", "Client agreed to laboratory tests today."),
    ("hasn't missed a dose in 3 wks", "Client has taken every dose for three weeks."),
    ("not much contact w/ dad", "Contact with her father is limited."),
    ("no contact w/ dad other than birthday card", "Her only contact with her father was a birthday card."),
    ("no shows x2 in Sept, here on time today", "Client arrived on time today after two missed visits in September."),
    ("asked pt not to drive after the new dose", "Client was asked not to drive after the new dose."),
    ("w/o meds he can't focus", "He is unable to focus without medication."),
    ("she stopped checking his phone", "Client no longer checks his phone."),
    ("still not sleeping", "Sleep remains poor."),
    ("neither parent had noticed the cuts", "The cuts had gone unnoticed by both parents."),
    ("does not want the group, ok w/ individual", "Client prefers individual sessions to the group."),
    (
        "wouldn't look at me at first, by the end eye contact ok",
        "Eye contact was poor at first and adequate by the end.",
    ),
    ("no alcohol since the DUI", "Client has abstained from alcohol since the DUI."),
    ("avoided the mall all wk", "Client did not go to the mall this week."),
    ("broke up w/ J, not sad", "Client ended the relationship with J. and does not feel sad."),
    ("hw: no phone in bed", "Client will keep the phone out of bed."),
    ("hw: no phone in bed", "For homework client will leave the phone outside the bedroom."),
    ("goal: speak up 1x/wk, not met yet", "The goal of speaking up once a week is still unmet."),
    ("can't do thurs, moved to fri", "The appointment was moved to Friday."),
    (
        "kids don't know about the separation yet, telling them sat",
        "The children will be told about the separation on Saturday.",
    ),
    ("no panic this week, 2 last week", "Client had two panic attacks last week and none this week."),
    ("no anger outbursts but yelled once", "Client yelled once."),
    ("denies any use", "Client denied substance use."),
    ("I didn't push", "Clinician did not press further."),
    ("ct chose not to call the hotline", "Client decided against calling the hotline."),
    ("ate 2 meals/d, no bingeing", "Client ate two meals a day and did not binge."),
    ("she didn't yell, walked away instead", "She walked away rather than yelling."),
    ("not seeing psychiatrist until feb", "Client will see the psychiatrist in February."),
    ("nothing new w/ the court case", "The court case is unchanged."),
    ("no weapons in home per mom", "According to the mother there are no weapons in the home."),
    ("did 3 of 5 logs, not the weekend", "Logs were completed on three weekdays."),
    ("tried the new route, didn't like it, will try again", "Client will try the new route again."),
    ("doesn't believe she deserves rest", "Client believes she is undeserving of rest."),
    ("can't afford group", "Client cannot afford the group."),
    ("lost 4 lb, not trying", "Client lost four pounds without trying."),
    ("safety plan reviewed, no changes", "The safety plan was reviewed and left unchanged."),
]

TURNED = [
    ("meds: no side effects", "Client reported side effects."),
    ("did not call the school", "Client called the school."),
    ("called the school on tues", "Client did not call the school."),
    ("finished the exposure hierarchy", "Client refused to finish the exposure hierarchy."),
    ("no tears", "Client was in tears."),
    ("told her sister about the pregnancy", "Client concealed the pregnancy from her sister."),
    ("wife does not know abt the layoff", "His wife knows about the layoff."),
    ("came late, 15 min", "Client arrived on time."),
    ("fee waived for today", "Client was charged the fee for today."),
    ("stayed in the room thru the whole fight", "Client left the room during the fight."),
    ("threw out the pills w/ sponsor", "Client kept the pills."),
    ("refused the breathing exercise", "Client agreed to the breathing exercise."),
    ("did not bring the diary card", "Client brought the diary card."),
    ("diary card done 7/7", "Client did not complete the diary card."),
    ("urges to purge x3, no purging", "Client purged."),
    ("read the letter aloud", "Client was unable to read the letter aloud."),
    ("hasn't told mom about the grade", "Client told her mother about the grade."),
    ("will not send the email", "Client will send the email."),
    ("mom on the phone, dad absent", "Father attended."),
    ("slept thru w/out the pills", "Client slept with the pills."),
    ("drove on the highway alone, no panic", "Client panicked on the highway."),
    ("the boss approved the leave", "The leave was not approved."),
    ("tox screen neg for cocaine", "The toxicology screen was positive for cocaine."),
    ("no longer checks the stove", "Client still checks the stove."),
    ("he still checks the stove 3x", "Client no longer checks the stove."),
    ("never hit the dog", "Client hit the dog."),
    ("liked the worksheet", "Client disliked the worksheet."),
    ("remembered the coping card", "Client forgot the coping card."),
    ("camera off the whole time", "Client kept the camera on."),
    ("none of the kids were told", "The children were told."),
    ("took the bus alone", "Client did not take the bus alone."),
    ("lorazepam: took none this wk", "Client took lorazepam this week."),
    ("no purging, no laxatives", "Client purged."),
    ("Xanax: none taken since May", "Client is taking Xanax."),
    ("no side effects from lexapro", "Client has side effects from escitalopram."),
    ("stayed for the whole exposure", "Client left the exposure early."),
    ("did not touch the pile of mail", "Client sorted the pile of mail."),
    ("dad agreed to therapy", "Father refused therapy."),
    ("dad refused therapy", "Father agreed to therapy."),
    ("said yes to the job", "Client declined the job."),
    ("mom knows about the girlfriend", "Client has not told her mother about the girlfriend."),
    ("cried reading the letter", "Client did not cry while reading the letter."),
    ("slept w/out nightmares", "Client had nightmares."),
    ("no guns at home", "There are guns in the home."),
    ("hasn't met the new baby", "Client met the new baby."),
    ("would not sign the ROI", "Client signed the release of information."),
    ("signed the ROI for school", "Client would not sign the release for the school."),
    ("used the coping card twice", "Client did not use the coping card."),
    ("teacher was not told abt the dx", "The teacher was told about the diagnosis."),
    ("took seroquel every night", "Client skipped quetiapine."),
    ("boss denied the leave", "The leave was approved by the boss."),
    ("ate lunch at school all wk", "Client skipped lunch at school all week."),
    ("didn't say goodbye to his dog", "Client said goodbye to his dog."),
    ("roleplay refused", "Client took part in the roleplay."),
    ("no eye contact", "Client made eye contact."),
    ("brother called 2x", "Her brother did not call."),
    ("no interpreter needed", "An interpreter was needed."),
    ("wore the mask the whole flight", "Client did not wear the mask on the flight."),
    ("lights on during the imaginal", "The lights were off during imaginal exposure."),
]


def rules(typed: str, statement: str) -> list[str]:
    return [flaw.rule for flaw in check(analyse(statement), Evidence([analyse(typed)]))]


@pytest.mark.parametrize(("typed", "statement"), FAITHFUL)
def test_a_faithful_statement_turns_nothing_round(typed: str, statement: str) -> None:
    assert rules(typed, statement) == []


@pytest.mark.parametrize(("typed", "statement"), TURNED)
def test_the_opposite_is_found(typed: str, statement: str) -> None:
    assert rules(typed, statement)


def test_a_word_found_elsewhere_does_not_excuse_what_the_cited_point_denies() -> None:
    points = [Point(1, "did not call the school"), Point(2, "mom will call the school tmrw, called the dentist")]
    answer = Checker(points).check("Client called the school.", [1])
    assert (answer.kind, answer.sources) == (Kind.NEGATION, (1,))


def test_a_risk_told_where_it_was_denied_is_named_as_risk() -> None:
    flaws = list(check(analyse("Client reported self-harm."), Evidence([analyse("no self-harm this wk, asked")])))
    assert [flaw.kind for flaw in flaws] == [Kind.RISK_ADDED]


def test_no_points_turn_nothing_round() -> None:
    assert list(check(analyse("Client did not call."), Evidence([]))) == []
