"""The rules for personal data that has a form. How they are used: tools.guard.pii.patterns.

Every pattern takes linear time: repeats are possessive or bounded, and what may begin one is looked at first.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from tools.guard.pii import checksums as sums
from tools.guard.pii.found import Type

NEAR = 60
"""Characters before a number in which a word may say what it is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern; `holds` says of the match without separators whether it is one, `near` which word must precede (in as
    many characters as `reach` says), `size` how many of its characters count.

    score: with a check or with its word; without the word, and where no check can tell, it is not found at all.
    """

    name: str
    type: Type
    pattern: re.Pattern[str]
    score: float
    holds: Callable[[str], bool] | None = None
    near: re.Pattern[str] | None = None
    size: Callable[[str], int] | None = None
    reach: int = NEAR


def _words(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE)


def _number(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.+-])(?:{pattern})(?![\w-]|\.\w)", re.IGNORECASE)


def _card(digits: str) -> bool:
    return 12 <= len(digits) <= 19 and sums.luhn(digits) and len(set(digits)) > 1


def _iban(text: str) -> bool:
    return len(text) == IBANS.get(text[:2].upper(), 0) and sums.mod97(text)


def _iban_size(text: str) -> int:
    """Without the words that follow: as many letters and digits as the country's have."""
    places = [at for at, sign in enumerate(text) if sign.isalnum()]
    size = IBANS.get(text[:2].upper(), 0)
    return places[size - 1] + 1 if 0 < size <= len(places) else 0


def _ip(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def _digits(size: int, check: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda number: len(number) == size and number.isdigit() and check(number)


_IBANS = """
NO15 BE16 DK18 FI18 FO18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 XK20 MN20 CH21 CR22 HR21
LI21 LV21 BG22 BH22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 TL23 SO23 AD24 CZ24 ES24
MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 LY25 PT25 ST25 IS26 TR26 BI27 DJ27 FR27 GR27 IT27 MC27 MR27 SM27
AL28 AZ28 BY28 CY28 DO28 GT28 HU28 LB28 NI28 PL28 SV28 BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31
SC31 LC32 RU33
"""
IBANS = {entry[:2]: int(entry[2:]) for entry in _IBANS.split()}
"""Country and length (ISO 13616 registry)."""
_URL_END = r"""[^\s<>"'{}|\\^`\[\])(]"""
# fmt: off
RULES: tuple[Rule, ...] = (
    Rule(
        "email",
        "EMAIL",
        re.compile(r"(?<![\w.%+-])[\w.%+-]{1,64}+@(?:[^\W_](?:[\w-]{0,62}+)\.){1,8}[^\W\d_]{2,24}\b"),
        0.99,
    ),
    Rule("url", "URL", re.compile(rf"\b(?:https?|ftps?)://{_URL_END}{{1,2000}}+|\bwww\.{_URL_END}{{1,2000}}+", re.I), 0.98),
    Rule(
        "domain",
        "URL",
        re.compile(r"(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]{0,62}+)\.){1,4}(?:com|org|net|edu|gov|io|info|biz|dev|app|co\.uk|de|fr|eu|uk)\b(?:/[^\s<>\"')]{0,500}+)?(?![\w.]*@)", re.I),
        0.8,
    ),
    Rule("ipv4", "IP", _number(r"\d{1,3}+(?:\.\d{1,3}+){3}"), 0.97, _ip),
    Rule("ipv6", "IP", re.compile(r"(?<![\w:.])(?=[0-9a-f]{0,4}+:)(?:[0-9a-f]{0,4}+:){2,7}+(?:[0-9a-f]{1,4}|\d{1,3}(?:\.\d{1,3}){3})?(?![\w:])", re.I), 0.97, _ip),
    Rule("mac", "MAC", _number(r"[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}"), 0.9),
    Rule("iban", "IBAN", re.compile(r"(?<![\w.+-])[a-z]{2}\d{2}(?:[ -]?[a-z0-9]){11,30}+", re.I), 0.99, _iban, None, _iban_size),
    Rule("card", "CARD", _number(r"\d(?:[ -]?\d){11,18}+"), 0.98, _card),
    Rule("card near", "CARD", _number(r"\d(?:[ -]?\d){11,18}+"), 0.8, None, _words("card", "visa", "master", "amex", "cc")),
    Rule("ssn", "SSN", _number(r"\d{3}([- .])\d{2}\1\d{4}"), 0.95, sums.ssn),
    Rule("ssn near", "SSN", _number(r"\d{3}[- ]?\d{2}[- ]?\d{4}"), 0.95, None, _words("ssn", "social sec", "ss#")),
    Rule("cpf", "NATIONAL_ID", _number(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}"), 0.95, _digits(11, sums.cpf)),
    Rule("dni", "NATIONAL_ID", _number(r"[xyz\d]-?\d{7}-?[a-z]"), 0.95, lambda number: sums.dni(number.upper())),
    Rule("codice fiscale", "NATIONAL_ID", _number(r"[a-z]{6}\d{2}[a-ehlmprst]\d{2}[a-z]\d{3}[a-z]"), 0.97, lambda code: sums.codice_fiscale(code.upper())),
    Rule("nir", "NATIONAL_ID", _number(r"[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} ?\d{2}"), 0.97, _digits(15, sums.nir)),
    Rule("aadhaar", "NATIONAL_ID", _number(r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}"), 0.9, _digits(12, sums.verhoeff)),
    Rule("nino", "NATIONAL_ID", _number(r"(?!bg|gb|nk|kn|tn|nt|zz)[a-ceghj-prtw-z][a-ceghj-npr-tw-z] ?\d{2} ?\d{2} ?\d{2} ?[a-d]"), 0.95),
    Rule("pesel", "NATIONAL_ID", _number(r"\d{11}"), 0.9, sums.pesel, _words("pesel")),
    Rule("steuer-id", "NATIONAL_ID", _number(r"[1-9]\d(?: ?\d{3}){3}"), 0.9, _digits(11, sums.steuer_id), _words("steuer", "idnr", "tax id")),
    Rule("bsn", "NATIONAL_ID", _number(r"\d{9}"), 0.9, sums.bsn, _words("bsn", "burgerservice", "sofi")),
    Rule("nhs", "NATIONAL_ID", _number(r"\d{3}[ -]?\d{3}[ -]?\d{4}"), 0.95, _digits(10, sums.nhs), _words("nhs")),
    Rule("passport", "PASSPORT", _number(r"[a-z]{0,2}\d{6,9}"), 0.9, None, _words("passport", "reisepass", "passeport", "pasaporte")),
    Rule("licence", "NATIONAL_ID", _number(r"[a-z]{0,3}\d[a-z0-9-]{4,17}"), 0.85, None, _words("driver'?s? licen[cs]e", "driving licen[cs]e", "national id", "identity (?:card|number)", "id (?:number|card|no)", "tax(?:payer)? (?:id|number)", "itin", "personnummer", "insurance (?:number|no)", "member(?:ship)? (?:id|number)", "account (?:number|no)", "patient id", "employee id", "mrn")),
    Rule("date and time", "DATE", _number(r"(?:19|20)\d{2}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d{1,6})?Z?)?"), 0.9),
    Rule("date", "DATE", _number(r"\d{1,2}([/.-])\d{1,2}\1(?:19|20)?\d{2}|(?:19|20)\d{2}([/.])\d{1,2}\2\d{1,2}"), 0.9),
    Rule("month", "DATE", re.compile(r"\b(?:\d{1,2}(?:st|nd|rd|th)? (?:of )?)?(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?(?: \d{1,2}(?:st|nd|rd|th)?\b(?!:))?(?:,? (?:19|20)\d{2}\b)", re.I), 0.9),
    Rule("day and month", "DATE", re.compile(r"\b(?:\d{1,2}(?:st|nd|rd|th)? (?:of )?(?:january|february|march|april|may|june|july|august|september|october|november|december)|(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2}(?:st|nd|rd|th)?)\b", re.I), 0.85),
    Rule("weekday", "DATE", re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b", re.I), 0.8),
    Rule("year", "DATE", _number(r"(?:the )?(?:19|20)\d{2}s?"), 0.7, None, re.compile(r"\b(?:in|during|since|until|by|of|from|to|year|born|before|after|early|late|mid)(?: the)? $", re.I), reach=20),
    Rule("age", "AGE", re.compile(r"(?<![\w.])\d{1,3}(?=[ -]?(?:years?|yrs?|y/?o|months?)[ -]?(?:old|of age)?\b)(?![.,]\d)", re.I), 0.6, None, None),
    Rule("aged", "AGE", _number(r"\d{1,3}"), 0.85, None, re.compile(r"\b(?:aged?|age of|age is|age:|turn(?:ed|s|ing)?|i am|i'm|he is|she is|he's|she's|(?:my|his|her) age)(?: just)? $", re.I), reach=20),
    Rule("phone +", "PHONE", re.compile(r"(?<![\w+])\+\d(?:[ ./-]?\(?\d\)?){6,15}+(?: ?(?:x|ext\.?) ?\d{1,6})?(?![\w])", re.I), 0.95),
    Rule("phone 00", "PHONE", _number(r"00\d{1,3}[ ./-]\d(?:[ ./-]?\(?\d\)?){5,13}+(?: ?(?:x|ext\.?) ?\d{1,6})?"), 0.9),
    Rule("phone parts", "PHONE", re.compile(r"(?<![\w+./-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[ .-])\d{3}[ .-]\d{4}(?: ?(?:x|ext\.?) ?\d{1,6})?(?![\w-])", re.I), 0.9),
    Rule("phone near", "PHONE", re.compile(r"(?<![\w+./-])\(?\d(?:[ ./-]{0,2}\(?\d\)?){5,14}+(?: ?(?:x|ext\.?) ?\d{1,6})?(?![\w-])", re.I), 0.9, None, _words("phone", "tel", "mobile", "cell", "call", "fax", "(?:desk|office|home|work):", "dial", "reach (?:me|us|him|her|you|them)", "contact (?:me|us|him|her) (?:at|on)", "text me", "whatsapp", "sms", "hotline")),
    Rule("phone after", "PHONE", re.compile(r"(?<![\w+./-])\(?\d(?:[ ./-]?\(?\d\)?){5,14}+(?: ?x ?\d{1,6})?(?=,? \(?(?:office|fax|mobile|cell|home|work|desk|phone)\b)", re.I), 0.88),
    Rule("postcode by form", "ADDRESS", re.compile(r"(?<![\w-])(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d[A-Z] \d[A-Z]\d)(?![\w-])"), 0.86),
    Rule("postcode", "ADDRESS", _number(r"[a-z]{0,2}[- ]?\d{3,6}(?:[ -]\d{2,4})?(?: ?[a-z]{2})?|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|[a-z]\d[a-z] ?\d[a-z]\d"), 0.85, None, re.compile(r"\b(?:zip|postal|post|area)[ -]?codes?(?: is| was|:|,)*+ $|\b(?:zip|postcode|plz|cep)(?: is|:|,)*+ $", re.I)),
)
# fmt: on

DIGITS = {
    "ipv4": 4, "iban": 4, "card": 12, "card near": 12, "ssn": 9, "ssn near": 9, "cpf": 11, "dni": 7, "codice fiscale": 7,
    "nir": 15, "aadhaar": 12, "nino": 6, "pesel": 11, "steuer-id": 11, "bsn": 9, "nhs": 10, "passport": 6, "licence": 1,
    "date and time": 6, "date": 4, "month": 4, "day and month": 1, "year": 4, "age": 1, "aged": 1, "phone +": 7,
    "phone 00": 9, "phone parts": 10, "phone near": 6, "phone after": 6, "postcode": 2, "postcode by form": 2,
}  # fmt: skip
"""How many digits a match has at least; where fewer stand nothing is looked for."""
_MONTHS = "january february march april may june july august september october november december".split()
WORDS = {
    "licence": (
        "licen", "national id", "identity ", "id number", "id card", "id no", "tax", "itin", "personnummer", "insurance n",
        "member", "account n", "patient id", "employee id", "mrn",
    ),
    "month": tuple(month[:3] for month in _MONTHS),
    "day and month": tuple(_MONTHS),
    "age": ("year", "yr", "yo", "y/o", "month"),
    "aged": ("age", "turn", "i am", "i'm", "he is", "he's"),
    "phone near": (
        "phone", "tel", "mobile", "cell", "call", "fax", "desk:", "office:", "home:", "work:", "dial", "reach ", "contact ",
        "text me", "whatsapp", "sms", "hotline",
    ),
    "postcode": ("code", "zip", "plz", "cep"),
}  # fmt: skip
"""One of these stands in or before every match, in small letters; where none does the pattern is not tried."""
_END = 1 << 30
SIGNS: dict[str, tuple[tuple[str, ...], int, int]] = {
    "email": (("@",), 65, 600),
    "url": (("://", "www."), 6, 2_100),
    "domain": (
        (
            ".com",
            ".org",
            ".net",
            ".edu",
            ".gov",
            ".io",
            ".info",
            ".biz",
            ".dev",
            ".app",
            ".co.uk",
            ".de",
            ".fr",
            ".eu",
            ".uk",
        ),
        300,
        _END,
    ),
    "ipv6": ((":",), 10, _END),
    "mac": ((":", "-"), 10, 20),
    "weekday": (("nday", "sday", "iday", "rday"), 10, 10),
}
"""Of the rules that need no digit: signs of which one stands in every match, and characters before the first and from the
last one on that a match can reach."""
