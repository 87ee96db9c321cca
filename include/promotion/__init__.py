"""Moving production to a model version: gate, rollout with proof, rollback, ledger."""
