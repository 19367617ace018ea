import numpy as np
import pytest
import torch

from eda.datasets.cirgps import Layout
from eda.parasitics.interconnect import of_layout

INVERTERS = 12


@pytest.fixture(scope="session")
def layout():
    """A chain of inverters between rails 0 and 1; net 2 is its input. Capacitances grow with widths."""
    count = INVERTERS
    width = np.repeat(1e-7 * 2.0 ** np.arange(count) ** 0.5, 2)
    device = np.arange(2 * count)
    nets = np.array([[3 + one // 2, 2 + one // 2, one % 2] for one in device])  # drain, gate, source
    rng = np.random.default_rng(0)
    pin_width = np.repeat(width, 3)
    gate = 3 * device + 1
    couplings = {
        "pin to net": (np.stack((gate, nets[:, 0])), 1e-17 * (width / 1e-7) * rng.uniform(0.9, 1.1, 2 * count)),
        "pin to pin": (np.stack((gate, 3 * device)), 4e-17 * (width / 1e-7) ** 0.5),
        "net to net": (np.stack((np.arange(2, 2 + count), np.arange(3, 3 + count))), np.full(count, 2e-16)),
    }
    port = np.zeros(3 + count, dtype=bool)
    port[2] = True
    rail = np.arange(3 + count) < 2
    return Layout(
        width,
        np.full(2 * count, 3e-8),
        np.repeat(device, 3),
        np.tile([0, 1, 2], 2 * count),
        nets.ravel(),
        port,
        rail,
        np.where(rail, 0.0, 3e-16),
        1e-17 * pin_width / 1e-7 * np.tile([1.0, 3.0, 0.0], 2 * count),
        couplings,
    )


@pytest.fixture(scope="session")
def whole(layout):
    """Interconnect, pairs, couplings and capacitances to ground, F."""
    return of_layout(layout)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
