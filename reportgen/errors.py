"""What can go wrong for a user, and the exit code of each; knows nothing of how an error is shown."""


class ReportgenError(Exception):
    """A mistake that the user can mend; the text says what, why and what to do."""

    exit_code = 1


class InputError(ReportgenError):
    """The settings or the pictures given cannot be used."""

    exit_code = 2


class ModelError(ReportgenError):
    """The network is missing, broken, or of a kind that cannot be opened."""

    exit_code = 3


class OutputRefusedError(ReportgenError):
    """The output folder is not ours to write."""

    exit_code = 4


class OutputWriteError(ReportgenError):
    """The output could not be written: a full disk, no permission."""

    exit_code = 5


class BusyError(ReportgenError):
    """Another build of the same output is running."""

    exit_code = 75


BY_EXIT_CODE = {
    kind.exit_code: kind
    for kind in (ReportgenError, InputError, ModelError, OutputRefusedError, OutputWriteError, BusyError)
}
"""The kind of error for an exit code, so that an error can cross from one process into another."""
