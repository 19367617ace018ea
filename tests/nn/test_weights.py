import json

import pytest

from eda.nn.weights import save_weights


def test_weights_come_after_their_card_and_at_once(tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    save_weights(path, b"first", {"of": 1})
    assert path.read_bytes() == b"first"
    assert json.loads(path.with_suffix(".json").read_text()) == {"of": 1}

    def interrupted(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(path), "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save_weights(path, b"second", {"of": 2})
    assert path.read_bytes() == b"first"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.json", "a.safetensors"]
