"""What can go wrong between a source and schema ``raw``, by name.

Every message is one readable text: which file, what is wrong, what to do. Nothing here
formats tracebacks or decides exit codes; the command does.
"""

from __future__ import annotations

from collections.abc import Sequence


class ExtractError(Exception):
    """The load could not be done; nothing of it was kept."""


class SourceError(ExtractError):
    """The source cannot be opened: not found, not readable, damaged, or unsafe to unpack."""


class DownloadError(SourceError):
    """The source could not be fetched just now; another attempt may succeed."""


class ContractError(ExtractError):
    """The source opens but is not what was agreed: a file or a column is missing or mangled.

    Args:
        problems: One sentence or two for each broken promise; together they are the message.

    Attributes:
        problems: The same, one by one.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        """Join the problems into one message."""
        self.problems: tuple[str, ...] = (
            (problems,) if isinstance(problems, str) else tuple(problems)
        )
        super().__init__("\n".join(self.problems))
