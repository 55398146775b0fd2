"""Whether the audit log holds, and whether it agrees with the signed heads that the practice keeps elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from bot.domain.audit import ChainEnd, ChainRow, SignedHead
from bot.domain.audit_check import MOST_FINDINGS, ChainCheck, Finding, Trouble, Verdict, compare_heads
from bot.workflows.audit_rows import pages
from bot.workflows.desk import Desk

Genuine = Callable[[SignedHead], bool]
Heads = Mapping[str, SignedHead]


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict with what the heads say in it. `agreeing`: heads that were compared and fit, the earliest first."""

    verdict: Verdict
    agreeing: tuple[SignedHead, ...] = ()


async def verify_log(desk: Desk, heads: Heads, genuine: Genuine) -> Verified:
    """Look at every row, at the end's seal, and at signed heads by the names of their files."""
    async with desk.database.reading(desk.id) as unit:
        check = ChainCheck(desk.id, watched=[head.seq for head in heads.values()])
        async for rows in pages(unit):
            for row in rows:
                check.feed(row)
        verdict = check.verdict(await unit.audit.end())
        key = await unit.audit.public_key() if heads else ""
    return _judged(check, verdict, desk.id, heads, genuine, key)


def verify_rows(
    practice: str,
    rows: Iterable[ChainRow],
    heads: Heads,
    signature: Callable[[], tuple[str, SignedHead | None]],
    genuine: Genuine,
    key: str = "",
) -> Verified:
    """The same for rows that were exported: a part of the log, whose last row is signed.

    `signature` is asked when all rows were read, for its name and itself. `key`: the only public key that is believed;
    any, when it is empty.
    """
    check = ChainCheck(practice, 0, [head.seq for head in heads.values()])
    for row in rows:
        check.feed(row)
    name, signed = signature()
    if signed is None:
        return _judged(check, check.verdict(ended=False), practice, heads, genuine, key)
    believed = not _falsehood(signed, practice, genuine, key)
    end = ChainEnd(signed.seq, signed.hash, sealed=True) if believed else None
    return _judged(check, check.verdict(end, ended=believed), practice, {**heads, name: signed}, genuine, key)


def _judged(check: ChainCheck, verdict: Verdict, practice: str, heads: Heads, genuine: Genuine, key: str) -> Verified:
    false = {name: trouble for name, head in heads.items() if (trouble := _falsehood(head, practice, genuine, key))}
    true = {name: head for name, head in heads.items() if name not in false}
    found = [Finding(trouble, heads[name].seq, head=heads[name], name=name) for name, trouble in false.items()]
    found += [one for one in compare_heads(check, verdict, true) if not _is_told(one, verdict)]
    agreeing = [head for head in true.values() if check.seen.get(head.seq) == head.hash]
    room = max(0, MOST_FINDINGS - len(verdict.findings))
    judged = replace(
        verdict, findings=(*verdict.findings, *found[:room]), more=verdict.more + max(0, len(found) - room)
    )
    return Verified(judged, tuple(sorted(agreeing, key=lambda head: (head.seq, head.at))))


def _is_told(finding: Finding, verdict: Verdict) -> bool:
    """Whether the end that was kept apart tells the same already."""
    told = {Trouble.CUT: Trouble.WENT_BACK, Trouble.REHASHED: Trouble.OTHER_HASH}
    return any(
        told.get(one.trouble) is finding.trouble and finding.head and finding.head.seq == max(one.seq, one.last)
        for one in verdict.findings
    )


def _falsehood(head: SignedHead, practice: str, genuine: Genuine, key: str) -> Trouble | None:
    if not genuine(head):
        return Trouble.FORGED
    if head.practice != practice:
        return Trouble.OTHER_PRACTICE
    return Trouble.OTHER_KEY if key and head.public_key != key else None
