//! A simulated account: people, buildings, networks, months of meetings, and labelled incidents.
