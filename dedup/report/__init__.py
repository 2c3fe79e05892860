"""The report: one page of HTML that shows what a scan found, and needs nothing else."""

from dedup.report.write import Written, check, write

__all__ = ["Written", "check", "write"]
