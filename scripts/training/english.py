"""English inflection of dictionary forms: plurals of nouns, forms of verbs. American spelling."""
from __future__ import annotations

VOWELS = "aeiou"
PLURALS = {
    "man": "men", "woman": "women", "child": "children", "person": "people", "foot": "feet", "tooth": "teeth", "goose": "geese", "mouse": "mice",
    "louse": "lice", "ox": "oxen", "sheep": "sheep", "deer": "deer", "fish": "fish", "series": "series", "species": "species", "aircraft": "aircraft",
    "crisis": "crises", "basis": "bases", "hypothesis": "hypotheses", "thesis": "theses", "analysis": "analyses", "oasis": "oases", "axis": "axes",
    "phenomenon": "phenomena", "criterion": "criteria", "bacterium": "bacteria", "stimulus": "stimuli", "fungus": "fungi", "larva": "larvae",
    "salmon": "salmon", "trout": "trout", "shrimp": "shrimp", "squid": "squid", "bison": "bison", "moose": "moose", "swine": "swine",
    "photo": "photos", "piano": "pianos", "solo": "solos", "studio": "studios", "radio": "radios", "video": "videos", "zoo": "zoos", "kilo": "kilos",
    "roof": "roofs", "chief": "chiefs", "reef": "reefs", "cliff": "cliffs", "belief": "beliefs", "proof": "proofs", "chef": "chefs", "stomach": "stomachs",
    "monarch": "monarchs", "patriarch": "patriarchs", "epoch": "epochs",
}
# Base: past, participle.
IRREGULAR = {
    "arise": ("arose", "arisen"), "awake": ("awoke", "awoken"), "beat": ("beat", "beaten"), "become": ("became", "become"),
    "begin": ("began", "begun"), "bend": ("bent", "bent"), "bet": ("bet", "bet"), "bind": ("bound", "bound"), "bite": ("bit", "bitten"),
    "bleed": ("bled", "bled"), "blow": ("blew", "blown"), "break": ("broke", "broken"), "breed": ("bred", "bred"), "bring": ("brought", "brought"),
    "broadcast": ("broadcast", "broadcast"), "build": ("built", "built"), "burst": ("burst", "burst"), "buy": ("bought", "bought"),
    "cast": ("cast", "cast"), "catch": ("caught", "caught"), "choose": ("chose", "chosen"), "cling": ("clung", "clung"), "come": ("came", "come"),
    "cost": ("cost", "cost"), "creep": ("crept", "crept"), "cut": ("cut", "cut"), "deal": ("dealt", "dealt"), "dig": ("dug", "dug"),
    "dive": ("dived", "dived"), "do": ("did", "done"), "draw": ("drew", "drawn"), "dream": ("dreamed", "dreamed"), "drink": ("drank", "drunk"),
    "drive": ("drove", "driven"), "eat": ("ate", "eaten"), "fall": ("fell", "fallen"), "feed": ("fed", "fed"), "feel": ("felt", "felt"),
    "fight": ("fought", "fought"), "find": ("found", "found"), "flee": ("fled", "fled"), "fly": ("flew", "flown"), "forbid": ("forbade", "forbidden"),
    "forecast": ("forecast", "forecast"), "foresee": ("foresaw", "foreseen"), "forget": ("forgot", "forgotten"), "forgive": ("forgave", "forgiven"),
    "freeze": ("froze", "frozen"), "get": ("got", "gotten"), "give": ("gave", "given"), "go": ("went", "gone"), "grind": ("ground", "ground"),
    "grow": ("grew", "grown"), "hang": ("hung", "hung"), "have": ("had", "had"), "hear": ("heard", "heard"), "hide": ("hid", "hidden"),
    "hit": ("hit", "hit"), "hold": ("held", "held"), "hurt": ("hurt", "hurt"), "keep": ("kept", "kept"), "kneel": ("knelt", "knelt"),
    "know": ("knew", "known"), "lay": ("laid", "laid"), "lead": ("led", "led"), "leave": ("left", "left"), "lend": ("lent", "lent"),
    "let": ("let", "let"), "light": ("lit", "lit"), "lose": ("lost", "lost"), "make": ("made", "made"), "mean": ("meant", "meant"),
    "meet": ("met", "met"), "mislead": ("misled", "misled"), "mow": ("mowed", "mown"), "overcome": ("overcame", "overcome"),
    "overtake": ("overtook", "overtaken"), "overthrow": ("overthrew", "overthrown"), "pay": ("paid", "paid"), "put": ("put", "put"),
    "quit": ("quit", "quit"), "read": ("read", "read"), "rebuild": ("rebuilt", "rebuilt"), "rewrite": ("rewrote", "rewritten"), "ride": ("rode", "ridden"),
    "ring": ("rang", "rung"), "rise": ("rose", "risen"), "run": ("ran", "run"), "say": ("said", "said"), "see": ("saw", "seen"),
    "seek": ("sought", "sought"), "sell": ("sold", "sold"), "send": ("sent", "sent"), "set": ("set", "set"), "sew": ("sewed", "sewn"),
    "shake": ("shook", "shaken"), "shed": ("shed", "shed"), "shine": ("shone", "shone"), "shoot": ("shot", "shot"), "show": ("showed", "shown"),
    "shrink": ("shrank", "shrunk"), "shut": ("shut", "shut"), "sing": ("sang", "sung"), "sink": ("sank", "sunk"), "sit": ("sat", "sat"),
    "sleep": ("slept", "slept"), "slide": ("slid", "slid"), "slit": ("slit", "slit"), "sow": ("sowed", "sown"), "speak": ("spoke", "spoken"),
    "spend": ("spent", "spent"), "spin": ("spun", "spun"), "spit": ("spat", "spat"), "split": ("split", "split"), "spread": ("spread", "spread"),
    "spring": ("sprang", "sprung"), "stand": ("stood", "stood"), "steal": ("stole", "stolen"), "stick": ("stuck", "stuck"), "sting": ("stung", "stung"),
    "stink": ("stank", "stunk"), "strike": ("struck", "struck"), "strive": ("strove", "striven"), "swear": ("swore", "sworn"),
    "sweep": ("swept", "swept"), "swell": ("swelled", "swollen"), "swim": ("swam", "swum"), "swing": ("swung", "swung"), "take": ("took", "taken"),
    "teach": ("taught", "taught"), "tear": ("tore", "torn"), "tell": ("told", "told"), "think": ("thought", "thought"), "throw": ("threw", "thrown"),
    "understand": ("understood", "understood"), "undergo": ("underwent", "undergone"), "undertake": ("undertook", "undertaken"), "undo": ("undid", "undone"),
    "upset": ("upset", "upset"), "wake": ("woke", "woken"), "wear": ("wore", "worn"), "weave": ("wove", "woven"), "weep": ("wept", "wept"),
    "win": ("won", "won"), "wind": ("wound", "wound"), "withdraw": ("withdrew", "withdrawn"), "withstand": ("withstood", "withstood"),
    "wring": ("wrung", "wrung"), "write": ("wrote", "written"),
}
# Two-syllable bases stressed on the last, whose consonant doubles like that of a word of one syllable.
DOUBLING = {
    "admit", "commit", "compel", "control", "deter", "equip", "expel", "forget", "incur", "occur", "omit", "patrol", "permit", "prefer", "propel",
    "rebel", "recur", "refer", "regret", "remit", "repel", "submit", "transfer", "transmit", "kidnap", "format", "acquit", "allot", "abhor", "outfit",
}


def plural(noun: str) -> str:
    """The plural of a noun or of a phrase that ends in its head ("fire station")."""
    before, space, head = noun.rpartition(" ")
    return before + space + _plural(head)


def _plural(noun: str) -> str:
    for ending in (noun, "man" if noun.endswith("man") and noun not in ("human", "shaman", "talisman", "Roman", "German", "Ottoman", "Norman") else noun):
        if ending in PLURALS:
            return noun[: len(noun) - len(ending)] + PLURALS[ending]
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in VOWELS:
        return noun[:-1] + "ies"
    if noun.endswith(("lf", "rf", "eaf", "oaf")):
        return noun[:-1] + "ves"
    if noun in ("knife", "wife", "life", "housewife", "midwife"):
        return noun[:-2] + "ves"
    if noun in ("hero", "potato", "tomato", "echo", "torpedo", "veto", "mosquito", "volcano", "cargo"):
        return noun + "es"
    return noun + "s"


def third_person(verb: str) -> str:
    return _first_word(verb, lambda v: {"have": "has", "be": "is", "do": "does", "go": "goes"}.get(v) or _plural(v))


def gerund(verb: str) -> str:
    return _first_word(verb, _gerund)


def past(verb: str) -> str:
    return _first_word(verb, lambda v: IRREGULAR[v][0] if v in IRREGULAR else _regular_past(v))


def participle(verb: str) -> str:
    return _first_word(verb, lambda v: IRREGULAR[v][1] if v in IRREGULAR else _regular_past(v))


def article(word: str) -> str:
    """The indefinite article before a word."""
    low = word.lower()
    if low.startswith(("hour", "honest", "honor", "heir")):
        return "an"
    if low.startswith(("uni", "use", "usu", "eu", "one", "ut", "ur")) and not low.startswith(("unin", "unim", "uns", "utm", "utt", "urg", "urb")):
        return "a"
    return "an" if low[:1] in VOWELS else "a"


def _first_word(phrase: str, inflect) -> str:
    head, space, rest = phrase.partition(" ")
    return inflect(head) + space + rest


def _doubles(verb: str) -> bool:
    if len(verb) < 3 or verb[-1] in VOWELS + "wxy" or verb[-2] not in VOWELS or verb[-3] in VOWELS:
        return False
    return verb in DOUBLING or sum(a in VOWELS and b not in VOWELS for a, b in zip(verb, verb[1:])) == 1


def _gerund(verb: str) -> str:
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")) and verb != "be":
        return verb[:-1] + "ing"
    return verb + (verb[-1] if _doubles(verb) else "") + "ing"


def _regular_past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in VOWELS:
        return verb[:-1] + "ied"
    return verb + (verb[-1] if _doubles(verb) else "") + "ed"
