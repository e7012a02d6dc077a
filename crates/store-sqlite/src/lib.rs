//! The entity store on SQLite.
