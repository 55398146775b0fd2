"""Why a drafted statement is held out or marked, in words a clinician understands."""

from bot.domain.support import Doubt, Kind

_REASONS = {
    Kind.NUMBER: "A number that your summary does not give",
    Kind.DATE: "A day or date that your summary does not give",
    Kind.FREQUENCY: "How often or how long differs from your summary",
    Kind.NAME_RELATION: "A person that your summary does not name here",
    Kind.QUOTE: "Quoted words that are not in your summary",
    Kind.NEGATION: "Your summary says the opposite",
    Kind.MEDICATION: "A medication or dose that your summary does not give",
    Kind.DIAGNOSIS: "A diagnosis that you did not write",
    Kind.RISK_ADDED: "A risk that your summary does not mention",
    Kind.RISK_DENIAL: "A denial that your summary does not report",
    Kind.INTERVENTION: "An intervention that you did not write",
    Kind.HOMEWORK: "Homework or a plan that you did not write",
    Kind.AFFECT: "An affect or mental status that you did not write",
    Kind.PROGRESS_OVERCLAIM: "More progress than your summary says",
    Kind.ATTRIBUTION: "Your summary says that somebody else did or said it",
    Kind.CONTENT: "Something that is not in your summary",
}


def reason(doubt: Doubt) -> str:
    """One line, without any of the statement's own words."""
    return _REASONS[doubt.kind]
