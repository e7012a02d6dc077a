//! Zoom's wire: types, spelling of values, pages, and the reading of response bodies.
