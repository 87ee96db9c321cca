"""Moving production to another model version: gate, approval, rollout with verification, rollback, ledger.

The modules here are what every part of a promotion shares; they import none of the packages beside them.
``subjects`` says how a kind of model is asked, ``scoring`` and ``gate`` judge a candidate, ``ledger`` records
what was found and done, ``targets`` are the places where models serve, ``rollout`` changes what serves, and
``workflow`` has the steps of the DAG.
"""
