//! Webex's wire: types, spelling of values, the rules of tracking codes, and the reading of response bodies.
