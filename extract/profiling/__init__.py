"""What the raw tables look like after a load, kept in ``ops`` beside how they looked before.

``columns`` says how each column is to be read, ``quirks`` which oddities of this data are
counted, ``tables`` what is written, ``update`` does it. Nothing here checks the data: what is
wrong with a row is decided in the dbt project, what is too strange in the gates.
"""

from extract.profiling.update import ProfileReport, update_profile

__all__ = ["ProfileReport", "update_profile"]
