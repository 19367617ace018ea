from pathlib import Path

import pytest

from eda.errors import EDAError, InputError
from eda.problem import load_task
from eda.testbench import Conditions

NETLISTS = Path(__file__).parents[2] / "netlists" / "opamp"
TASK = """
netlist = "ota.sp"
technology = "generic"
specs = ["dc_gain >= 30 dB", "minimize power"]
"""


@pytest.fixture
def write(tmp_path):
    """Writes a task beside a netlist; returns its path."""
    tmp_path.joinpath("ota.sp").write_text((NETLISTS / "five_transistor_ota" / "five_transistor_ota.sp").read_text())

    def write(text, base=TASK):
        path = tmp_path / "ota.toml"
        path.write_text(base + text)
        return path

    return write


@pytest.mark.parametrize("name", ["five_transistor_ota", "two_stage_miller"])
def test_the_tasks_of_the_repository_load(name, no_simulator):
    task = load_task(NETLISTS / name / f"{name}.toml", technology="generic", simulator=no_simulator)
    assert (task.name, task.problem.name, task.problem.technology.name) == (name, name, "generic")
    assert str(task.problem.specs[-1]) == "minimize power"
    assert task.verification.corners == ("all",)
    assert task.verification.temperatures == (-40.0, 27.0, 125.0)
    assert len(task.verification.specs) == 3


@pytest.mark.sky130
@pytest.mark.parametrize("name", ["five_transistor_ota", "two_stage_miller"])
def test_the_tasks_of_the_repository_load_in_their_own_technology(name, no_simulator):
    task = load_task(NETLISTS / name / f"{name}.toml", simulator=no_simulator)
    assert (task.problem.technology.name, task.problem.conditions) == ("sky130", Conditions("tt"))


def test_what_is_left_out_has_a_default(write):
    task = load_task(str(write("")))
    assert task.name == "ota"
    assert task.problem.testbench.describe()["vdd"] == "default"
    assert task.problem.conditions == Conditions("tt", 27.0, 1.0)
    assert (task.verification.specs, task.verification.corners) == ((), ("all",))
    assert task.problem.space.dimension == 7


def test_everything_that_is_given_is_used(write):
    path = write(
        """
        [testbench]
        kind = "opamp"
        vdd = "3 V"
        load = 3e-12
        vcm = 1.2
        [conditions]
        corner = "ss"
        temperature = -40
        supply = 0.9
        [verification]
        corners = ["ss", "ff"]
        temperatures = [0, 85]
        supplies = [0.9, 1.1]
        specs = ["dc_gain >= 20 dB"]
        [space]
        W1 = "1u..100u log step 10n"
        ib = "5u..50u"
        """
    )
    task = load_task(path)
    assert (task.path, task.name) == (path, "ota")
    given = {"kind": "opamp", "vdd": "3 V", "load": "3 pF", "vcm": "1.2 V"}
    assert task.problem.testbench.describe().items() >= given.items()
    assert task.problem.conditions == Conditions("ss", -40.0, 0.9)
    first, second = task.problem.space.variables
    assert (first.name, first.low, first.high, first.scale, first.step) == ("w1", 1e-6, 100e-6, "log", 10e-9)
    assert (second.name, second.scale, second.step) == ("ib", "linear", None)
    assert task.verification.corners == ("ss", "ff")
    assert (task.verification.temperatures, task.verification.supplies) == ((0.0, 85.0), (0.9, 1.1))
    assert task.verification.specs == ("dc_gain >= 20 dB",)


def test_arguments_replace_the_files_own(write):
    task = load_task(write(""), specs=("gbw >= 1 MHz",))
    assert [str(spec) for spec in task.problem.specs] == ["gbw >= 1 MHz"]


def test_a_missing_task_is_refused_with_the_nearest(write):
    write("")
    with pytest.raises(InputError, match=r"otaa\.toml: No such file.*Did you mean 'ota\.toml'\?"):
        load_task(write("").with_name("otaa.toml"))
    with pytest.raises(InputError, match="cannot read the task"):
        load_task("/no/such/folder/ota.toml")


@pytest.mark.parametrize("content", [b"specs = [", b"\xff\xfe", b"\x00"])
def test_what_is_no_toml_is_refused(tmp_path, content):
    path = tmp_path / "ota.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"ota\.toml is no TOML file"):
        load_task(path)


@pytest.mark.parametrize("key", ["netlist", "technology", "specs"])
def test_a_missing_key_is_named(write, key):
    lines = [line for line in TASK.splitlines() if not line.startswith(key)]
    with pytest.raises(InputError, match=rf"ota\.toml: the key '{key}' is missing"):
        load_task(write("", base="\n".join(lines)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("spec = []", "unknown key 'spec'. Did you mean .*'specs'"),
        ("[testbench]\nvd = 1", r"unknown key 'vd' in \[testbench\] of kind 'opamp'. Did you mean 'vdd'"),
        ("[conditions]\ntemp = 1", r"unknown key 'temp' in \[conditions\]. .*temperature"),
        ("[verification]\ncorner = 1", r"unknown key 'corner' in \[verification\]. Did you mean 'corners'"),
        ("testbench = 1", r"\[testbench\] must be a table, but got 1"),
        ("space = 1", "space must be a .*, but got 1"),
        ('[testbench]\nkind = "opam"', "no testbench 'opam'. Did you mean 'opamp'"),
        ('[testbench]\nkind = ["opamp"]', "testbench"),
        ("[testbench]\nvdd = []", r"vdd|\[\]"),
        ("[testbench]\nvdd = -1", "`vdd > 0` must hold, but got -1"),
        ('[testbench]\nload = "2 pA"', "'2 pA' is in A, but a quantity in F"),
        ('[space]\nw1 = "1u-100u"', "bounds read like w1 = 1u..100u log step 5n, but got 'w1 = 1u-100u'"),
        ('[space]\nw1 = ""', "bounds read like w1 ="),
        ("[space]\nw1 = 3", "bounds read like w1 ="),
        ('[space]\nw1 = "a..b"', "w1|'a'"),
        ('[space]\nw1 = "1u..2u step many"', "w1|many"),
        ('[space]\nw1 = "2u..1u"', "`low < high` must hold for the variable 'w1'"),
        ('[space]\nw1 = "0..1u log"', "'w1' starts at 0"),
        ('[space]\nw1 = "1u..2u lgo"', "w1"),
        ('[space]\nw1 = "1u..2u log step"', "w1"),
        ('[space]\nw9 = "1u..2u"', "variable 'w9' is no parameter"),
        ('[conditions]\ncorner = "zz"', "no corner 'zz'"),
        ("[conditions]\ncorner = 1", "corner must be a .*, but got 1"),
        ('[conditions]\ntemperature = "hot"', "temperature must be .*'hot'"),
        ('[conditions]\nsupply = "1.8 V"', "supply must be .*'1.8 V'"),
        ("[conditions]\nsupply = 0", "supply"),
        ("[verification]\ntemperatures = 27", "temperatures must be a list of numbers, but got 27"),
        ("[verification]\ntemperatures = []", "temperatures must be a list of numbers"),
        ('[verification]\nsupplies = ["a"]', "supplies must be a list of numbers"),
        ("[verification]\ncorners = [1]", "corners must be a list of texts, but got"),
        ("[verification]\ncorners = 1", "corners must"),
        ("[verification]\nspecs = 1", "specs must be a list of texts, but got 1"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_file_and_the_reason(write, text, message):
    with pytest.raises(InputError, match=message) as caught:
        load_task(write(text))
    assert "ota.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('netlist = "otta.sp"', "otta.sp"),
        ("netlist = 3", "netlist must be a .*, but got 3"),
        ('specs = "gbw >= 1 MHz"', "specs must be a list, but got 'gbw >= 1 MHz'"),
        ("specs = [3]", "specs must be a list of texts, but got"),
        ("specs = []", "at least one spec"),
        ('specs = ["gwb >= 1 MHz"]', "'gwb'. Did you mean 'gbw'"),
        ('technology = "genric"', "'genric'. Did you mean 'generic'"),
        ("technology = 3", "technology must be a .*, but got 3"),
    ],
)
def test_a_required_key_that_cannot_be_used_is_refused_with_the_file(write, line, message):
    key = line.split()[0]
    base = "\n".join(line if old.startswith(key) else old for old in TASK.splitlines())
    with pytest.raises(EDAError, match=message) as caught:
        load_task(write("", base=base))
    assert "ota.toml" in str(caught.value) or "otta.sp" in str(caught.value)


def test_targets_that_are_no_table_are_refused(tmp_path):
    source = NETLISTS / "five_transistor_ota" / "five_transistor_ota"
    (tmp_path / "five_transistor_ota.sp").write_text(source.with_suffix(".sp").read_text())
    (tmp_path / "ota.toml").write_text(f"targets = 3\n{source.with_suffix('.toml').read_text()}")
    with pytest.raises(InputError, match="targets"):
        load_task(tmp_path / "ota.toml")
