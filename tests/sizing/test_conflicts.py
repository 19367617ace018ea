from dataclasses import replace

import pytest

from eda.problem import Evaluation, Spec
from eda.simulation import Status
from eda.sizing.conflicts import conflicts
from eda.sizing.examination import PROVEN
from eda.testbench import Guard, Metric

GAIN, SPEED = Metric("gain", "dB", "how much"), Metric("speed", "Hz", "how fast", logarithmic=True)
SPECS = (Spec(GAIN, ">=", 60.0), Spec(SPEED, ">=", 1e7))


def _designs(*pairs, margin=1.0):
    guards = (Guard("alive", margin, "it is"),)
    return [Evaluation({}, Status.OK, {"gain": gain, "speed": speed}, guards=guards) for gain, speed in pairs]


def test_a_feasible_design_ends_the_question():
    assert conflicts(_designs((61, 2e7), (50, 1e6)), SPECS) == []


def test_a_spec_that_nothing_met_is_named_with_the_nearest_value():
    first, last = conflicts(_designs((40, 2e7), (45, 1e8)), SPECS)
    assert first == "no design met 'gain >= 60 dB': the nearest has gain = 45 dB"
    assert "15 dB" in last


def test_two_specs_that_were_never_met_together_are_named_with_both_sides_of_the_trade_off():
    first, last = conflicts(_designs((62, 8e6), (70, 2e6), (55, 1.2e7), (30, 9e7)), SPECS)
    assert "'gain >= 60 dB' and 'speed >= 10 MHz' were never met together" in first
    assert "speed = 8 MHz" in first
    assert "gain = 55 dB" in first
    # 5 dB of 60 are less than a tenth of a decade of speed
    assert "gain" in last


def test_without_bounds_what_is_undefined_is_told():
    specs = (Spec(SPEED, "maximize", None),)
    designs = [Evaluation({}, Status.UNDEFINED_METRIC, {"gain": 40}, {"speed": "no crossing"})]
    assert conflicts(designs, specs) == ["the nearest design in all: speed is undefined: no crossing"]


def test_three_specs_may_only_be_in_conflict_together():
    level = Metric("level", "V", "where")
    specs = (*SPECS, Spec(level, ">=", 1.0))
    designs = [
        Evaluation(
            {}, Status.OK, {"gain": gain, "speed": speed, "level": volts}, guards=(Guard("alive", 1.0, "it is"),)
        )
        for gain, speed, volts in ((61, 2e7, 0.9), (61, 5e6, 1.1), (50, 2e7, 1.1))
    ]
    assert conflicts(designs, specs)[0] == "every two of the specs were met together, but never all of them"


def test_designs_that_do_not_work_say_nothing_about_specs():
    sentences = conflicts([*_designs((90, 1e9), margin=-0.5), *_designs((45, 2e7))], SPECS)
    assert sentences[0].startswith("no design that works met 'gain >= 60 dB'")
    assert sentences[-1].startswith("the nearest design that works in all: ")


def test_guards_that_hold_in_no_design_are_named():
    def fails(*names):
        guards = tuple(
            Guard(name, -1.0 if name in names else 1.0, f"{name}?") for name in ("alive", "polarity", "level")
        )
        return Evaluation({}, Status.OK, {"gain": 90.0, "speed": 1e9}, guards=guards)

    unproven = replace(fails("polarity"), guards=(*fails("polarity").guards, Guard(PROVEN, -0.8, "1 of 5 conditions")))
    assert conflicts([unproven], SPECS) == [
        "no design works: the guard polarity fails in each of the 1 that were simulated (such as: polarity?)"
    ]
    assert conflicts([fails("level", "polarity"), fails("polarity")], SPECS) == [
        "no design works: the guard polarity fails in each of the 2 that were simulated (such as: polarity?)"
    ]
    assert conflicts([fails("level"), fails("alive"), fails("level", "alive"), fails("level")], SPECS) == [
        "no design works: the guard level fails in 3 of 4, another in each of the others (such as: level?)"
    ]


def test_a_design_that_was_not_simulated_everywhere_has_missed_nothing():
    (met,) = _designs((61, 2e7))
    unproven = replace(met, guards=(*met.guards, Guard(PROVEN, -0.8, "simulated under 1 of 5 conditions")))
    (sentence,) = conflicts([*_designs((40, 2e7)), unproven], SPECS)
    assert sentence.startswith("a design met everything where it was simulated, but the budget ended too early")
    assert sentence.endswith("simulated under 1 of 5 conditions")


@pytest.mark.parametrize("status", [Status.NO_CONVERGENCE, Status.TIMEOUT])
def test_failed_simulations_are_left_out(status):
    assert conflicts([Evaluation({}, status)], SPECS)[0].startswith("no design works")


def test_a_result_says_what_is_in_the_way(bowl, tmp_path):
    from eda.sizing import Sobol, size

    result = size(bowl(specs=("sum >= 2 V", "bowl <= 0.1 V")), Sobol(), budget=64, run_dir=tmp_path, progress=False)
    assert "'sum >= 2 V' and 'bowl <= 100 mV' were never met together" in result.conflicts[0]


def test_designs_that_were_not_simulated_everywhere_count_for_what_they_missed(bowl, tmp_path):
    from eda.sizing import Sobol, size

    specs = ("sum >= 2 V", "bowl <= 0.1 V")
    result = size(bowl(specs=specs), Sobol(), budget=64, temperatures=(7, 47), run_dir=tmp_path, progress=False)
    assert "'sum >= 2 V' and 'bowl <= 100 mV' were never met together" in result.conflicts[0]


def test_an_objective_without_a_value_is_no_conflict_of_bounds():
    objective = Metric("power", "W", "what it takes")
    specs = (Spec(GAIN, ">=", 60.0), Spec(objective, "minimize", None))
    (design,) = _designs((70, 1e7))
    (sentence,) = conflicts([design], specs)
    assert sentence == "the nearest design in all: power is undefined: not measured"
