"""The baseline of parasitics: gradient boosting on what lies around two ends, or around one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.utils.class_weight import compute_sample_weight
from torch_geometric.utils import scatter

from eda.graph.incidence import ROLES
from eda.graph.schema import DEVICE_COLUMNS
from eda.nn.pins import NET_FLAGS
from eda.parasitics.interconnect import KIND_COUNT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from eda.parasitics.interconnect import Interconnect, Pairs

__all__ = ["boosted", "of_pairs", "of_places"]

_SETTINGS: Final = {"max_iter": 500, "learning_rate": 0.05, "max_leaf_nodes": 31, "early_stopping": True}
_SIZES: Final = [place for place, one in enumerate(DEVICE_COLUMNS) if one.name in {"log10_w", "log10_l"}]
_DRAIN, _SOURCE = ROLES.index("drain"), ROLES.index("source")
_PORT: Final = NET_FLAGS.index("is_port")


def of_places(circuit: Interconnect) -> torch.Tensor:
    """Features of nets and pins, `places x d`: role, sizes, what else is on the net and on the device's other nets."""
    pins, nets = circuit.pins, circuit.nets
    sizes = pins.devices[:, _SIZES]
    role = torch.where(pins.role == _SOURCE, _DRAIN, pins.role)
    known = (role[:, None] == torch.unique(role)).float()
    of_net = torch.cat((
        torch.log1p(scatter(known, pins.net, 0, nets, "sum")),
        scatter(sizes[pins.device], pins.net, 0, nets, "mean"),
        scatter(10 ** (6 + sizes[pins.device]), pins.net, 0, nets, "sum"),
        pins.nets[:, [_PORT]],
        circuit.rail[:, None].float(),
    ), dim=1)  # fmt: skip
    others = [scatter(of_net[pins.net], pins.device, 0, len(sizes), way) for way in ("mean", "max")]
    of_device = torch.cat((sizes, *others), dim=1)
    beside = scatter(of_device[pins.device], pins.net, 0, nets, "mean")
    nobody = torch.zeros(nets, known.shape[1])
    return torch.cat(
        (
            torch.cat((nobody, of_net, beside), dim=1),
            torch.cat((known, of_net[pins.net], of_device[pins.device]), dim=1),
        )
    )


def of_pairs(places: torch.Tensor, pairs: Pairs) -> torch.Tensor:
    """Features of pairs, `m x d`: sums and differences of those of their ends, kind and distance.

    Args:
        places: `of_places`.
        pairs: of them.
    """
    one, other = places[pairs.ends[:, 0]], places[pairs.ends[:, 1]]
    kind = torch.nn.functional.one_hot(pairs.kind, KIND_COUNT)
    return torch.cat((one + other, (one - other).abs(), kind, pairs.distance[:, None]), dim=1)


def boosted(
    learned: torch.Tensor,
    values: torch.Tensor,
    classes: torch.Tensor,
    asked: torch.Tensor,
    *,
    balanced: bool,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Values and classes by gradient boosting.

    Args:
        learned: `m x d` features.
        values: `m` targets.
        classes: `m` classes; one of a single member is not learned.
        asked: `q x d` features.
        balanced: whether rare classes weigh as much as frequent ones.
        seed: of what is held back to stop in time.

    Returns:
        `q` values and `q` classes.
    """
    weight = compute_sample_weight("balanced", classes.numpy()) if balanced else None
    value = HistGradientBoostingRegressor(**_SETTINGS, random_state=seed)
    value.fit(learned.numpy(), values.numpy(), sample_weight=weight)
    class_ = HistGradientBoostingClassifier(**_SETTINGS, random_state=seed)
    # a class of one member cannot be learned from and held back
    several = (torch.bincount(classes)[classes] > 1).numpy()
    class_.fit(learned.numpy()[several], classes.numpy()[several], None if weight is None else weight[several])
    return value.predict(asked.numpy()), class_.predict(asked.numpy())
