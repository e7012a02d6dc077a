use proptest::prelude::*;

use super::*;

fn printed<T: Spelling>(value: T) -> String {
    let mut out = Vec::new();
    value.print(&mut out);
    String::from_utf8(out).unwrap()
}

fn parsed<T: Spelling>(text: &str) -> Option<T> {
    T::parse("field", text).unwrap()
}

#[test]
fn prints_the_forms_of_the_wire() {
    assert_eq!(printed(BitrateBps(23_000)), "23 kbps");
    assert_eq!(printed(BitrateBps(27_150)), "27.15 kbps");
    assert_eq!(printed(BitrateBps(27_154)), "27.15 kbps");
    assert_eq!(printed(BitrateBps(27_155)), "27.16 kbps");
    assert_eq!(printed(BitrateBps(1)), "0 kbps");
    assert_eq!(printed(BitrateBps(u32::MAX)), "4294967.29 kbps");
    assert_eq!(printed(BitrateBps(0)), "0 kbps");
    assert_eq!(printed(Millis(126)), "126 ms");
    assert_eq!(printed(Millis(1_234)), "1234 ms");
    assert_eq!(printed(LossPermyriad(30)), "0.3%");
    assert_eq!(printed(LossPermyriad(3)), "0.03%");
    assert_eq!(printed(LossPermyriad(0)), "0.0%");
    assert_eq!(printed(LossPermyriad(10_000)), "100.0%");
    assert_eq!(printed(Resolution { width: 1280, height: 720 }), "1280*720");
    assert_eq!(printed(Resolution { width: 0, height: 0 }), "0*0");
    assert_eq!(printed(FrameRateCentiFps(1200)), "12 fps");
    assert_eq!(printed(FrameRateCentiFps(2997)), "30 fps");
    assert_eq!(printed(FrameRateCentiFps(49)), "0 fps");
    assert_eq!(printed(Percent(8)), "8%");
    assert_eq!(printed(CpuPressureLevel::Serious), "serious");
}

#[test]
fn reads_the_forms_that_were_seen() {
    for text in ["27.15 kbps", "27.15kbps", " 27.15  Kbps ", "27.150 kbps"] {
        assert_eq!(parsed(text), Some(BitrateBps(27_150)), "{text}");
    }
    assert_eq!(parsed("126ms"), Some(Millis(126)));
    assert_eq!(parsed("0.03%"), Some(LossPermyriad(3)));
    assert_eq!(parsed("0.3 %"), Some(LossPermyriad(30)));
    assert_eq!(parsed("0.035%"), Some(LossPermyriad(4)));
    assert_eq!(parsed("640 * 360"), Some(Resolution { width: 640, height: 360 }));
    assert_eq!(parsed("12 fps"), Some(FrameRateCentiFps(1200)));
    assert_eq!(parsed::<Percent>("  "), None);
    assert_eq!(parsed::<Resolution>(""), None);
    assert_eq!(parsed("critical"), Some(CpuPressureLevel::Critical));
}

#[test]
fn refuses_what_is_no_value_and_names_it() {
    let error = BitrateBps::parse("bitrate", "fast").unwrap_err();
    assert_eq!(error.to_string(), "`bitrate` is `fast`, which is not a bitrate such as `23 kbps`");
    for text in ["23", "kbps", "-23 kbps", "1.2.3 kbps", ". kbps", "23 mbps", "99999999 kbps", "ﬀ kbps"] {
        assert!(BitrateBps::parse("bitrate", text).is_err(), "{text}");
    }
    assert!(LossPermyriad::parse("avg_loss", "0.3").is_err());
    assert!(Resolution::parse("resolution", "1280").is_err());
    assert!(Percent::parse("cpu", "70000%").is_err());
    assert!(CpuPressureLevel::parse("level", "calm").is_err());
}

#[test]
fn spells_durations_and_seconds() {
    let duration = |seconds| {
        let mut out = Vec::new();
        print_duration(&mut out, seconds);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(duration(0), "00:00");
    assert_eq!(duration(85), "01:25");
    assert_eq!(duration(3599), "59:59");
    assert_eq!(duration(14_108), "03:55:08");
    assert_eq!(duration(360_000), "100:00:00");
    assert_eq!(parse_duration("duration", ""), Ok(None));
    for text in ["5", "1:60", "61:00", "a:b", "1:2:3:4"] {
        assert!(parse_duration("duration", text).is_err(), "{text}");
    }
    for (millis, text) in [(3980, "3.98"), (4000, "4"), (5, "0.005"), (-1500, "-1.5"), (0, "0")] {
        let mut out = Vec::new();
        print_seconds(&mut out, millis);
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

proptest! {
    #[test]
    fn every_bitrate_comes_back_to_ten_bits(value in 0..u32::MAX - 10) {
        let back: BitrateBps = parsed(&printed(BitrateBps(value))).unwrap();
        prop_assert!(back.0.abs_diff(value) <= 5 && back.0.is_multiple_of(10), "{back:?}");
    }

    #[test]
    fn every_latency_comes_back(value: u32) {
        prop_assert_eq!(parsed(&printed(Millis(value))), Some(Millis(value)));
    }

    #[test]
    fn every_loss_and_load_comes_back(value: u16) {
        prop_assert_eq!(parsed(&printed(LossPermyriad(value))), Some(LossPermyriad(value)));
        prop_assert_eq!(parsed(&printed(Percent(value))), Some(Percent(value)));
    }

    #[test]
    fn every_frame_rate_comes_back_to_a_frame(value in 0..65_450_u16) {
        let back: FrameRateCentiFps = parsed(&printed(FrameRateCentiFps(value))).unwrap();
        prop_assert!(back.0.abs_diff(value) <= 50 && back.0.is_multiple_of(100), "{back:?}");
    }

    #[test]
    fn every_picture_size_comes_back(width: u16, height: u16) {
        prop_assert_eq!(parsed(&printed(Resolution { width, height })), Some(Resolution { width, height }));
    }

    #[test]
    fn every_duration_comes_back(seconds in 0..10_000_000_u64) {
        let mut out = Vec::new();
        print_duration(&mut out, seconds);
        prop_assert_eq!(parse_duration("duration", std::str::from_utf8(&out).unwrap()), Ok(Some(seconds)));
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC*|[0-9.*: ]{0,24}(kbps|ms|%|fps)?") {
        let _ = BitrateBps::parse("f", &text);
        let _ = Millis::parse("f", &text);
        let _ = LossPermyriad::parse("f", &text);
        let _ = Percent::parse("f", &text);
        let _ = Resolution::parse("f", &text);
        let _ = FrameRateCentiFps::parse("f", &text);
        let _ = CpuPressureLevel::parse("f", &text);
        let _ = parse_duration("f", &text);
    }
}
