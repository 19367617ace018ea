import time

import pytest

from eda.errors import SimulatorError
from eda.simulation import BatchSimulator, Deck, Job, Op, Status, Tran

DECK = Deck("", "v1 a 0 {v}\nr1 a 0 1k", {"v": 1.0}, (Op(),), ("v(a)",))


@pytest.mark.parametrize("use", [lambda s: s.version, lambda s: s.simulate([Job(DECK)])])
def test_a_missing_ngspice_is_told_with_the_remedy(use):
    with pytest.raises(SimulatorError, match=r"'no-such-ngspice' was not found on the PATH; .*apt-get install ngspice"):
        use(BatchSimulator("no-such-ngspice"))


@pytest.mark.ngspice
def test_version_names_the_simulator(batch):
    assert batch.version.startswith("ngspice-")


@pytest.mark.ngspice
def test_a_long_run_is_given_up_after_the_timeout():
    endless = Deck("", "v1 a 0 sin(0 1 1g)\nr1 a 0 1", {}, (Tran(1e-11, 1),), ("v(a)",))
    start = time.monotonic()
    (result,) = BatchSimulator(timeout=0.5).simulate([Job(endless)])
    assert result.status is Status.TIMEOUT
    assert not result.analyses
    assert time.monotonic() - start < 3


@pytest.mark.ngspice
def test_no_folder_is_left(batch, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert batch.simulate([Job(DECK), Job(DECK, {"v": 2.0})])[1].analyses["op"].value("v(a)") == 2.0
    assert list(tmp_path.iterdir()) == []
