"""An operation is declared once, as a frozen dataclass; everything else reads that declaration.

    @dataclass(frozen=True)
    class SuppressNoise(Operation):
        '''Quieten sensor noise while edges stay.'''

        name: ClassVar[str] = "suppress-noise"
        strength: Annotated[float, Interval(ge=0, le=1), Unit(""), doc("0 leaves the scan as it is")] = 0.5

From it come the form, the command-line options, the record, the C2PA action, the report line and the help
page. `parameters` is the only reader of the annotations.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from dataclasses import dataclass
from importlib import import_module
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Literal,
    NamedTuple,
    TypeAlias,
    get_args,
    get_origin,
    get_type_hints,
)

from annotated_types import DocInfo, Interval, Unit

from workstation.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from workstation.operations.mask import Mask
    from workstation.scans.source import Pixels, TileSource

Kind: TypeAlias = Literal["field", "region"]
State: TypeAlias = dict[str, Any]
"""What `fit` found about the whole picture: plain JSON values, part of the record."""


class Rect(NamedTuple):
    """A rectangle of level-0 pixels; all zero means "not marked"."""

    x: int
    y: int
    width: int
    height: int


class Window(NamedTuple):
    """What an operation sees of a picture: a block with its surroundings."""

    pixels: Pixels
    """(h, w, channels), the scan's own dtype and range."""
    mask: npt.NDArray[np.bool_]
    """(h, w): where the operation may act."""
    unknown: npt.NDArray[np.bool_]
    """(h, w): what is no evidence: the mask, and damage that belongs to another region."""


@dataclass(frozen=True)
class Operation:
    """One kind of work; its parameters are its fields."""

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1
    kind: ClassVar[Kind] = "field"
    needs_mask: ClassVar[bool] = False
    action: ClassVar[str] = "c2pa.edited"
    digital_source: ClassVar[str] = "algorithmicallyEnhanced"
    tolerance: ClassVar[float] = 0.0
    """How far a sample may lie, as a share of its type's range, from what another processor or other versions
    of the libraries give; rounding to whole samples comes on top. The same machine gives the same."""
    gain: ClassVar[float] = 1.0
    """By how much the operation may enlarge a difference that an earlier step left."""

    def __init_subclass__(cls) -> None:
        if cls.name:
            REGISTRY[cls.name] = cls

    def __post_init__(self) -> None:
        for parameter in parameters(type(self)):
            parameter.check(getattr(self, parameter.name))

    def halo(self, state: State) -> int:
        """Return how many pixels around a block the result may depend on."""
        raise NotImplementedError

    def at_scale(self, scale: float) -> Operation:
        """Return the operation for a preview level that is `scale` times the full resolution."""
        return self

    def keeps(self) -> tuple[Rect, ...]:
        """Return rectangles of level-0 pixels that stay as they are, marked or not."""
        return ()

    def weights_sha256(self) -> str | None:
        """Return the hash of the weights of the trained network that the operation uses, if any."""
        return None

    def fit(self, source: TileSource, mask: Mask | None) -> State:
        """Find the global facts that `apply` needs, from a coarse level or a sample; frozen afterwards."""
        return {}

    def apply(self, window: Window, state: State) -> Pixels:
        """Return the window's pixels after the work: pure and deterministic, same shape and dtype.

        Field operations: a result pixel depends on nothing farther than `halo(state)`.
        Region operations: called once per region with a margin of `halo(state)`; only `mask` is kept.
        """
        raise NotImplementedError


REGISTRY: dict[str, type[Operation]] = {}
MODULES = ("losses", "noise", "varnish")
"""The modules of this room that declare operations: add yours here."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One field of an operation, as forms, options, records and help pages show it."""

    name: str
    kind: type
    default: Any
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    unit: str
    help: str

    def check(self, value: Any) -> None:
        """Raise UsageError unless the value is of the right kind and within its range."""
        allowed = (int, float) if self.kind is float else (self.kind,)
        wrong = not isinstance(value, allowed) or (isinstance(value, bool) and self.kind is not bool)
        if wrong:
            raise UsageError(f"{self.name} takes {self.wanted}, not {value!r}.")
        if self.choices and value not in self.choices:
            raise UsageError(f"{self.name} takes one of {', '.join(self.choices)}, not {value}.")
        if isinstance(value, float | int) and not self._inside(value):
            raise UsageError(f"{self.name} takes {self.wanted}, not {value}.")
        if isinstance(value, Rect) and not all(type(part) is int and part >= 0 for part in value):
            raise UsageError(f"{self.name} takes {self.wanted}: four whole numbers, none of them negative.")

    @property
    def wanted(self) -> str:
        """Say in words what values the parameter takes."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        words = {float: "a number", int: "a whole number", bool: "yes or no", str: "a text"}
        text = words.get(self.kind, "x,y,width,height in")
        if self.low is not None and self.high is not None:
            text += f" from {self.low:g} to {self.high:g}"
        return f"{text} {self.unit}".strip()

    def parse(self, text: str) -> Any:
        """Read a value written on the command line or in a recipe; UsageError where it does not fit."""
        value = self._read(text.strip())
        self.check(value)
        return value

    def _read(self, text: str) -> Any:
        if self.kind is bool:
            answers = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
            return answers.get(text.lower(), text)
        try:
            if self.kind is Rect:
                return Rect(*(int(part) for part in text.split(",")))
            return self.kind(text)
        except (ValueError, TypeError):
            raise UsageError(f"{self.name} takes {self.wanted}, not {text!r}.") from None

    def _inside(self, value: float) -> bool:  # no conversion: JSON has whole numbers beyond every float
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return low <= value <= high


def parameters(operation: type[Operation]) -> tuple[Parameter, ...]:
    """Read an operation's declaration; the one place that looks at annotations."""
    hints = get_type_hints(operation, include_extras=True)
    fields = dataclasses.fields(operation)
    return tuple(_parameter(field.name, hints[field.name], field.default) for field in fields)


def _parameter(name: str, hint: Any, default: Any) -> Parameter:
    kind, *notes = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    interval = next((note for note in notes if isinstance(note, Interval)), Interval())
    choices = get_args(kind) if get_origin(kind) is Literal else ()
    return Parameter(
        name=name,
        kind=str if choices else kind,
        default=default,
        low=_number(interval.ge),
        high=_number(interval.le),
        choices=choices,
        unit=next((note.unit for note in notes if isinstance(note, Unit)), ""),
        help=next((note.documentation for note in notes if isinstance(note, DocInfo)), ""),
    )


def _number(limit: Any) -> float | None:
    return None if limit is None else float(limit)


def title(operation: type[Operation]) -> str:
    """Return the operation's name as a person reads it: "fill-losses" → "Fill losses"."""
    return operation.name.replace("-", " ").capitalize()


def summary(operation: type[Operation]) -> str:
    """Return the first line of the operation's docstring."""
    return (inspect.getdoc(operation) or "").splitlines()[0]


def named(name: str) -> type[Operation]:
    """Return the operation of that name; UsageError with the known names where there is none."""
    load_all()
    if name not in REGISTRY:
        raise UsageError(f"There is no operation {name[:60]!r}. There are: {', '.join(sorted(REGISTRY))}.")
    return REGISTRY[name]


def build(name: str, values: dict[str, Any]) -> Operation:
    """Build an operation from plain JSON values or texts; UsageError for unknown or unfit ones."""
    kind = named(name)
    known = {parameter.name: parameter for parameter in parameters(kind)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise UsageError(f"{name} has no parameter {unknown[0]!r}. It has: {', '.join(known) or 'none'}.")
    return kind(**{key: _value(known[key], value) for key, value in values.items()})


def _value(parameter: Parameter, value: Any) -> Any:
    if isinstance(value, str) and not parameter.choices:
        return parameter.parse(value)
    if parameter.kind is Rect and isinstance(value, list | tuple) and len(value) == 4:
        return Rect(*value)
    return value


def values(operation: Operation) -> dict[str, Any]:
    """Return the operation's parameters as plain JSON values."""
    found = {field.name: getattr(operation, field.name) for field in dataclasses.fields(operation)}
    return {name: list(value) if isinstance(value, Rect) else value for name, value in found.items()}


def load_all() -> dict[str, type[Operation]]:
    """Import every module that declares operations, and return them by name."""
    for module in MODULES:
        import_module(f"workstation.operations.{module}")
    return REGISTRY
