import pytest

from eda.errors import InputError
from eda.simulation import Ac, Dc, Deck, Fourier, Noise, Op, Pz, Sens, Sp, Sweep, Tf, Tran


@pytest.mark.parametrize(
    ("analysis", "command"),
    [
        (Op(), "op"),
        (Ac(0.1, 10e9, 20), "ac dec 20 0.1 10000000000"),
        (Dc("vin", -0.9, 0.9, 0.025), "dc vin -0.9 0.900025 0.025"),
        (Tran(1e-9, 1e-6), "tran 1e-09 1e-06"),
        (Ac(1, 10, 5, "lin"), "ac lin 5 1 10"),
        (Dc("temp", -40, 125, 5), "dc temp -40 125.005 5"),
        (Dc("v1", 0, 1, 0.5, Sweep("r2", 1e3, 2e3, 1e3)), "dc v1 0 1.0005 0.5 r2 1000 2001 1000"),
        (Tran(1e-9, 1e-6, 2e-7), "tran 1e-09 1e-06 2e-07"),
        (Tran(1e-9, 1e-6, max_step=1e-10, use_initial_conditions=True), "tran 1e-09 1e-06 0 1e-10 uic"),
        (Noise("v(out)", "v1", 1, 100, 10), "noise v(out) v1 dec 10 1 100"),
        (Noise("v(a,b)", "v1", 1, 100, 10, "oct", contributions=True), "noise v(a,b) v1 oct 10 1 100 1"),
        (Tf("v(out)", "v1"), "tf v(out) v1"),
        (Pz("in", "0", "out", "0", "cur", "pol"), "pz in 0 out 0 cur pol"),
        (Sens("v(out)"), "sens v(out)"),
        (Sens("v(out)", Ac(1, 100, 1)), "sens v(out) ac dec 1 1 100"),
        (Sp(1, 100, 1), "sp dec 1 1 100"),
        (Fourier(1e3, "v(out)"), "four 1000 v(out)"),
    ],
)
def test_an_analysis_reads_as_its_ngspice_command(analysis, command):
    assert str(analysis) == command
    assert command.startswith(analysis.kind if analysis.kind != "fourier" else "four")
    assert analysis.name == analysis.kind


@pytest.mark.parametrize(
    ("analysis", "complete", "short"),
    [
        (Dc("v", 0, 1, 0.1), 1.0, 0.9),
        (Dc("v", 0, 1, 0.3), 0.9, 0.6),
        (Dc("v", 1, 0, -0.1), 0.0, 0.1),
        (Ac(1, 1e3, 10), 1e3, 790.0),
        (Ac(1, 1.1e3, 10), 1e3, 790.0),
        (Tran(1e-9, 1e-6), 1e-6, 0.99e-6),
        (Ac(1, 8, 1, "oct"), 8.0, 4.0),
        (Ac(1, 10, 4, "lin"), 10.0, 7.0),
        (Noise("v(a)", "v1", 1, 1e3, 10), 1e3, 790.0),
    ],
)
def test_a_complete_sweep_is_told_from_one_that_lacks_a_step(analysis, complete, short):
    assert analysis.reached(complete)
    assert not analysis.reached(short)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Ac(10, 1), r"`0 < start < stop` must hold, but got \(10, 1\)"),
        (lambda: Ac(0, 1), "`0 < start < stop`"),
        (lambda: Ac(1, float("nan")), "`0 < start < stop`"),
        (lambda: Ac(1, 10, 0), "`points >= 1` must hold, but got 0"),
        (lambda: Ac(1, 10, 1, "log"), "variation is 'dec', 'oct' or 'lin'"),
        (lambda: Dc("v1", 0, 1, 0), "`step != 0`"),
        (lambda: Dc("v1", 0, 1, -0.1), "the step leads from start to stop"),
        (lambda: Dc("v1 0", 0, 1, 0.1), "source is a name without blanks"),
        (lambda: Sweep("", 0, 1, 0.1), "source is a name without blanks"),
        (lambda: Tran(-1e-9, 1), "`step > 0` must hold, but got -1e-09"),
        (lambda: Tran(1e-9, 1, 2), "`0 <= start < stop`"),
        (lambda: Tran(1e-9, 1, max_step=0.0), "`max_step > 0`"),
        (lambda: Noise("v(out)", "v1\nquit"), "source is a name without blanks"),
        (lambda: Noise("v(out)", "v1", 1, 1), "`0 < start < stop`"),
        (lambda: Tf("v(a);quit", "v1"), "output is a name without blanks"),
        (lambda: Pz("a", "0", "b", "0", "volt"), "transfer is 'vol' or 'cur'"),
        (lambda: Pz("a", "0", "b", "0", "vol", "all"), "wanted is"),
        (lambda: Fourier(0, "v(a)"), "`fundamental > 0`"),
        (lambda: Fourier(1, "v(a)", 0), "`harmonics >= 1`"),
        (lambda: Op(name="my op"), "name is a name without blanks"),
    ],
)
def test_what_cannot_run_is_refused_with_what_must_hold(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("analyses", "settings", "message"),
    [
        ((Tran(1e-9, 1e-6), Tran(1e-9, 1e-3)), {}, "2 are called 'tran'"),
        ((Fourier(1e6, "v(a)"), Tran(1e-9, 1e-6)), {}, "'fourier' needs a transient 'tran' before it"),
        ((Sp(1, 10),), {}, "S-parameters need ports"),
        ((Op(),), {"measures": ("op x find v(a)",)}, "needs an analysis 'op'"),
        ((Ac(),), {"measures": ("tran x max v(a)",)}, "needs an analysis 'tran'"),
        ((Ac(),), {"measures": ("ac x",)}, "reads `analysis name what ...`"),
        ((Ac(),), {"measures": ("ac x max v(a)", "ac x min v(a)")}, "a name of its own"),
    ],
)
def test_a_deck_whose_analyses_do_not_fit_is_refused(analyses, settings, message):
    with pytest.raises(InputError, match=message):
        Deck("", "v1 a 0 1", {}, analyses, ("v(a)",), **settings)


def test_a_circuit_with_ports_has_no_sensitivities_in_ngspice():
    with pytest.raises(InputError, match="need a deck without them"):
        Deck("", "v1 a 0 0 portnum 1 z0 50", {}, (Sens("v(a)"),), ())


def test_sweeps_list_the_values_that_ngspice_takes():
    assert Sweep("v1", 0, 1, 0.1).values() == pytest.approx([i / 10 for i in range(11)])
    assert Sweep("v1", 0, 1, 0.3).values() == pytest.approx([0, 0.3, 0.6, 0.9])
    assert Sweep("v1", 1, 0, -0.5).values() == pytest.approx([1, 0.5, 0])
