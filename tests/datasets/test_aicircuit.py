from eda.datasets import aicircuit


def test_decks_are_put_together_from_their_parts(tmp_path):
    folder = tmp_path / "Simulation/Netlists/PA"
    folder.mkdir(parents=True)
    for name, data in {"netlist": b"r1 (a b) resistor\n", "netlistHeader": b"simulator lang=spectre\n"}.items():
        (folder / name).write_bytes(data)
    (folder / "netlistFooter").touch()
    (deck,) = aicircuit.decks(tmp_path)
    assert (deck.name, deck.path) == ("Simulation/Netlists/PA", None)
    assert deck.data == b"simulator lang=spectre\nr1 (a b) resistor\n"


def test_there_are_eleven_decks_and_110482_rows(dataset_folder):
    path = dataset_folder("aicircuit")
    decks = aicircuit.decks(path)
    assert len(decks) == 11
    assert all("simulator lang=spectre" in deck.text for deck in decks)
    lines = [len(file.read_text().splitlines()) for file in path.glob("Dataset/*.csv")]
    assert sum(lines) - len(lines) == 110_482
