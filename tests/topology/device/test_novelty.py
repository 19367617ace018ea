from eda.topology.device import Known, Part, Topology, broken_rules, similarity


def renamed(topology, names):
    return Topology(tuple(Part(p.kind, tuple(names.get(n, n) for n in p.nets)) for p in topology.parts))


def test_another_number_of_a_port_is_new_only_to_those_who_read_numbers(five):
    other = renamed(five, {"vb1": "vb3"})
    assert other in Known([five])
    assert other not in Known([five], ports="named")
    assert five in Known([five], ports="named")


def test_names_of_inner_nets_and_the_order_of_devices_are_nothing_new(five):
    other = Topology(tuple(reversed(renamed(five, {"net1": "a", "net3": "b"}).parts)))
    assert other in Known([five], ports="named")


def test_another_connection_is_new(five):
    assert renamed(five, {"vin2": "vin1"}) not in Known([five])


def test_similarity_of_a_topology_to_itself_and_to_nothing(five):
    assert similarity(five, renamed(five, {"net1": "x"})) == 1.0
    assert similarity(five, Topology((Part("resistor", ("vss", "vout1")),))) == 0.0
    assert 0 < similarity(five, Topology((*five.parts, Part("capacitor", ("vout1", "vss"))))) < 1


def test_rules_of_analogtobi(five):
    assert not broken_rules(five)
    assert broken_rules(Topology((Part("resistor", ("a", "a")),))) == [
        "both terminals of a resistor are on the net 'a'",
        "only one device is on the net 'a'",
    ]
    assert broken_rules(Topology((Part("resistor", ("vss", "a")),))) == ["only one device is on the net 'a'"]
