"""What can go wrong, told as one sentence that says what happened and what to do.

Raised in the core, shown in one place (the command line's last line, the window's message bar).
Bugs are not wrapped: anything that is not a WorkstationError is ours to mend.
"""

from __future__ import annotations


class WorkstationError(Exception):
    """Base of all that is told to the user; `code` is stable for scripts."""

    code = "error"


class UsageError(WorkstationError):
    """The words of a command, a parameter or a recipe do not fit."""

    code = "usage"


class ScanError(WorkstationError):
    """A picture cannot be read."""

    code = "scan"


class ChangedError(ScanError):
    """A picture became another while it was read."""


class MaskError(WorkstationError):
    """A mask does not fit its scan."""

    code = "mask"


class OperationError(WorkstationError):
    """An operation cannot work on what it was given."""

    code = "operation"


class CatalogueError(WorkstationError):
    """The catalogue cannot be opened, read or changed."""

    code = "catalogue"


class CredentialError(WorkstationError):
    """A certificate, key or credential cannot be used."""

    code = "credential"


class ExhibitError(WorkstationError):
    """An exhibit cannot be built from its description."""

    code = "exhibit"


class WriteError(WorkstationError):
    """A file cannot be written: disk full, no permission, folder gone."""

    code = "write"


class TooLargeError(WriteError):
    """Something that only makes work quicker is too large to be kept; the work goes on without it."""


class MissingPartError(WorkstationError):
    """The machine lacks a library, a screen or a device."""

    code = "missing"


class CancelledError(WorkstationError):
    """The user stopped the work; the sentence says whether anything was kept for another run."""

    code = "cancelled"
