//! Response bodies to facts.
