"""Values and formats that several raw suites ask for: states, statuses, zip prefixes, ids."""

from __future__ import annotations

from orchestration.quality.raw_parts import absent, share
from orchestration.quality.spec import Measured

STATES = (
    *("AC", "AL", "AM", "AP", "BA", "CE", "DF", "ES", "GO"),
    *("MA", "MG", "MS", "MT", "PA", "PB", "PE", "PI", "PR"),
    *("RJ", "RN", "RO", "RR", "RS", "SC", "SE", "SP", "TO"),
)
STATUSES = (
    *("created", "approved", "invoiced", "processing", "shipped", "delivered"),
    *("canceled", "unavailable"),
)
PAYMENT_TYPES = ("credit_card", "boleto", "voucher", "debit_card", "not_defined")

# The technical columns that the load adds to each table.
ADDED = ("_source_file", "_loaded_at", "_batch_id", "_row_hash", "_has_conflict")

# A source is live if an order has ever arrived so soon after its purchase; history, which is
# loaded years later, has nothing to be late with.
LIVE_WITHIN_DAYS = 3


# Rows whose other half comes a night later are kept and flagged (decision 0004): a twentieth of
# all rows late makes a tenth of the items of a night wait for their product.
MANY_ORPHANS = 0.25


def quoted(values: tuple[str, ...]) -> str:
    """Values as SQL writes a list of them."""
    return ", ".join(f"'{value}'" for value in values)


def states(column: str) -> Measured:
    """Nearly every state is one of the 27."""
    return share(
        "states_are_known",
        f"upper(trim({column})) not in ({quoted(STATES)})",
        expected="rows whose state is none of the 27",
        critical=0.02,
        warning=0.001,  # every row of the real data has one of the 27
    )


def zip_prefixes(column: str) -> Measured:
    """Nearly every zip prefix is a number of four or five digits."""
    return share(
        "zip_prefixes_are_numbers",
        f"not regexp_full_match(trim({column}), '[0-9]{{4,5}}')",
        expected="rows whose zip prefix is not of four or five digits",
        critical=0.05,
        warning=0.005,
    )


def hexadecimal(column: str) -> Measured:
    """Nearly every id is written as the source has always written it."""
    return share(
        "ids_keep_their_format",
        f"not regexp_full_match({column}, '[0-9a-f]{{32}}')",
        expected=f"rows whose {column} is not of 32 hexadecimal characters",
        warning=0.01,
        advice="Another spelling of ids joins nothing that is here already. Compare a few with "
        "those of the last file.",
    )


def present(column: str, *, critical: float, warning: float) -> Measured:
    """Few rows lack a value."""
    return share(
        f"{column}_is_given",
        absent(column),
        expected=f"rows without {column}",
        critical=critical,
        warning=warning,
    )
