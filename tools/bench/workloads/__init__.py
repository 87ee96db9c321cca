"""Benchmarks of other workloads than the main job: ``make bench ARGS='--workload <name>'``.

A module by the workload's name has ``run(options, folder)``, which yields the name and the result of each
measurement, and ``table(found)``, Markdown of all of them.
"""
