//! The behaviour suite: what every backend does, proved against the traits alone.
