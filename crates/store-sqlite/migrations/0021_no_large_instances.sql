-- Nothing lists large instances any more.
DROP INDEX instances_large;
