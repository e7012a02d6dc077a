//! The E-model matches published values and other implementations, and is monotone.

use proptest::prelude::*;
use rollcall_quality::emodel::{CodecImpairment, absolute_delay_impairment, delay_rating, loss_impairment, mos};

fn rating(delay_ms: f64, equipment: f64, loss_robustness: f64, loss_percent: f64, burst_ratio: f64) -> f64 {
    delay_rating(delay_ms) - loss_impairment(CodecImpairment { equipment, loss_robustness }, loss_percent, burst_ratio)
}

#[test]
fn the_reference_vectors_hold_to_the_third_decimal_of_the_mos() {
    let vectors = [
        // Ta, Ie, Bpl, Ppl, BurstR, R, MOS
        (0.0, 0.0, 25.1, 0.0, 1.0, 93.21, 4.409),
        (100.0, 0.0, 25.1, 0.0, 1.0, 90.66, 4.355),
        (150.0, 0.0, 25.1, 1.0, 1.0, 85.90, 4.226),
        (200.0, 0.0, 25.1, 2.0, 1.0, 78.79, 3.978),
        (300.0, 0.0, 25.1, 5.0, 1.0, 56.89, 2.938),
        (100.0, 11.0, 19.0, 2.0, 1.0, 71.66, 3.674),
        (150.0, 11.0, 19.0, 5.0, 1.0, 61.04, 3.154),
        (400.0, 0.0, 25.1, 10.0, 1.0, 35.18, 1.835),
        (100.0, 0.0, 25.1, 2.0, 2.0, 83.38, 4.145),
    ];
    for (delay, ie, bpl, loss, burst, expected_rating, expected_mos) in vectors {
        let rating = rating(delay, ie, bpl, loss, burst);
        let score = mos(rating);
        assert!((rating - expected_rating).abs() <= 0.005, "{delay} ms, {loss} %: R {rating}, not {expected_rating}");
        assert!((score - expected_mos).abs() <= 0.000_5, "{delay} ms, {loss} %: MOS {score}, not {expected_mos}");
    }
}

#[test]
fn the_delay_alone_costs_what_was_computed() {
    let vectors = [
        (100.0, 0.0),
        (150.0, 0.164),
        (177.3, 1.172),
        (200.0, 3.044),
        (250.0, 8.917),
        (300.0, 14.761),
        (400.0, 24.07),
        (500.0, 30.636),
    ];
    for (delay, expected) in vectors {
        let cost = absolute_delay_impairment(delay);
        assert!((cost - expected).abs() <= 0.000_5, "{delay} ms: {cost}, not {expected}");
    }
}

#[test]
fn ratings_become_scores_as_annex_b_tabulates_them() {
    for (rating, expected) in [(90.0, 4.339), (80.0, 4.024), (70.0, 3.597), (60.0, 3.100), (50.0, 2.575)] {
        assert!((mos(rating) - expected).abs() <= 0.000_5, "{rating}: {}", mos(rating));
    }
    assert_eq!((mos(-5.0), mos(0.0), mos(100.0), mos(130.0)), (1.0, 1.0, 4.5, 4.5));
}

#[test]
fn codecs_lose_at_two_percent_what_icao_tabulates() {
    // G.711 with concealment, G.729A, G.723.1. The table's row for G.711 without concealment does not fit G.113's own
    // constants and is left out.
    for (equipment, loss_robustness, expected) in [(0.0, 25.1, 7.0), (11.0, 19.0, 19.0), (15.0, 16.1, 24.0)] {
        let cost = loss_impairment(CodecImpairment { equipment, loss_robustness }, 2.0, 1.0);
        assert_eq!(cost.round(), expected, "{cost}");
    }
}

proptest! {
    #[test]
    fn more_delay_or_loss_never_rates_better(
        delay in 0.0_f64..3_000.0, more_delay in 0.0_f64..500.0, loss in 0.0_f64..100.0, more_loss in 0.0_f64..50.0,
        burst in 1.0_f64..2.0, equipment in 0.0_f64..30.0, loss_robustness in 4.0_f64..30.0,
    ) {
        let at = |delay, loss| rating(delay, equipment, loss_robustness, loss, burst);
        prop_assert!(at(delay + more_delay, loss) <= at(delay, loss));
        prop_assert!(at(delay, loss + more_loss) <= at(delay, loss));
    }

    #[test]
    fn a_better_rating_never_scores_worse(rating in -50.0_f64..150.0, more in 0.0_f64..20.0) {
        prop_assert!(mos(rating + more) >= mos(rating));
        prop_assert!((1.0..=4.5).contains(&mos(rating)));
    }
}

#[test]
fn no_delay_in_steps_of_half_a_millisecond_rates_better_than_a_shorter_one() {
    let ratings: Vec<f64> = (0..=4_000).map(|half_ms| delay_rating(f64::from(half_ms) / 2.0)).collect();
    for (half_ms, pair) in ratings.windows(2).enumerate() {
        assert!(pair[1] <= pair[0], "after {} ms: {pair:?}", half_ms as f64 / 2.0);
    }
}
