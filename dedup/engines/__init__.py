"""Engines: the stages of a scan on more than one machine, with the answers of a scan on one.

`spark` composes them on Apache Spark. What runs in an executor is in `read`, `encode` and the like:
functions that take and give Arrow batches, and call the same stages as `dedup.pipeline`.
"""
