"""The warehouse directory: what readers see, and how that changes: versions, lock, backups.

Nothing here knows how a version is built.
"""
