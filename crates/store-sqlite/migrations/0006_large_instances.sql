-- Past instances with more participants than a list shows at once, see rollcall_store::LARGE_INSTANCE: few, however many
-- instances there are.
CREATE INDEX instances_large ON instances (id) WHERE state = 'past' AND participants > 300;
