"""The quality gates: what may enter the models (raw), and what may be published (marts).

Suites are data (``raw_suites``, ``mart_suites``); ``runner`` hands them to Great Expectations.
Only ``runner`` imports that package, which takes seconds: a run has a process of its own do it
(``worker``, started through ``gates``) while the files load.
"""
