//! Finds the candidate pair in use: its round trips are the call's, those of others are not.

use super::Stat;

/// Returns the pairs in use, by transport: those that the transport selects; else those marked as selected (Firefox,
/// which has no transport reports); else the nominated and succeeded one with the most traffic; else a single pair
/// without a state.
pub(super) fn in_use(reports: &[Stat]) -> Vec<&Stat> {
    let selected: Vec<&str> = reports
        .iter()
        .filter(|stat| stat.stat_type == "transport")
        .filter_map(|stat| stat.selected_candidate_pair_id.as_deref())
        .collect();
    let pairs: Vec<&Stat> = reports.iter().filter(|stat| stat.stat_type == "candidate-pair").collect();
    let mut transports: Vec<Option<&str>> = pairs.iter().map(|pair| pair.transport_id.as_deref()).collect();
    transports.sort_unstable();
    transports.dedup();
    let mut in_use = Vec::new();
    for transport in transports {
        let own: Vec<&Stat> = pairs.iter().copied().filter(|pair| pair.transport_id.as_deref() == transport).collect();
        let chosen = [
            own.iter().copied().filter(|pair| selected.contains(&pair.id.as_str())).collect(),
            own.iter().copied().filter(|pair| pair.selected == Some(true)).collect(),
            nominated(&own).into_iter().collect(),
            alone(&own).into_iter().collect::<Vec<&Stat>>(),
        ];
        in_use.extend(chosen.into_iter().find(|chosen| !chosen.is_empty()).into_iter().flatten());
    }
    in_use
}

fn nominated<'s>(pairs: &[&'s Stat]) -> Option<&'s Stat> {
    let carried = |pair: &Stat| pair.bytes_received.unwrap_or_default() + pair.bytes_sent.unwrap_or_default();
    let pairs = pairs.iter().copied();
    pairs
        .filter(|pair| pair.nominated == Some(true) && pair.state.as_deref() == Some("succeeded"))
        .filter(|pair| pair.selected != Some(false))
        .max_by(|one, other| carried(one).total_cmp(&carried(other)))
}

fn alone<'s>(pairs: &[&'s Stat]) -> Option<&'s Stat> {
    match pairs {
        [pair] if pair.selected.is_none() && pair.nominated.is_none() && pair.state.is_none() => Some(pair),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Sample, in_use};

    fn ids(reports: &str) -> Vec<String> {
        let sample: Sample = serde_json::from_str(&format!(r#"{{"at":0,"reports":{reports}}}"#)).unwrap();
        in_use(&sample.reports).into_iter().map(|pair| pair.id.to_string()).collect()
    }

    #[test]
    fn a_transports_choice_is_the_pair_in_use() {
        let reports = r#"[{"id":"T1","type":"transport","selectedCandidatePairId":"B"},
            {"id":"A","type":"candidate-pair","transportId":"T1","state":"succeeded","nominated":true},
            {"id":"B","type":"candidate-pair","transportId":"T1","state":"succeeded","nominated":true},
            {"id":"C","type":"candidate-pair","transportId":"T2","state":"succeeded","nominated":true}]"#;
        assert_eq!(ids(reports), ["B", "C"]);
    }

    #[test]
    fn else_the_selected_one_else_the_nominated_and_succeeded_one() {
        let firefox = r#"[{"id":"A","type":"candidate-pair","state":"succeeded","nominated":true,"selected":true},
            {"id":"B","type":"candidate-pair","state":"succeeded","nominated":true,"selected":false}]"#;
        assert_eq!(ids(firefox), ["A"]);
        let nominated = r#"[{"id":"A","type":"candidate-pair","state":"succeeded","nominated":false},
            {"id":"B","type":"candidate-pair","state":"failed","nominated":true},
            {"id":"C","type":"candidate-pair","state":"succeeded","nominated":true,"bytesReceived":9},
            {"id":"D","type":"candidate-pair","state":"succeeded","nominated":true,"bytesReceived":5}]"#;
        assert_eq!(ids(nominated), ["C"]);
    }

    #[test]
    fn a_pair_that_is_known_not_to_be_in_use_is_not() {
        assert!(ids(r#"[{"id":"A","type":"candidate-pair","state":"succeeded","nominated":false}]"#).is_empty());
        assert!(
            ids(r#"[{"id":"A","type":"candidate-pair","nominated":true,"state":"succeeded","selected":false}]"#)
                .is_empty()
        );
        assert_eq!(ids(r#"[{"id":"A","type":"candidate-pair"}]"#), ["A"]);
    }
}
