//! The live store of QoS minutes, on an LSM tree.
