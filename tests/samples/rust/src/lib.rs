//! Nothing: the package exists only for its dependencies.
