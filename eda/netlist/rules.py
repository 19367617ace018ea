"""The electrical rules, each a small function from a block to its findings."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from eda.errors import InputError, did_you_mean
from eda.netlist.common import SETTINGS
from eda.netlist.conventions import is_ground, is_supply, polarity
from eda.netlist.devices import DEVICE_TYPES
from eda.netlist.expressions import number
from eda.netlist.findings import Finding, Severity
from eda.netlist.flatten import names_of
from eda.netlist.rewrite import references
from eda.netlist.sources import parse_source
from eda.netlist.view import Nets, views

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eda.netlist.circuit import Circuit, Device
    from eda.netlist.view import View

__all__ = ["RULES", "undefined_names"]

_WORDS: Final = frozenset({"region", "type", "mode", "fundname", "model"})  # settings of Spectre, not numbers
_REFERRING: Final = frozenset("befgh")  # elements whose text may name nodes
_HUGE: Final = 1e-2  # m; no transistor is a centimetre wide or long


def dangling_net(view: View) -> Iterator[Finding]:
    """A net with a single pin leads nowhere."""
    if view.fragment:
        return
    referred = _referred(view)
    for net, pins in view.nets.items():
        if len(pins) == 1 and net not in view.driven and net not in referred:
            device, pin = pins[0]
            message = f"the net {net!r} connects only to {_pin_text(device, pin)}"
            called = device.letter == "x" and device.model in view.known and (device.name, pin) not in view.blocked
            if called:  # an output that nothing uses does no harm
                yield Finding(
                    "open-output", Severity.NOTE, f"{message}, which is left open", view.name, device.location
                )
            else:
                yield Finding("dangling-net", Severity.ERROR, message, view.name, device.location)


def _pin_text(device: Device, pin: str) -> str:
    return f"pin {int(pin) + 1} of {device.name}" if pin.isdecimal() else f"{pin} of {device.name}"


def no_path(view: View) -> Iterator[Finding]:
    """Nets that no direct current reaches have no operating point: floating gates, biases that nothing drives."""
    if view.fragment:
        return
    groups: dict[str, list[str]] = defaultdict(list)
    for net in view.nets:
        groups[view.conducting.find(net)].append(net)
    reached = {view.conducting.find(net) for net in view.driven}
    reached |= {
        view.conducting.find(node)
        for device in view.devices
        if device.letter in "xan" and device.model not in view.known
        for node in device.nodes
    }
    for root, nets in groups.items():
        pins = [pin for net in nets for pin in view.nets[net]]
        if root in reached or len(pins) == 1:
            continue
        yield _unreached(view, nets, pins)


def _unreached(view: View, nets: list[str], pins: list[tuple[Device, str]]) -> Finding:
    if all(pin == "bulk" for _, pin in pins):
        devices = ", ".join(sorted({device.name for device, _ in pins})[:6])
        message = (
            f"the bulk of {devices} is on the {'net' if len(nets) == 1 else 'nets'} {', '.join(nets)}, tied to nothing"
        )
        return Finding("floating-bulk", Severity.ERROR, message, view.name, pins[0][0].location)
    gates = sorted({device.name for device, pin in pins if pin == "gate"})
    calls = sorted({device.name for device, pin in pins if (device.name, pin) in view.blocked})
    named = ", ".join(map(repr, nets[:4])) + (" ..." if len(nets) > 4 else "")
    word = "net" if len(nets) == 1 else "nets"
    if len(nets) == 1 and calls and len({*gates, *calls}) == len({device.name for device, _ in pins}):
        rule, what = "undriven-bias", f"{word} {named} drives {', '.join(gates + calls)}, but nothing drives it"
    elif len(nets) == 1 and gates:
        rule = "floating-gate"
        what = f"{word} {named} has no path for direct current, so the gate of {', '.join(gates)} floats"
    else:
        rule = "no-dc-path"
        roles = ", ".join(sorted({f"{pin} pins of {DEVICE_TYPES[device.letter].noun}s" for device, pin in pins})[:4])
        has = "has" if len(nets) == 1 else "have"
        what = f"{word} {named} {has} no path for direct current to ground or a port: only {roles}"
    return Finding(rule, Severity.ERROR, f"the {what}", view.name, pins[0][0].location)


def unknown_interface(view: View) -> Iterator[Finding]:
    """A circuit without ports and sources may be driven anywhere, so that no net can be said to float."""
    if view.fragment and view.devices:
        message = "it has no ports, or no source: which of its nets are driven was not checked"
        yield Finding("unknown-interface", Severity.NOTE, message, view.name, view.location or view.devices[0].location)


def shorted_device(view: View) -> Iterator[Finding]:
    """All pins of a device on one net: it does nothing, or shorts a source."""
    for device in view.devices:
        if len(device.nodes) > 1 and len(set(device.nodes)) == 1:
            rail = is_supply(device.nodes[0]) or is_ground(device.nodes[0])
            tied = device.letter in "mx" and rail  # a dummy, tied off on purpose
            severity = Severity.FATAL if device.letter in "ve" else Severity.NOTE if tied else Severity.WARNING
            message = f"all pins of {device.name} are on the net {device.nodes[0]!r}"
            yield Finding("shorted-device", severity, message, view.name, device.location)


def shorted_supply(view: View) -> Iterator[Finding]:
    """A called block whose supply and ground are on the same net."""
    for device in view.devices:
        block = view.known.get(device.model or "") if device.letter == "x" else None
        if block is None or len(block.ports) != len(device.nodes):
            continue
        nets = list(zip(block.ports, device.nodes, strict=True))
        for supply, net in nets:
            ground = next((port for port, other in nets if other == net and is_ground(port)), None)
            if is_supply(supply) and ground is not None:
                message = f"{device.name} has its supply {supply!r} and its ground {ground!r} on the net {net!r}"
                yield Finding("shorted-supply", Severity.ERROR, message, view.name, device.location)


def voltage_loop(view: View) -> Iterator[Finding]:
    """Ideal voltage sources in a loop fight without limit; an inductor across one shorts it at direct current."""
    loops = Nets()
    between: set[frozenset[str]] = set()
    for device in view.devices:
        if not _is_voltage(device) or len(set(device.nodes[:2])) < 2:
            continue
        plus, minus = device.nodes[:2]
        if loops.find(plus) == loops.find(minus):
            if frozenset((plus, minus)) in between:
                message = f"more than one voltage source lies between {' and '.join(sorted((plus, minus)))}"
            else:
                message = f"{device.name} closes a loop of voltage sources between {plus} and {minus}"
            yield Finding("voltage-loop", Severity.FATAL, message, view.name, device.location)
        loops.join((plus, minus))
        between.add(frozenset((plus, minus)))
    for device in view.devices:
        if device.letter == "l" and len(set(device.nodes)) == 2 and "rser" not in device.parameters:
            plus, minus = device.nodes
            if loops.find(plus) == loops.find(minus):
                message = f"the inductor {device.name} shorts the voltage source between {plus} and {minus} at DC"
                yield Finding("voltage-loop", Severity.ERROR, message, view.name, device.location)


def _is_voltage(device: Device) -> bool:
    if "rser" in device.parameters or (device.letter == "v" and "rser" in (device.value or "")):
        return False
    return device.letter in "veh" or (device.letter == "b" and (device.value or "").startswith("v"))


def wrong_bulk(view: View) -> Iterator[Finding]:
    """The bulk of an n-channel transistor at the positive supply, or of a p-channel one at ground, conducts."""
    for device in view.devices:
        if device.letter != "m" or len(device.nodes) < 4:
            continue
        model = view.models.get(device.model or "")
        kind = polarity(device.model or "", model.type if model else None)
        bulk = device.nodes[3]
        if (kind == "n" and is_supply(bulk)) or (kind == "p" and is_ground(bulk)):
            message = f"the bulk of the {kind}-channel transistor {device.name} is on {bulk!r}: its junctions conduct"
            yield Finding("wrong-bulk", Severity.ERROR, message, view.name, device.location)


def unused_port(view: View) -> Iterator[Finding]:
    """A port that nothing inside touches."""
    referred = _referred(view)
    for port in view.ports:
        if port not in view.nets and port not in referred:
            message = f"the port {port!r} of {view.name!r} is not connected inside"
            yield Finding("unused-port", Severity.WARNING, message, view.name, view.location)


def _referred(view: View) -> set[str]:
    """Nets that no pin need touch: expressions and notes name them."""
    texts = [device.value for device in view.devices if device.value and device.letter in _REFERRING]
    notes = [device.parameters["$sub"] for device in view.devices if "$sub" in device.parameters]
    return {*notes, *(node for text in texts for node in references(text)[0])}


def undefined_parameter(view: View) -> Iterator[Finding]:
    """A value that names a parameter which nothing defines."""
    users: dict[str, list[Device]] = defaultdict(list)
    for device in view.devices:
        for name in _names(device) - view.scope:
            users[name].append(device)
    for name, devices in sorted(users.items()):
        others = f" and {len(devices) - 1} more" if len(devices) > 1 else ""
        hint = did_you_mean(name, view.scope) if len(view.scope) < 100 else ""
        message = f"the parameter {name!r} of {devices[0].name}{others} is not defined. {hint}".rstrip()
        yield Finding("undefined-parameter", Severity.FATAL, message, view.name, devices[0].location)


def undefined_names(circuit: Circuit) -> set[str]:
    """The parameters that values of a circuit name and nothing defines."""
    return {name for view in views(circuit) for device in view.devices for name in _names(device) - view.scope}


def _names(device: Device) -> frozenset[str]:
    """The parameters that a device names; words that are settings and not numbers are none."""
    found = frozenset[str]().union(
        *(
            names_of(text)
            for key, text in device.parameters.items()
            if key not in _WORDS and key[0] != "$" and text not in SETTINGS
        )
    )
    value = device.value
    if value is None or device.letter in "abx" or (device.letter in "efgh" and not _linear(device)):
        return found
    if device.letter in "vi":
        source = parse_source(value, lambda word: word.strip("{}"))
        texts = [source.dc or "0", *source.ac, *source.arguments, *(text for _, text in source.others)]
        return found.union(*map(names_of, texts))
    return found | names_of(value)


def _linear(device: Device) -> bool:
    return not (device.value or "").startswith("poly") and (len(device.nodes) == 4 or bool(device.controls))


def call_mismatch(view: View) -> Iterator[Finding]:
    """A subcircuit call with another number of nodes, or with a parameter that the subcircuit does not have."""
    for device in view.devices:
        called = view.known.get(device.model or "") if device.letter == "x" else None
        if called is None:
            continue
        if len(device.nodes) != len(called.ports):
            message = (
                f"{device.name} gives {len(device.nodes)} nodes, but {called.name!r} has {len(called.ports)} ports"
            )
            yield Finding("call-mismatch", Severity.FATAL, message, view.name, device.location)
        for name in sorted(device.parameters.keys() - called.parameters.keys() - called.locals.keys() - {"m"}):
            message = (
                f"{called.name!r} has no parameter {name!r} ({device.name}). {did_you_mean(name, called.parameters)}"
            )
            yield Finding("call-mismatch", Severity.FATAL, message, view.name, device.location)


def shadowed_parameter(view: View) -> Iterator[Finding]:
    """Ngspice 39 evaluates the parameters of a call within the called block, one after the other."""
    if view.dialect != "ngspice":
        return
    for device in view.devices:
        called = view.known.get(device.model or "") if device.letter == "x" else None
        before: set[str] = set()
        for name in called.parameters if called else ():
            text = device.parameters.get(name)
            for shadowed in sorted(before & names_of(text or "")):
                message = (
                    f"{name}={{{text}}} of {device.name} names {shadowed!r}, for which ngspice takes the value that "
                    f"{device.model!r} has just been given, not the one where the call stands"
                )
                yield Finding("shadowed-parameter", Severity.WARNING, message, view.name, device.location)
            before.add(name)


def lost_multiplier(view: View) -> Iterator[Finding]:
    """Ngspice 39 keeps only the outermost of nested multipliers."""
    if view.dialect != "ngspice":
        return
    for device in view.devices:
        called = view.known.get(device.model or "") if device.letter == "x" else None
        if called is None or "m" in called.parameters or device.parameters.get("m", "1") == "1":
            continue
        inner = next((child for child in called.devices if child.parameters.get("m", "1") != "1"), None)
        if inner is not None:
            message = (
                f"{device.name} has m={device.parameters['m']} and {inner.name} in it m={inner.parameters['m']}: "
                "ngspice 39 takes the outer one and loses the inner"
            )
            yield Finding("lost-multiplier", Severity.WARNING, message, view.name, device.location)


def topology_only(view: View) -> Iterator[Finding]:
    """A circuit in which no device has a value or a size."""
    if _is_bare(view):
        message = "no device has a value or a size: this is a topology, not yet a circuit to simulate"
        yield Finding("topology-only", Severity.NOTE, message, view.name, view.location or view.devices[0].location)


def _is_bare(view: View) -> bool:
    """Whether elements that need a value have none, and no other device has a value or a size."""
    lacking = any(device.letter in "rclvi" and not (device.value or device.model) for device in view.devices)
    return lacking and not any(device.value or device.parameters for device in view.devices)


def source_without_value(view: View) -> Iterator[Finding]:
    """An independent source that gives nothing, in a circuit where others have values."""
    if _is_bare(view):
        return
    for device in view.devices:
        tie = device.letter == "v" and all(map(is_ground, device.nodes))  # one ground tied to another
        if device.letter in "vi" and (device.value or "").lower() in {"", "dc", "ac"} and not tie:
            message = f"the source {device.name} has no value, so it gives 0"
            yield Finding("source-without-value", Severity.WARNING, message, view.name, device.location)


def undefined_subcircuit(view: View) -> Iterator[Finding]:
    """A call of a subcircuit that the netlist does not define; a process kit may."""
    for device in view.devices:
        if device.letter == "x" and device.model not in view.known:
            message = (
                f"the subcircuit {device.model!r} of {device.name} is not in the netlist: the technology must have it"
            )
            yield Finding("external-subcircuit", Severity.NOTE, message, view.name, device.location)


def undefined_control(view: View) -> Iterator[Finding]:
    """A source whose current is sensed, or an inductor that is coupled, which the block does not have."""
    present = {device.name for device in view.devices}
    for device in view.devices:
        for name in device.controls:
            if name not in present and "." not in name:
                hint = did_you_mean(name, [one for one in present if one[0] == name[0]])
                message = f"{device.name} names {name!r}, which is not there. {hint}".rstrip()
                yield Finding("undefined-control", Severity.FATAL, message, view.name, device.location)


def suspicious_value(view: View) -> Iterator[Finding]:
    """Values that are numbers, but hardly the ones that were meant."""
    for device in view.devices:
        if device.letter == "r" and (device.value or "").endswith("m") and _plain(device.value) is not None:
            message = f"{device.name} has {device.value} ohm: M means milli in SPICE; did you mean MEG?"
            yield Finding("suspicious-value", Severity.WARNING, message, view.name, device.location)
        if device.letter == "m" and not view.scaled:
            for key in ("w", "l"):
                size = _plain(device.parameters.get(key))
                if size is not None and size > _HUGE:
                    message = f"{key} of {device.name} is {size:g} m: was {device.parameters[key]}u meant?"
                    yield Finding("suspicious-value", Severity.WARNING, message, view.name, device.location)


def _plain(text: str | None) -> float | None:
    try:
        return None if text is None else number(text)
    except InputError:
        return None


RULES: tuple[Callable[[View], Iterator[Finding]], ...] = (
    dangling_net,
    no_path,
    unknown_interface,
    shorted_device,
    shorted_supply,
    voltage_loop,
    wrong_bulk,
    unused_port,
    undefined_parameter,
    call_mismatch,
    shadowed_parameter,
    lost_multiplier,
    topology_only,
    source_without_value,
    undefined_subcircuit,
    undefined_control,
    suspicious_value,
)
