import json

import pytest
import torch

from eda.errors import InputError
from eda.link_prediction import LinkPredictor
from eda.netlist import parse_netlist


def test_every_net_and_a_new_one_are_ranked(ota, untrained):
    for row in untrained.rank(ota, [("m4", "gate"), ("c1", "plus")]):
        assert {one.net for one in row} == {"inp", "inn", "out", "bias", "vdd", "vss", "x", "tail", None}
        assert sum(one.probability for one in row) == pytest.approx(1, abs=1e-5)
        assert [one.probability for one in row] == sorted((one.probability for one in row), reverse=True)


def test_a_terminal_scores_the_same_alone_and_beside_others(ota, untrained):
    alone = untrained.rank(ota, [("m4", "gate")])[0]
    beside = untrained.rank(ota, [("m1", "drain"), ("m4", "gate")])[1]
    assert [one.net for one in alone] == [one.net for one in beside]
    for one, other in zip(alone, beside, strict=True):
        assert one.probability == pytest.approx(other.probability, rel=1e-4)


def test_hierarchy_is_seen_flat(untrained):
    circuit = parse_netlist("""* two in one
.subckt half a b
r1 a b 1k
.ends
.subckt whole in out
x1 in mid half
x2 mid out half
.ends
""")
    row = untrained.rank(circuit, [("r.x2.r1", "plus")])[0]
    assert {one.net for one in row} == {"in", "out", "mid", None}


def test_connections_are_judged_the_least_probable_first(ota, untrained):
    judged = untrained.judge(ota)
    # gates at ports that nothing else is on are not asked for
    assert {one.terminal for one in judged} == {
        (device, role)
        for device in ("m1", "m2", "m3", "m4", "m5")
        for role in ("drain", "gate", "source")
        if (device, role) not in {("m1", "gate"), ("m2", "gate"), ("m5", "gate")}
    } | {("c1", "plus"), ("c1", "minus")}
    assert [one.probability for one in judged] == sorted(one.probability for one in judged)
    by_terminal = {one.terminal: one for one in judged}
    ranked = {one.net: one.probability for one in untrained.rank(ota, [("m4", "gate")])[0]}
    found = by_terminal["m4", "gate"]
    assert found.net == "x"
    assert found.probability == pytest.approx(ranked["x"], rel=1e-4)
    assert found.better.probability == pytest.approx(max(p for net, p in ranked.items() if net != "x"), rel=1e-4)


def test_large_circuits_are_judged_whole(untrained):
    """Of many terminals several are opened at a time; each has its turn once."""
    lines = [f"r{n} n{n} n{n + 1} 1k" for n in range(150)]
    judged = untrained.judge(parse_netlist("\n".join(["* ladder", *lines, ".end"])))
    assert len(judged) == len({one.terminal for one in judged}) == 298


def test_weights_are_kept_with_their_card(ota, untrained, tmp_path):
    path = tmp_path / "some.safetensors"
    untrained.card["temperature"] = 1.5
    LinkPredictor(untrained.networks, untrained.card).save(path)
    again = LinkPredictor.load(path)
    assert again.temperature == 1.5
    assert again.card["seed"] == 0
    first = LinkPredictor(untrained.networks, untrained.card).rank(ota, [("m2", "source")])[0]
    for one, other in zip(first, again.rank(ota, [("m2", "source")])[0], strict=True):
        assert one.probability == pytest.approx(other.probability, rel=0.05)  # half precision


def test_a_temperature_flattens_probabilities(ota, untrained):
    sharp = untrained.rank(ota, [("m4", "gate")])[0]
    flat = LinkPredictor(untrained.networks, {"temperature": 3}).rank(ota, [("m4", "gate")])[0]
    assert [one.net for one in flat] == [one.net for one in sharp]
    assert flat[0].probability < sharp[0].probability
    assert flat[-1].probability > sharp[-1].probability


@pytest.mark.parametrize("change", [{"format": 99}, {"roles": []}, {"shape": {"width": 32}}, {"networks": 2}])
def test_weights_of_another_kind_are_refused(change, untrained, tmp_path):
    path = tmp_path / "some.safetensors"
    untrained.save(path)
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps({**card, **change}))
    with pytest.raises(InputError, match="train"):
        LinkPredictor.load(path)


@pytest.mark.parametrize(
    ("terminal", "message"), [(("m9", "gate"), "no terminal m9.gate"), (("m1", "anode"), "Did you mean|Known")]
)
def test_terminals_that_are_not_there_are_refused(ota, untrained, terminal, message):
    with pytest.raises(InputError, match=message):
        untrained.rank(ota, [terminal])


def test_several_networks_are_averaged(ota, untrained):
    torch.manual_seed(1)
    second = type(untrained.networks[0])(untrained.networks[0].shape)
    both = LinkPredictor([*untrained.networks, second], {})
    rows = [
        {one.net: one.probability for one in predictor.rank(ota, [("m4", "gate")])[0]}
        for predictor in (LinkPredictor(untrained.networks, {}), LinkPredictor([second], {}), both)
    ]
    for net, probability in rows[2].items():
        assert probability == pytest.approx((rows[0][net] + rows[1][net]) / 2, rel=1e-4)
