"""The settings of `[adapter.<name>]` for a FHIR server, read and checked before anything is sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from adapters.about import REQUIRED, Setting
from adapters.fhir.client import Credentials, FhirClient, StaticToken
from adapters.fhir.people import PRACTITIONER
from adapters.fhir.profiles import PROFILES, Encounters, Profile
from adapters.fhir.resource import NOTE_SYSTEM
from adapters.fhir.smart import SmartToken, signing_key
from adapters.http import HttpClient, trusted_file, url_problem
from adapters.settings import SinkSettings

_MIB = 1 << 20
_ORGANIZATION = re.compile(r"(Organization/[A-Za-z0-9.-]{1,64})?")
_NOTHING: Mapping[str, str] = {}
_SUBJECT = ("patient", "identifier")
_ENCOUNTER = ("auto", "off", "use", "require")
_SCOPE = "system/DocumentReference.crus system/Patient.rs system/Practitioner.rs system/Encounter.rs"
_APPOINTMENTS = "system/Appointment.rs"
_LOINC = re.compile(r"\d{1,7}-\d")
SETTINGS = (
    Setting("base_url", "the address of the FHIR R4 server, up to before /metadata", REQUIRED),
    Setting("profile", "what kind of server it is", "generic", tuple(PROFILES)),
    Setting("files", "which files to send as attachments, the one that is read first in front", ("txt", "pdf")),
    Setting("subject", "how the client is named: look a Patient up, or send the identifier", "patient", _SUBJECT),
    Setting("patient_system", "the system of the Patient identifier that holds the client code", REQUIRED),
    Setting("note_system", "the system of the identifier that each document gets", NOTE_SYSTEM),
    Setting("practitioners", "person id → Practitioner/ID, PractitionerRole/ID or system|value", _NOTHING),
    Setting("custodian", "Organization/ID of the practice on that server, when it is wanted there"),
    Setting("types", "format id → LOINC codes by blanks, where they differ from the format's own", _NOTHING),
    Setting("encounter", "the visit in the chart; auto: as the profile needs it", "auto", _ENCOUNTER),
    Setting("auth", "how requests are allowed", "smart", ("smart", "token", "none")),
    Setting("client_id", "smart: the client as registered there"),
    Setting("scope", "smart: what to ask for", _SCOPE),
    Setting("key_id", "smart: the id (kid) under which the public key is registered; a JWK brings its own"),
    Setting("token_url", "smart: the token endpoint, when the server does not announce it"),
    Setting("private_key", "smart: the private key, PEM with \\n for line ends, or JWK", secret=True),
    Setting("token", "token: the bearer token", secret=True),
    Setting("provenance", "also record author and software as a Provenance, as far as the server takes it", False),
    Setting("suggest_clients", "offer the server's client codes while a code is typed", False),
    Setting("import_sessions", "offer the server's appointments and visits as the clinicians' sessions", False),
    Setting("largest_attachment", "bytes; a larger file is not sent", 5 * _MIB),
    Setting("timeout_seconds", "how long one call may take", 20),
    Setting("ca_file", "PEM file of the authority of the server's certificate, when it is not a public one"),
)


@dataclass(frozen=True, slots=True)
class Options:
    """What was chosen, without secrets."""

    profile: Profile
    files: Sequence[str]
    subject: Literal["patient", "identifier"]
    patient_system: str
    note_system: str
    practitioners: Mapping[str, str]
    custodian: str
    types: Mapping[str, str]
    encounters: Encounters
    provenance: bool
    suggest_clients: bool
    import_sessions: bool
    largest: int


def read_options(settings: SinkSettings) -> Options:
    """The settings that say what is sent. Raises ValueError naming the key."""
    profile = PROFILES[settings.text("profile")]
    encounter = settings.text("encounter")
    options = Options(
        profile=profile,
        files=_files(settings, profile),
        subject=cast(Literal["patient", "identifier"], settings.text("subject")),
        patient_system=_system(settings, "patient_system"),
        note_system=_system(settings, "note_system"),
        practitioners=_practitioners(settings, profile),
        custodian=settings.text("custodian"),
        types=settings.table("types"),
        encounters=profile.encounter if encounter == "auto" else cast(Encounters, encounter),
        provenance=settings.flag("provenance") and profile.provenance,
        suggest_clients=settings.flag("suggest_clients"),
        import_sessions=settings.flag("import_sessions"),
        largest=settings.number("largest_attachment"),
    )
    _check(settings, options)
    return options


def open_client(settings: SinkSettings, home: Path) -> FhirClient:
    """The connection, without touching the network. Raises ValueError naming the key or the variable."""
    base, timeout = settings.text("base_url"), settings.number("timeout_seconds")
    for key in ("base_url", "token_url"):
        if settings.text(key) and (words := url_problem(settings.text(key))):
            raise settings.problem(key, words)
    if "?" in base or "#" in base:
        raise settings.problem("base_url", "must end before any “?” or “#”")
    if not timeout:
        raise settings.problem("timeout_seconds", "must be 1 or more")
    make = {"none": _nothing, "token": _static, "smart": _smart}[settings.text("auth")]
    http = HttpClient("fhir", timeout=timeout, ca_file=trusted_file(settings, home))
    return FhirClient(base, http, make(settings, http), timeout)


def _nothing(settings: SinkSettings, http: HttpClient) -> Credentials:
    return StaticToken()


def _static(settings: SinkSettings, http: HttpClient) -> Credentials:
    token = _secret(settings, "token")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise settings.problem("token", "must be one word of ASCII letters, without “Bearer”")
    return StaticToken(token)


def _smart(settings: SinkSettings, http: HttpClient) -> Credentials:
    if not settings.text("client_id"):
        raise settings.problem("client_id", 'must be given with auth = "smart"')
    try:
        key = signing_key(_secret(settings, "private_key"), settings.text("key_id"))
    except ValueError as error:
        text = str(error)
        raise (error if text.startswith("AFTERNOTE_") else settings.problem("private_key", text)) from None
    return SmartToken(
        settings.text("base_url"),
        http,
        client_id=settings.text("client_id"),
        scope=_scope(settings),
        key=key,
        token_url=settings.text("token_url"),
        timeout=settings.number("timeout_seconds"),
    )


def _scope(settings: SinkSettings) -> str:
    """What to ask for. The usual scopes grow with what is used; those that somebody wrote down are left alone."""
    scope = settings.text("scope")
    return f"{scope} {_APPOINTMENTS}" if scope == _SCOPE and settings.flag("import_sessions") else scope


def _secret(settings: SinkSettings, key: str) -> str:
    secret = settings.secret(key)
    value = secret.reveal().strip() if secret else ""
    if not value:
        raise settings.problem(key, f'must be set with auth = "{settings.text("auth")}"')
    return value


def _files(settings: SinkSettings, profile: Profile) -> Sequence[str]:
    """As many as the server keeps, the first ones."""
    files = tuple(dict.fromkeys(settings.texts("files")))[: profile.attachments]
    wrong = [kind for kind in files if kind not in profile.kinds]
    if wrong or not files:
        raise settings.problem("files", f"a {profile.name} server takes {', '.join(profile.kinds)}")
    return files


def _system(settings: SinkSettings, key: str) -> str:
    system = settings.text(key)
    if ":" not in system or any(character.isspace() for character in system):
        raise settings.problem(key, "must be a URI, e.g. urn:oid:1.2.3 or https://practice.example/clients")
    return system


def _practitioners(settings: SinkSettings, profile: Profile) -> Mapping[str, str]:
    table = settings.table("practitioners")
    for person, known in table.items():
        system, _, value = known.rpartition("|")
        if not PRACTITIONER.fullmatch(known) and not (":" in system and value):
            raise settings.problem("practitioners", f"{person}: must be Practitioner/ID or system|value")
    return table


def _check(settings: SinkSettings, options: Options) -> None:
    """What must fit together."""
    if options.subject == "identifier" and options.profile.search == "patient":
        raise settings.problem("subject", f"a {options.profile.name} server wants a Patient that is looked up")
    if options.subject == "identifier" and options.encounters == "require":
        raise settings.problem("encounter", 'cannot be required with subject = "identifier"')
    if not _ORGANIZATION.fullmatch(options.custodian):
        raise settings.problem("custodian", "must be Organization/ID")
    for format_id, codes in options.types.items():
        if not all(_LOINC.fullmatch(code) for code in codes.replace(",", " ").split()):
            raise settings.problem("types", f"{format_id}: must be LOINC codes, e.g. 34904-3 11506-3")
    if not options.largest:
        raise settings.problem("largest_attachment", "must be 1 or more")
