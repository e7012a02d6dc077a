//! Precision and recall of persons' names in a simulated company whose truth is known.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod company;

use company::{Score, score, simulated};

#[test]
fn few_pairs_are_missed_and_hardly_any_is_wrong() {
    let (attendances, known) = simulated();
    let Score { precision, recall } = score(&attendances, &known);
    println!("precision {precision:.5}, recall {recall:.4}");
    assert!(precision >= 0.999, "{precision}");
    assert!(recall >= 0.95, "{recall}");
}
