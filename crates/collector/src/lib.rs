//! Brings in what vendors answered: recorded responses from files.
