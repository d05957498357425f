"""From files to the schema raw: contract, reading, fingerprints, merge, audit.

Where files come from is in ``extract.sources``; the order of these steps in ``extract.load``.
"""
