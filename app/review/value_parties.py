"""Who a contract is between: companies by their form, and the names given in quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.review.value_places import US_STATES
from app.review.value_reading import Reading, Readings

_STRONG = {
    *[
        "inc",
        "incorporated",
        "llc",
        "ltd",
        "corp",
        "lp",
        "llp",
        "lllp",
        "gmbh",
        "plc",
        "srl",
        "sarl",
        "spa",
        "bv",
        "nv",
        "ag",
        "ab",
        "pty",
        "kg",
        "oy",
        "kk",
    ],
    *["n.a", "s.a", "co"],
}
"""Forms that end a name; those of ``_POINTED`` only with full stops, of ``_CAPITAL`` only in capitals."""
_POINTED = {"co", "n.a", "s.a"}
_CAPITAL = {"lp", "llp", "bv", "nv", "ag", "ab", "kg", "kk"}
_WEAK = {"limited", "company", "corporation", "trust", "bank", "university", "association", "partnership"}
"""Forms that may also stand inside a longer name."""
_CUTS = {
    "between",
    "by",
    "among",
    "amongst",
    "with",
    "whereas",
    "agreement",
    "amendment",
    "contract",
    "dated",
    "from",
    "this",
    "that",
    "these",
    "those",
    "into",
    "entered",
    "is",
    "are",
    "made",
    "as",
    "date",
    "whereby",
    "hereby",
    "if",
    "when",
    "each",
    "any",
    "such",
    "all",
    "either",
    "neither",
    "both",
    "for",
    "to",
    "in",
    "on",
    "at",
    "under",
    "witnesseth",
    "exhibit",
    "article",
    "section",
    "schedule",
    "shares",
    "director",
    "president",
    "officer",
    "secretary",
    "chairman",
    "attorney-in-fact",
    "requested",
    "attest",
    "recitals",
}
"""Words, in capitals or not, that no name goes on across."""
_LINKS = {"of", "and", "the", "&", "de", "du", "la", "der", "und", "y"}
_GENERIC = {
    "the",
    "a",
    "an",
    "our",
    "its",
    "their",
    "said",
    "parent",
    "holding",
    "holdings",
    "public",
    "private",
    "national",
    "operating",
    "insurance",
    "liability",
    "joint",
    "stock",
    "general",
    "limited",
    "trust",
    "company",
    "corporation",
    "bank",
    "association",
    "university",
    "partnership",
    "party",
    "parties",
    "borrower",
    "lender",
    "seller",
    "buyer",
    "purchaser",
    "issuer",
    "owner",
    "servicer",
    "administrator",
    "adviser",
    "advisor",
    "manager",
    "distributor",
    "supplier",
    "licensee",
    "licensor",
    "franchisor",
    "franchisee",
    "customer",
    "client",
    "consultant",
    "contractor",
    "affiliated",
    "affiliate",
    "subsidiary",
    "member",
    "managing",
    "state",
    "new",
    "of",
    "and",
    "&",
    "or",
    "other",
    "delaware-based",
    "successor",
    "surviving",
    "depositor",
    "investment",
    "property",
    "grantor",
    "trustee",
    "indenture",
}
_PARAGRAPH = re.compile(r"\n\s*\n|\f")
_INITIAL = re.compile(r"[A-Z]\.|[IVX]{2,}\.?")
_NUMBER = re.compile(r"\d{4,}[.,]?|\d+[./-][\d./-]*")
_TOKEN = re.compile(r"[\w&][\w&.'’/-]*|[^\s\w]")
_DEFINED = re.compile(r"\(\s*[^()]{0,80}?[\"“](?P<name>[^\"”()]{2,60})[\"”][^()]{0,60}\)")
_QUOTED = re.compile(r"[\"“](?P<name>[^\"”]{2,60})[\"”]")
_NO_PARTY = re.compile(
    r"(?:.*\b)?(?:agreements?|date|part(?:y|ies)|term|territory|period|services?|products?|notice|act|fees?|"
    r"contract|amendment|plan|software|property)[.,]?",
    re.IGNORECASE | re.DOTALL,
)
_STATE_FIRST = re.compile(rf"(?:state\s+of\s+)?(?:{'|'.join(US_STATES)})\b", re.IGNORECASE)
_MOST_TOKENS = 14

Tokens = Sequence[re.Match[str]]


def parties(text: str) -> Readings:
    """Names, companies first; one value each."""
    tokens = list(_TOKEN.finditer(text))
    for first, last in _runs(text, tokens):
        name = _name(text, tokens, first, last)
        if name is not None:
            start, end = tokens[name[0]].start(), _end(tokens[name[1]])
            shown = " ".join(text[start:end].split())
            yield Reading(shown, shown, start, end, 1.0)
    for outer in _DEFINED.finditer(text):
        for found in _QUOTED.finditer(text, outer.start(), outer.end()):
            name = " ".join(found["name"].split())
            if name and not _NO_PARTY.fullmatch(name):
                start = found.end("name") - len(found["name"].lstrip())
                yield Reading(name, name, start, start + len(found["name"].strip()), 0.5)


def _form(token: str) -> str | None:
    """ "strong", "weak" or none."""
    bare = token.casefold().rstrip(".")
    plain = bare if bare in _POINTED else bare.replace(".", "")
    if plain in _WEAK and token[0].isupper() and not token.endswith(("'", "’")):
        return "weak"
    if plain not in _STRONG or (plain in _POINTED and not token.endswith(".") and plain != "n.a"):
        return None
    if plain in _CAPITAL and not token.isupper():
        return None
    return "strong"


def _end(token: re.Match[str]) -> int:
    """Without the full stop of the sentence; "Inc." keeps its own."""
    text = token[0]
    bare = text.rstrip(".")
    own = "." in bare or bare.casefold() in {"inc", "ltd", "corp", "co", "pty", "l.p"}
    return token.start() + (len(bare) + (1 if own and text.endswith(".") else 0))


def _runs(text: str, tokens: Tokens) -> list[tuple[int, int]]:
    """First and last tokens of stretches that may be a name, each ended by its form."""
    found: list[tuple[int, int]] = []
    first = last = -1  # of the stretch, and its latest form
    index = 0
    while index < len(tokens):
        token = tokens[index][0]
        form = _form(token)
        following = _at(tokens, index + 1)
        if first >= 0 and _PARAGRAPH.search(text, tokens[index - 1].end(), tokens[index].start()):
            if last > first:
                found.append((first, last))
            first = last = -1
        if form and first >= 0:
            last = index
        named = (_begins_a_name(token) or token[0].isdigit()) and not _cuts(token)
        inside = first >= 0 and (token.casefold() in _LINKS or bool(form))
        comma = token == "," and first >= 0 and bool(_form(following))
        paren = _parenthesised(tokens, index) if token == "(" and first >= 0 else 0
        ended = token.casefold() == "and" and _parts(tokens, index)
        ended = ended or (form == "strong" and not (_form(following) or following == ","))
        ended = ended or (form == "strong" and following == "," and not _form(_at(tokens, index + 2)))
        if not (named or inside or comma or paren) or ended:
            if first >= 0 and last > first:
                found.append((first, last))
            first = last = -1
        elif first < 0:
            first = index
        index += paren or 1
    if first >= 0 and last > first:
        found.append((first, last))
    return found


def _begins_a_name(token: str) -> bool:
    """With a capital, or as "iBio" and "eBay" do."""
    return token[0].isupper() or (token[0].islower() and token[1:2].isupper())


def _cuts(token: str) -> bool:
    """Whether no name goes on across this word: as a preposition, a year, the end of a sentence."""
    if token.casefold() in _CUTS or _NUMBER.fullmatch(token):
        return True
    return token.endswith(".") and len(token) > 5 and _form(token) is None and "." not in token[:-1]


def _parts(tokens: Tokens, index: int) -> bool:
    """Whether an "and" after a form stands between two names; not so in "First Bank and Trust Company"."""
    before = tokens[index - 1][0] if index else ""
    after = _at(tokens, index + 1).casefold()
    inside = before.casefold() in {"bank", "trust"} and after in {"trust", "savings", "company"}
    return bool(before) and _form(before) is not None and not inside


def _at(tokens: Tokens, index: int) -> str:
    return tokens[index][0] if index < len(tokens) else ""


def _parenthesised(tokens: Tokens, index: int) -> int:
    """How many tokens a "(Tianjin)" inside a name takes; none where no capital follows it."""
    inner, closing, after = (_at(tokens, index + n) for n in (1, 2, 3))
    return 3 if inner[:1].isupper() and closing == ")" and after[:1].isupper() else 0


def _name(text: str, tokens: Tokens, first: int, last: int) -> tuple[int, int] | None:
    """The stretch without what is not of the name; none where too little is left or it is not sure."""
    before = tokens[first - 1][0].casefold() if first else ""
    ands = [i for i in range(first, last) if tokens[i][0].casefold() == "and"]
    if ands and before in {"between", "among"} and not _another_and(text, tokens[last].end()):
        first = ands[0] + 1  # "between John Smith and Acme Corp."
        before = "and"
    for i in ands:
        left = all(token[0].casefold() in _GENERIC for token in tokens[first:i])
        if first <= i and (left or tokens[i + 1][0].casefold() == "the"):
            first = i + 1  # "Depositor and Cellco Partnership", "Acme and the Company"
    while first < last and tokens[first][0].casefold() in {*_LINKS, ","} - {"the"}:
        first += 1
    if before == "," and _list_goes_on(tokens, first):
        return None
    if before in {"on", "in", "at", "to", "for"} and first > 1 and _goes_back(tokens, first):
        return None
    if (
        before in {"a", "an"}
        or tokens[first][0] in {"A", "An", "AN"}
        or last <= first
        or last - first > _MOST_TOKENS
    ):
        return None
    if tokens[last - 1][0].casefold() in {"of", "the", "and"}:
        return None
    state = _STATE_FIRST.match(text, tokens[first].start())
    own = [
        token[0]
        for token in tokens[first : last + 1]
        if token[0].isalnum() or len(token[0]) > 1
        if not (state and token.end() <= state.end())
        if token[0].casefold() not in _GENERIC and not _form(token[0]) and not _INITIAL.fullmatch(token[0])
    ]
    return (first, last) if own else None


def _another_and(text: str, end: int) -> bool:
    return re.search(r"\band\b", text[end : end + 300], re.IGNORECASE) is not None


def _goes_back(tokens: Tokens, first: int) -> bool:
    """Whether a name in capitals may hold the preposition that it was cut at, as "YOU ON DEMAND, INC."."""
    word = tokens[first - 2][0]
    return tokens[first - 1][0].isupper() and word[0].isupper() and not _cuts(word)


def _list_goes_on(tokens: Tokens, first: int) -> bool:
    """Whether the name may begin before its comma, as in "Pierce, Fenner & Smith Incorporated"."""
    return _at(tokens, first + 1) == "&" and first >= 2 and tokens[first - 2][0][0].isupper()
