"""Text that speaks to a model rather than to a reader.

A warning for the analyst and no defence: paraphrases get past any list (see docs, "hostile documents").
What holds is that a model's answer can only point at sentences.
"""

from __future__ import annotations

import re

_BREAK = r"[\s\u00ad\u200b-\u200f\u2060]+"
_THEIRS = (
    r"(?:(?:any|of|the|those|other) ){0,3}(?:all|your|my|these|previous|prior|preceding|earlier|above|"
    r"foregoing|existing|former|system|original|initial) (?:\w+ ){0,3}?"
)
_ORDERS = r"(?:instructions?|prompts?|directions|directives|commands|guidelines|rules|programming|context)\b"
_MACHINE = (
    r"(?:(?:large )?language model|(?:ai|artificial intelligence)(?: language)?"
    r"(?: model| assistant| system| agent)?|llm|chat ?bot|chatgpt|gpt(?:-?\d\w*)?|virtual assistant|"
    r"helpful assistant|automated (?:reviewer|assistant))"
    r"(?:s|(?: (?:reviewer|reader|tool|assistant|system|agent)s?))?\b"
)
_SAYING = (
    r"(?:answer|respond|reply|say|state|report|output|return|conclude|classify|mark|rate|summari[sz]e)\b"
)

# each group is searched only on a page that holds one of its signs: a search for a literal costs far less
_TOLD_TO_FORGET = (
    rf"\b(?:ignore|disregard|forget|override|bypass|discard|(?:do not|don't|stop) follow(?:ing)?)"
    rf" (?:about )?{_THEIRS}{_ORDERS}",
    r"\b(?:ignore|disregard|forget) (?:everything|anything|all|what) (?:(?:that )?(?:you|i) |"
    r"(?:written |said )?(?:above|before|so far|up to now|previously))",
)
_TOLD_A_PROMPT = (
    r"\b(?:new|updated|revised|real|actual) (?:system )?(?:instructions|prompt) ?(?:for you ?)?: ?you\b",
    r"\b(?:do not|don't|never) (?:mention|reveal|disclose|tell|show) (?:this|these|the|any|any of these)"
    r" (?:hidden |secret )?(?:instructions?|prompts?|message) to (?:the |your )?"
    r"(?:user|reviewer|human|analyst)\b",
    r"\b(?:reveal|print|repeat|output|show|display) (?:me )?(?:your|the) (?:hidden |entire |full |initial )?"
    r"system (?:prompt|message|instructions)\b",
    r"\b(?:begin|end) system prompt\b",
)
_TOLD_WHO_IT_IS = (
    rf"\b(?:you are|you're|you act as|pretend to be|if you are|imagine you are) (?:now )?(?:a |an |the |my )?"
    rf"(?:\w+ ){{0,3}}?{_MACHINE}",
    rf"\b(?:as|being) (?:a |an |the )(?:\w+ ){{0,2}}?{_MACHINE},? (?:reading this ?,? ?)?"
    rf"(?:you |please |{_SAYING})",
    rf"\b(?:note|message|attention|instructions?|notice) (?:(?:to|for) )?(?:the |any |all |an |a )?"
    rf"(?:\w+ ){{0,2}}?{_MACHINE} ?[:,]",
    rf"\bto (?:the |any |all |every |an )?{_MACHINE}(?: \w+){{0,5}} ?[:,] ?(?:you |please |{_SAYING})",
    rf"\b(?:the |any |dear )?{_MACHINE}(?: reading this(?: \w+)?)?,? (?:must|should|shall) "
    rf"(?:now |always |only |instead )*{_SAYING}",
)
_TOLD_WHAT_TO_SAY = (
    rf"\bwhen (?:asked|questioned|queried)[^.]{{0,60}}?,? (?:always |only |you must |please )"
    rf"(?:always |only )?{_SAYING}",
    r"\byour (?:new|only|real|true) (?:task|job|goal|objective|purpose|instructions?) "
    r"(?:is|are) (?:now )?to\b",
    r"\byou are now in (?:developer|debug|admin(?:istrator)?|jailbreak|unrestricted|dan) mode\b",
)
_MARKED_AS_CHAT = (
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext|begin_of_text|start_header_id|eot_id)\|>",
    r"\[/?inst\]|<</?sys>>|</?(?:system|assistant)(?:_prompt)?>",
    r"(?:^|(?<=[\n\r]))#{2,3} ?(?:system|instructions?|assistant) ?:",
    r"(?:^|(?<=[\n\r]))(?:system|assistant) ?: (?:you|ignore|answer|from now)\b",
)


def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    spread = (pattern.replace(" ?", r"[\s\u200b]*").replace(" ", _BREAK) for pattern in patterns)
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in spread)


_FORGET = (
    "ignore",
    "disregard",
    "forget",
    "override",
    "bypass",
    "discard",
    "n't follow",
    "not follow",
    "stop follow",
)
_MACHINES = ("language model", "artificial", "llm", "chatbot", "chat bot", "gpt", "assistant", "automated")
_GROUPS = (
    (_FORGET, _compiled(_TOLD_TO_FORGET)),
    (("prompt", "instruction", "message to"), _compiled(_TOLD_A_PROMPT)),
    (("your new", "your only", "your real", "your true", "you are now", "when asked", "when que"),
     _compiled(_TOLD_WHAT_TO_SAY)),
    (("<|", "[inst", "[/inst", "<<", "<system", "</system", "assistant", "##", "system:", "system :"),
     _compiled(_MARKED_AS_CHAT)),
)  # fmt: skip
_MACHINE_GROUP = _compiled(_TOLD_WHO_IT_IS)
_AI = re.compile(r"ai\b")
_TAGS = re.compile("[\U000e0020-\U000e007e]{4,}")


def instructing_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Code points ``[start, end)`` of what tries to instruct a model, in order, none over another.

    Also ASCII that is spelt in Unicode tags, which no font draws.
    """
    # signs of two words must be found across a line's end
    lowered = text.lower().replace("\n", " ")
    found = [match.span() for match in _TAGS.finditer(text)] if not text.isascii() else []
    for signs, patterns in _GROUPS:
        if any(sign in lowered for sign in signs):
            found += [match.span() for pattern in patterns for match in pattern.finditer(text)]
    if any(sign in lowered for sign in _MACHINES) or _names_ai(lowered):
        found += [match.span() for pattern in _MACHINE_GROUP for match in pattern.finditer(text)]
    if len(found) < 2:
        return tuple(found)
    found.sort()
    apart = [found[0]]
    for start, end in found[1:]:
        if start < apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        else:
            apart.append((start, end))
    return tuple(apart)


def _names_ai(lowered: str) -> bool:
    return any(not lowered[max(0, match.start() - 1)].isalnum() or match.start() == 0
               for match in _AI.finditer(lowered))  # fmt: skip
