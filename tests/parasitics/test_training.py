import pytest
import torch

from eda.benchmark.parasitics import Split, known_of
from eda.errors import InputError
from eda.nn.pin_network import PinShape
from eda.parasitics.interconnect import coupling, ground
from eda.parasitics.training import Recipe, trained

SHAPE = PinShape(16, 2)


@pytest.fixture(scope="module")
def known(whole):
    circuit, pairs, farads, to_ground = whole
    nothing = Split(circuit, torch.zeros(circuit.places, dtype=torch.bool), crossing=True)
    return known_of(nothing, pairs, coupling(farads), ground(to_ground))


@pytest.mark.parametrize("balanced", [False, True])
def test_capacitances_are_learned(whole, known, balanced):
    circuit = whole[0]
    network, _ = trained(circuit, known, SHAPE, Recipe(400, 10, balanced=balanced), seed=0)
    with torch.inference_mode():
        states = network.encode(circuit)
        of_pairs = network.couplings(states, known.pairs)
        of_places = network.grounds(states, circuit.nets)
    for found, wanted in ((of_pairs[:, 0], known.couplings), (of_places[:, 0], known.grounds)):
        if balanced:  # rare values are moved towards the ends, on purpose, but keep their order
            assert torch.corrcoef(torch.stack((found, wanted.float())))[0, 1] > 0.8
        else:
            assert ((found - wanted) ** 2).sum() < 0.2 * ((wanted - wanted.mean()) ** 2).sum()
    present = of_pairs[known.pairs.distance == 0, -1]
    with torch.inference_mode():
        absent = network.couplings(states, known.absent)[:, -1]
    assert (present > 0).float().mean() > 0.9
    assert (absent < 0).float().mean() > 0.9


def test_a_stopped_training_goes_on(whole, known, tmp_path):
    circuit = whole[0]
    recipe = Recipe(12, 3)

    def stop(number, _):
        if number == 6:
            raise KeyboardInterrupt

    straight, _ = trained(circuit, known, SHAPE, recipe, seed=1)
    state = tmp_path / "a.state"
    with pytest.raises(KeyboardInterrupt):
        trained(circuit, known, SHAPE, recipe, seed=1, state=state, after=stop)
    resumed, _ = trained(circuit, known, SHAPE, recipe, seed=1, state=state)
    for one, other in zip(straight.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, other)
    with pytest.raises(InputError, match="another training"):
        trained(circuit, known, SHAPE, Recipe(13, 3), seed=1, state=state)
