"""Netlists to break, and the ways to break them: the inputs of `fuzz_netlists.py`.

The texts are the netlists of the project, those of the data sets, and a seed of each dialect. A mutation is a function
of a seed, its number and the corpus alone, so any of them can be made again:

    python scripts/fuzz_netlists.py --replay 17
"""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SEEDS", "Case", "Corpus", "case_of", "corpus"]

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 20_000  # bytes of a file of the corpus; longer ones are cut at a line end

Corpus = dict[str, list[str]]
"""Texts by dialect."""

SEEDS = {
    "ngspice": """* every element
.param w=1u k={2*w} s={w > 1 ? 2 : 3}
.func f(x, y) {x*y + 1}
.global vdd
.model nch nmos (level=14 vth0=0.4)
.model dm d is=1e-14
.lib "sibling.lib" tt
.include sibling.inc
.subckt amp in out vdd vss params: w=10u l=1u
*@ w = 1u..100u log step 10n
.param half={w/2}
m1 out in vss vss nch w={half} l={l} m=2
r1 out vdd 10k tc=1m,2u
c1 out 0 1p ic=0.5
.ends amp
x1 a b vdd 0 amp w={f(k, 2)} m=3
v1 a 0 dc 0.9 ac 1 90 sin(0.9 1m 1meg)
i1 vdd b pulse(0 1u 0 1n 1n 10n 20n)
v2 q 0 pwl(0 0 1u {k})
e1 c 0 a b 10
e2 d 0 poly(2) a 0 b 0 0 1 1
g1 d 0 cur='v(a)*2'
g2 d 0 value={v(a,b)*2}
f1 e 0 v1 2
h1 f 0 v1 1k
b1 g 0 v=v(a) > 1 ? i(v1) : time
l1 a g 1n
l2 b g 1n
k1 l1 l2 0.99
d1 a 0 dm 2
q1 c b e 0 qm
j1 c b e jm
s1 a b c 0 sw off
w1 a b v1 cs
t1 a 0 b 0 z0=50 td=1n
a1 [a b] %vd(c d) ~e code
.ic v(a)=1
.option scale=1u
.tran 1n 1u
.end
""",
    "hspice": """* hspice
.option post ingold=2
.param w='2*1u' l=1x
.inc 'sibling.inc'
.macro amp in out w=1u
m1 out in 0 0 nch w='w*2' l=0.1u $ comment
r1 out gnd! 10k
.eom
x1 a b amp w='max(1u,w)'
v1 a gnd pwl(0 0 1n 1 r=0 td=1n)
e1 c 0 vol='v(a)*2'
.meas tran t1 trig v(a) val=0.5 rise=1
.alter
.param w=3u
.end
""",
    "ltspice": """* C:\\circuits\\amp.asc
V1 in 0 SINE(0 1 1k) AC 1
R1 in out 2k7
C1 out 0 4µ7 Rser=1m IC=0
L1 out 0 1m Rser=0.1
B1 x 0 V=if(V(in)>0,1,arctan(V(out)))
XU1 in out amp
M1 d g 0 0 nch l=1µ w=10µ
.model nch NMOS(Vto=0.5 Kp=100u)
.subckt amp a b
R1 a b {R}
.param R=1Meg
.ends
.step param R list 1 2 3
.tran 0 1m 0 1u
.backanno
.end
""",
    "spectre": """// spectre
simulator lang=spectre
global 0 vdd
parameters w=1u l=2*w
include "sibling.scs"
model nch bsim4 type=n vth0=0.4
model pch bsim4 type=p
subckt amp (inp out vdd)
parameters w=10u
M1 (out inp 0 0) nch w=w*2 l=100n \\
    m=2
R1 (out vdd) resistor r=1K
ends amp
X1 (a b vdd) amp w=2*w
V1 (a 0) vsource type=pulse val0=0 val1=1 period=10n mag=1
I1 (b 0) isource dc=1u
E1 (c 0 a b) vcvs gain=10
F1 (c 0) cccs gain=2 probe=V1
C1 (a\\<0\\> 0) capacitor c=1p
B1 (d 0) bsource v=v(a)*2
K1 mutual_inductor coupling=0.9 ind1=L1 ind2=L2
L1 (a c) inductor l=1n
L2 (b c) inductor l=1n
tt tran stop=1u
save a b
""",
    "cdl": """* auCdl Netlist:
*.GLOBAL vdd!:P
*.MEGA
*.PIN vdd!
.PARAM w=1u
.SUBCKT inv a y
*.PININFO a:I y:O
*+ vdd:B
MM0 y a gnd! gnd! nch W=w L=100n M=1 $X=1 $Y=2
RR0 y a 1K $[rpoly] $SUB=vdd!
DD0 gnd! y dm AREA=1p
.ENDS
.SUBCKT top in out
XI0 in mid / inv
XI1 / inv $PINS a=mid y=out
.ENDS
""",
}
"""One netlist of each dialect with much of its grammar; the data sets hold few element kinds, and no LTspice."""

DIALECT_OF = (
    (
        "spectre",
        re.compile(r"^\s*(simulator\s+lang\s*=\s*spectre|subckt\s|parameters\s)", re.IGNORECASE | re.MULTILINE),
    ),
    ("cdl", re.compile(r"auCdl|\*\.PININFO", re.IGNORECASE)),
    ("ltspice", re.compile(r"\.backanno|\.asc$", re.IGNORECASE | re.MULTILINE)),
    ("hspice", re.compile(r"hspice|^\.alter|^\.(macro|inc)\b", re.IGNORECASE | re.MULTILINE)),
)
"""How the corpus is sorted: a rule of its own, so that a replay does not depend on the code under test."""


def corpus(folder: str) -> Corpus:
    """Texts by dialect: the netlists of the project, those of the data sets in a folder, and the seeds."""
    texts = [cut(path.read_bytes()) for path in sorted((ROOT / "netlists").rglob("*.sp"))]
    for name in ("analoggym", "bagnet", "autockt", "aicircuit", "ptm", "gf180") if folder else ():
        for path in sorted(Path(folder, name).rglob("*")):
            others = path.suffix in {".csv", ".yaml", ".yml", ".md", ".json"} or "LICENSE" in path.name
            if path.is_file() and not others:
                texts.append(cut(path.read_bytes()))
    for path in sorted(Path(folder, "align_ota").glob("*.jsonl.gz")) if folder else ():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        texts += [cut(row["text"].encode()) for row in rows if not row["file"].endswith(".md")]
    sorted_texts: Corpus = {name: [text] * 2 for name, text in SEEDS.items()}
    for text in texts:
        name = next((name for name, pattern in DIALECT_OF if pattern.search(text)), "ngspice")
        sorted_texts[name].append(text)
    return sorted_texts


def cut(data: bytes) -> str:
    """The text of a file, up to a line end."""
    data = data if len(data) <= LARGEST else data[: data.rfind(b"\n", 0, LARGEST) + 1]
    return data.decode("utf-8", "surrogateescape")


_NAMED = r"""
/etc/passwd /etc/hostname ../../../../etc/passwd ../outside/secret.inc link.inc away/secret.inc /dev/zero
/dev/stdin /dev/tty /proc/self/environ /proc/self/fd/0 pipe loop sub . .. ~/.bashrc $HOME/x `id` |id sibling.inc
sub/deeper.inc self.inc netlist.sp sibling.lib file:///etc/passwd http://localhost/x C:\x \\host\x ladder0.inc
binary.inc open.inc sibling.scs missing.inc é/ü sibling.inc/x %s{}
"""
NAMES = (*_NAMED.split(), *("a\0b", "\ud7ff", "x" * 5000, "../" * 500, "a/" * 2000))
"""Names of files to include: some lie beside the netlist (`furnish`), others may not be read or do not exist."""

INCLUDES = (
    *('.include "{}"', ".include {}", ".inc '{}'", '.lib "{}" tt', ".lib {} loop", ".lib '{}'", '.LIB "{}" ff'),
    *('include "{}"', 'include "{}" section=tt', 'ahdl_include "{}"', '.include "{}" "{}"', "#include <{}>"),
)
CARDS = tuple(
    card.replace("⏎", "\n")
    for line in r"""
.control⏎shell touch owned⏎.endc ¦ .control⏎write /tmp/x⏎ ¦ .exec touch owned ¦ .shell touch owned
a1 shell cmd="touch owned" ¦ .codemodel x.cm ¦ .pre_osdi x.osdi ¦ .hdl "x.va" ¦ .endc ¦ .if (1) ¦ .else
simulator lang=spice ¦ simulator lang=spectre ¦   SIMULATOR  LANG = spectre insensitive=yes ¦ simulator lang=
simulator lang=__import__ ¦ .subckt ¦ .ends ¦ .eom ¦ ends ¦ subckt ¦ .subckt a a a ¦ .end ¦ .alter ¦ .param
.param = ¦ .param a==1 ¦ .param a= ¦ .param a={ ¦ .param sin=1 ¦ .param a=b b=a ¦ .param x='x' ¦ *@ ¦ *@ w = 1..
*@ w = 1e999..2 ¦ *@ w=2..1 log ¦ *@ w = 1..2 log step 0 ¦ *.PININFO : ¦ *.PININFO a ¦ *.MEGA ¦ *.CONNECT a b
*.GLOBAL ¦ *+ ¦ *+ a:I ¦ + ¦ + w=1 ¦ + + ¦ \ ¦ // ¦ $ ¦ ; ¦ = ¦ = = ¦ {} ¦ e9 a b poly(-1) 1
e9 a b poly(99999999) 1 ¦ e9 a b poly(²) 1 ¦ e9 a b poly(1e9) 1 ¦ f9 a b poly() v1 1 ¦ k9 l1 ¦ k9 l1 l2 l3 0.1
x9 ¦ x9 = ¦ x9 a=1 ¦ xi / $PINS a=b ¦ xi / b $PINS a=b a=c ¦ xi b $PINS ¦ v9 a b pwl( ¦ v9 a b pwl() ¦ v9 a b )(
v9 a b sin(0 1 ¦ v9 a b ac ac ¦ v9 a b dc ¦ v9 a b { ¦ i9 a b ' ¦ b9 a b v= ¦ b9 a b q=1 ¦ b9 a b v={v(}
b9 a b v=v(a,b,c) ¦ a9 [ a ¦ a9 %vd( m ¦ a9 ~ ~ ~ m ¦ a9 ] m ¦ m9 a b c d ¦ m9 a b c d n w ¦ m9 a b c d n w==1
r9 a b r= ¦ r9 a b 1 1 1 ¦ c9 a b ic=1,2,,3 ¦ d9 a b 1 ¦ .model ¦ .model a ¦ .model a b( ¦ .model a b(x=1))
.model a b ((x=1) ¦ .model a nmos version=4.5.0.1 ¦ .lib tt ¦ .endl tt ¦ .func ¦ .func f ¦ .func f(x)
.func f(x) {x ¦ .func f(x,x) {x} ¦ .func f() {f()} ¦ İ1 a b 1 ¦ ſ1 a b c 0 m ¦ K1 a b 1 ¦ r9 a b 1K ¦ r9 a b ١k
r9 a b 1µ7 ¦ r9 a b {²} ¦ ı9 a b 1 ¦ ǅ a b ¦ {{ x }} ¦ {% if %} ¦ <% x %> ¦ .title ¦ .global ¦ .global 0 0
global ¦ global a ¦ model ¦ model a ¦ ( ¦ r9 (a b ¦ r9 a b) resistor r=1 ¦ r9 () resistor ¦ r9 (a b) resistor r=
v9 (a b) vsource wave=[ ¦ x (a) =1 ¦ v9 (a b) vsource type=pwl wave=1 ¦ v9 (a b) vsource type=x mag=1 phase=
k9 mutual_inductor ind1=a ¦ " ¦ model a bsim4 type= ¦ model a bsim4 type=" ¦ parameters ¦ parameters a
parameters a=[1 2 ¦ if (a) { ¦ } ¦ r9 (a b) resistor r=1 isnoisy=yes ¦ R9 (a A) resistor r=1
b9 (a b) bsource v=1 i=1 ¦ b9 (a b) bsource ¦ .func f(x) {f(x)+f(x)}⏎.param y={f(1)}
.subckt r a⏎xr a r⏎.ends⏎x0 a r ¦ .subckt r a⏎xs a s⏎.ends⏎.subckt s a⏎xr a r⏎.ends⏎x0 a r
""".strip().splitlines()
    for card in line.split(" ¦ ")
)
"""Statements that are forbidden, unfinished or beside the grammar."""

_NUMBERED = """
1e999 -1e999 1e-999 0x 0x1F 2k7 1e 1e+ 1e1e1 1.2.3 . -. --1 +-1 1e308k nan inf 1meg7 1milmil 1_000 1,5 ١٢ 1µ
1e5000 0 -0 1e-320 {0/0} {1/0} {1e308*10} {-1^0.5} {log(0)} {int(1e300)} {sqrt(-1)} {9^9^9^9^9} {pow(10,400)}
"""
NUMBERS = (*_NUMBERED.split(), *("9" * 400, "0." + "0" * 400 + "1", "1" + "e9" * 50))
STRANGE = "\ufeff\0\u202e\u2028\x85\x0b\x0c\x1c\xa0\u0130\u017f\u212a\U0001f600\r\t"
_TOKEN = re.compile(r"[^\s=(){}',]+")
_FRAME = re.compile(r"\s*(\.|(simulator|subckt|ends|parameters|include)\b)", re.IGNORECASE)
_VALUE = re.compile(r"(?<![\w.])[-+]?\d[\w.]*")


EXPRESSION_BOMBS: tuple[Callable[[int], str], ...] = (
    lambda n: "^".join(["1"] * n),
    lambda n: "**".join(["9"] * n),
    lambda n: "1?" * n + "1" + ":1" * n,
    lambda n: "1 ? 2 : " * n + "3",
    lambda n: "+".join(["a"] * n),
    lambda n: "(" * n + "1" + ")" * n,
    lambda n: "(" * n,
    lambda n: ")" * n,
    lambda n: "-" * n + "1",
    lambda n: "!" * n + "1",
    lambda n: "{" * n,
    lambda n: "{" * n + "}" * n,
    lambda n: "sin(" * n + "1" + ")" * n,
    lambda n: "max(1," * n + "1" + ")" * n,
    lambda n: "v(" * n + "a" + ")" * n,
    lambda n: "v(a" + " " * n,
    lambda n: "1" * n,
    lambda n: "a" * n,
    lambda n: "1." * n,
    lambda n: "a." * n,
    lambda n: "1e" * n,
    lambda n: "," * n,
    lambda n: "x(" + "y," * n,
)
"""Expressions that are deep, long or large, by a size."""

CALLS = "".join(f"x{i} a b{{}}\n" for i in range(8))
BOMBS: tuple[Callable[[int], str], ...] = (
    lambda n: "".join(f".subckt n{i} a\n" for i in range(n)) + "r1 a 0 1\n" + ".ends\n" * n,
    lambda n: "".join(f".subckt b{i} a\n{CALLS.replace('b{}', f'b{i + 1}')}.ends\n" for i in range(n)) + "x0 a b0",
    lambda n: "".join(f".subckt c{i} a\nx a c{i + 1}\n.ends\n" for i in range(n)) + "x0 a c0",
    lambda n: "".join(f"subckt n{i} a\n" for i in range(n)) + "r1 (a 0) resistor r=1\n" + "ends\n" * n,
    lambda n: "".join(f".func f{i}(x) {{f{i + 1}(x)+f{i + 1}(x)}}\n" for i in range(n)) + ".param y={f0(1)}",
    lambda n: "".join(f".param p{i}={{p{i + 1}*2}}\n" for i in range(n)),
    lambda n: ".param " + " ".join(f"p{i}={{p{i + 1}*p{i + 1}}}" for i in range(n)) + f" p{n}=2",
    lambda n: ".subckt p a\n" + "".join(f".param q{i}={{q{i + 1}+q{i + 1}}}\n" for i in range(n)) + ".ends\nx1 a p",
    lambda n: "r9 a b 1\n" + "+ w=1\n" * n * 30,
    lambda n: "v9 a b pwl(0 0\n" + "+ 1 1\n" * n * 30,
    lambda n: "x9 a\n" + "+\n" * n * 30 + "+ b c",
    lambda n: "v9 (a b) vsource \\\n" * n * 30,
    lambda n: "v9 (a b) vsource wave=[" + "1 1 " * n * 30 + "]",
    lambda n: "v9 a 0 pwl(" + "1 " * n * 30 + ")",
    lambda n: "x9 " + "n " * n * 30 + "s",
    lambda n: "x9 " + " ".join(f"n{i}" for i in range(30 * n)) + " s " + " ".join(f"p{i}=1" for i in range(30 * n)),
    lambda n: ".subckt w " + " ".join(f"n{i}" for i in range(30 * n)),
    lambda n: ".global " + "g " * n * 30,
    lambda n: "*.PININFO " + "a:I " * n * 30,
    lambda n: "*.PININFO a:I\n" + "*+ b:O\n" * n * 30,
    lambda n: "m9 a b c d n " + "w=" * n * 30,
    lambda n: "m9 a b c d n " + "'" * n * 30,
    lambda n: "\n" * n * 30,
    lambda n: " \n" * n * 30,
    lambda n: " " * n * 30,
    lambda n: "\t" * n * 30 + "x",
    lambda n: "*" * n * 30,
    lambda n: "=" * n * 30,
    lambda n: "$ " * n * 30,
    lambda n: "; " * n * 30,
    lambda n: "/" * n * 30,
    lambda n: "+" * n * 30,
    lambda n: "\\\n" * n * 30,
    lambda n: "simulator lang=spice\n" * n + "simulator lang=spectre\n",
    lambda n: "simulator lang=spectre\nsimulator lang=spice\n" * n,
    lambda n: ".include sub/deeper.inc\n" * n,
    lambda n: ".control\necho\n.endc\n" * n,
    lambda n: ".lib 'sibling.lib' tt\n" * n,
    lambda n: "k9 " + "l1 " * n * 30 + "0.5",
    lambda n: "e9 a b poly(" + "9" * n + ") 1",
    lambda n: f"e9 a b poly({n}) " + "a 0 " * n + "1 " * n,
    lambda n: "a9 [" + "a " * n * 30 + "] m",
    lambda n: "a9 " + "[" * n * 30 + " m",
    lambda n: "b9 a b v=" + "v(a)+" * n + "1",
    lambda n: "b9 a b v=" + "{" * n + "1" + "}" * n,
    lambda n: "\n".join(f"r{i} a b 1" for i in range(10_000, 10_000 + 3 * n)),
    lambda n: "\n".join(f"v{i} n{i} n{i + 1} 1" for i in range(10_000, 10_000 + 3 * n)),
    lambda n: "r9 a b " + "a" * n * 100,
    lambda n: "r9 " + "1" * n * 100 + " b 1",
    lambda n: "z" * n * 100,
    lambda n: "r9 a b {" + "z" * n * 100 + "}",
    lambda n: "*@ " + "w" * n * 50 + "=1..2",
    lambda n: "*@ w = 1.." + " " * n * 5 + "2" + " " * n * 5 + "x",
)
"""Lines that multiply, nest or go on, by a size."""


def change_bytes(text: str, chance: random.Random, _: Corpus) -> str:
    """Some bytes replaced, lost or put in."""
    data = bytearray(text.encode("utf-8", "surrogateescape"))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        data[at : at + chance.randint(0, 2)] = chance.choice((b"", bytes([chance.randrange(256)]), b"\0", b"{", b"'"))
    return data.decode("utf-8", "surrogateescape")


def change_lines(text: str, chance: random.Random, _: Corpus) -> str:
    """Lines lost, doubled, swapped, joined or broken."""
    lines = text.split("\n")
    for _ in range(chance.randint(1, 3)):
        a, b = chance.randrange(len(lines)), chance.randrange(len(lines))
        action = chance.randrange(5)
        if action == 0 and len(lines) > 1:
            del lines[a : a + chance.randint(1, 4)]
            lines = lines or [""]
        elif action == 1:
            lines.insert(b, lines[a])
        elif action == 2:
            lines[a], lines[b] = lines[b], lines[a]
        elif action == 3:
            lines[a] = f"{lines[a]} {lines[b]}"
        else:
            at = chance.randrange(len(lines[a]) + 1)
            lines[a : a + 1] = [lines[a][:at], chance.choice(("+", "", "+ ", "*", "\\")) + lines[a][at:]]
    return "\n".join(lines)


def change_words(text: str, chance: random.Random, _: Corpus) -> str:
    """Words lost, doubled or exchanged."""
    for _ in range(chance.randint(1, 4)):
        found = list(_TOKEN.finditer(text))
        if not found:
            break
        first, other = chance.choice(found), chance.choice(found)
        new = chance.choice(
            ("", f"{first[0]} {first[0]}", other[0], first[0].swapcase(), f"{{{first[0]}}}", f"'{first[0]}")
        )
        text = text[: first.start()] + new + text[first.end() :]
    return text


def change_number(text: str, chance: random.Random, _: Corpus) -> str:
    """A number replaced by a strange one, or by an expression."""
    for _ in range(chance.randint(1, 3)):
        found = list(_VALUE.finditer(text))
        if not found:
            break
        place = chance.choice(found)
        new = chance.choice(NUMBERS)
        if chance.random() < 0.3:
            bomb = chance.choice(EXPRESSION_BOMBS)(chance.choice((3, 20, 59, 61, 500, 1900, 20_000)))
            new = chance.choice(("{{{}}}", "'{}'", "{}", "({})")).format(bomb)
        text = text[: place.start()] + new + text[place.end() :]
    return text


def insert(text: str, new: str, chance: random.Random) -> str:
    """A text with lines put in somewhere."""
    lines = text.split("\n")
    lines.insert(chance.randrange(len(lines) + 1), new)
    return "\n".join(lines)


def insert_include(text: str, chance: random.Random, _: Corpus) -> str:
    """An include of a file that may or may not be read."""
    return insert(text, chance.choice(INCLUDES).replace("{}", chance.choice(NAMES)), chance)


def insert_card(text: str, chance: random.Random, _: Corpus) -> str:
    """A hostile or broken statement."""
    return insert(text, chance.choice(CARDS), chance)


def insert_bomb(text: str, chance: random.Random, _: Corpus) -> str:
    """Something that multiplies, nests or goes on, sometimes as all there is."""
    bomb = chance.choice(BOMBS)(chance.choice((2, 30, 120, 1000)))
    return f"* bomb\n{bomb}\n" if chance.random() < 0.3 else insert(text, bomb, chance)


def insert_strange(text: str, chance: random.Random, _: Corpus) -> str:
    """Characters that are no plain text."""
    at = chance.choice((0, chance.randrange(len(text) + 1)))
    return text[:at] + chance.choice(STRANGE) * chance.choice((1, 1, 3)) + text[at:]


def splice(text: str, chance: random.Random, texts: Corpus) -> str:
    """The beginning of one text and the end of another, most likely of another dialect."""
    other = chance.choice(texts[chance.choice(sorted(texts))])
    lines, others = text.split("\n"), other.split("\n")
    return "\n".join(lines[: chance.randrange(len(lines) + 1)] + others[chance.randrange(len(others)) :][:60])


MUTATORS: tuple[tuple[Callable[[str, random.Random, Corpus], str], int], ...] = (
    (change_bytes, 4),
    (change_lines, 5),
    (change_words, 5),
    (change_number, 4),
    (insert_include, 3),
    (insert_card, 4),
    (insert_bomb, 2),
    (insert_strange, 2),
    (splice, 2),
)


class Case(NamedTuple):
    """One input, and how it is read: as a file or as text, with which arguments."""

    data: bytes
    file: bool
    dialect: str
    includes: str
    control: str
    rooted: bool


def case_of(number: int, seed: int, texts: Corpus) -> Case:
    """The input of a number: always the same for a seed and a corpus."""
    chance = random.Random(f"{seed}:{number}")
    name = chance.choice(sorted(texts))
    text = chance.choice(texts[name])
    lines = text.split("\n")
    if len(lines) > 60 and chance.random() < 0.8:  # a part with what holds it together is tried quicker
        begin = chance.randrange(len(lines))
        part = range(begin, begin + chance.randint(5, 50))
        text = "\n".join(line for i, line in enumerate(lines) if i in part or i == 0 or _FRAME.match(line))
    actions, weights = zip(*MUTATORS, strict=True)
    for action in chance.choices(actions, weights, k=chance.choice((1, 1, 1, 2, 4))):
        text = action(text, chance, texts)
    data = text.encode("utf-8", "surrogateescape")
    if chance.random() < 0.03:
        coding = chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1", "utf-32"))
        data = text.encode(coding, "replace")[chance.choice((0, 0, 0, 1)) :]
    return Case(
        data,
        chance.random() < 0.5,
        "auto" if chance.random() < 0.7 else chance.choice(sorted(texts)),
        chance.choice(("read", "keep")),
        chance.choice(("refuse", "keep")),
        chance.random() < 0.5,
    )
