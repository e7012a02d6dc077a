//! One door for every source: normalise, merge, write.
