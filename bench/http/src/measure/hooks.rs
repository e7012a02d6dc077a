//! How many quality-of-service webhooks are accepted per second, one event per request, each on disk before its
//! response.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    process::Command,
    thread,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Setup;
use crate::{
    Result, fail,
    process::Server,
    report::table,
    statistics::{median, quantile},
};

const CONNECTIONS: usize = 64;
/// The number of participants of each connection: ten instances of 640 in total.
const PARTICIPANTS: usize = 100;
const INSTANCES: usize = 10;
const RUN: Duration = Duration::from_secs(10);
const SECRET: &str = "a secret of the benchmark";
const BAR_PER_SECOND: f64 = 10_000.0;
const BAR_P99_MS: f64 = 50.0;
/// The first reported minute: 2026-09-21T00:00Z.
const FIRST_MINUTE: u64 = 29_832_480;

pub fn measure(setup: &Setup) -> Result<()> {
    let (mut rates, mut p50s, mut p99s, mut peaks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    // Each round fills a folder of its own for ten seconds; three rounds are enough.
    for _ in 0..setup.rounds.min(3) {
        let folder = setup.dir.join("hooks");
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let mut begin = Command::new(&setup.rollcall);
        begin.args(["account", "create", "bench", "--new", "--data"]).arg(&folder).output()?;
        let mut create = Command::new(&setup.rollcall);
        create.args(["hook", "create", "zoom", "--secret-env", "SECRET", "--data"]).arg(&folder).env("SECRET", SECRET);
        let created = create.output()?;
        let path = String::from_utf8(created.stdout)?.trim().to_owned();
        if !created.status.success() {
            return fail(format!("rollcall hook create: {}", String::from_utf8_lossy(&created.stderr)));
        }
        let mut serve = Command::new(&setup.rollcall);
        serve.arg("serve").arg("--data").arg(&folder).args(["--listen", "127.0.0.1:0"]);
        let server = Server::start(serve.env("ROLLCALL_HOOKS_MAX_PER_SECOND", "1000000"))?;

        let started = Instant::now();
        let connections: Vec<_> = (0..CONNECTIONS)
            .map(|connection| {
                let (address, path) = (server.address, path.clone());
                thread::spawn(move || deliver(address, &path, connection, started + RUN))
            })
            .collect();
        let mut times = Vec::new();
        for connection in connections {
            times.extend(connection.join().map_err(|_| "a connection panicked")??);
        }
        let seconds = started.elapsed().as_secs_f64();
        rates.push(times.len() as f64 / seconds);
        times.sort_unstable();
        p50s.push(quantile(&times, 0.5).as_secs_f64() * 1e3);
        p99s.push(quantile(&times, 0.99).as_secs_f64() * 1e3);
        peaks.push(server.resident()?.peak as f64 / 1e6);
    }
    let (rate, p50, p99, peak) = (median(rates), median(p50s), median(p99s), median(peaks));
    table(
        "hooks: participant_qos, one event a request, 64 connections, 6400 participants, the client on the same machine",
        ["", "a second", "p50 ms", "p99 ms", "peak MB"],
        &[[
            "rollcall".to_owned(),
            format!("{rate:.0}"),
            format!("{p50:.1}"),
            format!("{p99:.1}"),
            format!("{peak:.0}"),
        ]],
    );
    let bar = format!("{BAR_PER_SECOND:.0} a second");
    setup.report.reached("webhooks", format!("{rate:.0} a second"), bar, rate >= BAR_PER_SECOND);
    let met = p99 < BAR_P99_MS;
    setup.report.reached("webhooks, p99", format!("{p99:.1} ms"), format!("under {BAR_P99_MS:.0} ms"), met);
    Ok(())
}

/// Delivers minute after minute of the connection's participants until the time is up. Returns each delivery's time.
fn deliver(address: SocketAddr, path: &str, connection: usize, until: Instant) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let (mut times, mut request, mut buffer) = (Vec::new(), Vec::new(), vec![0; 4096]);
    for minute in FIRST_MINUTE.. {
        for participant in 0..PARTICIPANTS {
            if Instant::now() >= until {
                return Ok(times);
            }
            let body = event(connection * PARTICIPANTS + participant, minute);
            write_request(&mut request, address, path, body.as_bytes())?;
            let sent = Instant::now();
            stream.write_all(&request)?;
            let mut filled = 0;
            while memchr::memmem::find(&buffer[..filled], b"\r\n\r\n").is_none() {
                let read = stream.read(&mut buffer[filled..])?;
                if read == 0 {
                    return fail("the connection was closed before the answer");
                }
                filled += read;
            }
            times.push(sent.elapsed());
            if !buffer.starts_with(b"HTTP/1.1 204") {
                return fail(String::from_utf8_lossy(&buffer[..filled]).into_owned());
            }
        }
    }
    Ok(times)
}

fn write_request(request: &mut Vec<u8>, address: SocketAddr, path: &str, body: &[u8]) -> Result<()> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())?;
    mac.update(format!("v0:{seconds}:").as_bytes());
    mac.update(body);
    let signature: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    request.clear();
    write!(
        request,
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json; charset=utf-8\r\n\
         x-zm-request-timestamp: {seconds}\r\nx-zm-signature: v0={signature}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    request.extend_from_slice(body);
    Ok(())
}

/// One participant's minute: six streams and the CPU usage, as Zoom sends them.
fn event(participant: usize, minute: u64) -> String {
    let (day, of_day) = (minute / 1440 - FIRST_MINUTE / 1440, minute % 1440);
    let time = format!("2026-09-{:02}T{:02}:{:02}:07Z", 21 + day, of_day / 60, of_day % 60);
    let uuid = format!("{:022}==", participant % INSTANCES);
    let noise = participant as u64 * 7 + minute * 13;
    let mut rows = String::new();
    for (index, section) in
        ["audio_input", "audio_output", "video_input", "video_output", "as_input", "as_output"].into_iter().enumerate()
    {
        let noise = noise + index as u64 * 31;
        let picture = if index < 2 { "" } else { r#","resolution":"1280*720","frame_rate":"25 fps""# };
        rows.push_str(&format!(
            r#"{{"date_time":"{time}","type":"{section}","details":{{"bitrate":"{} kbps","latency":"{} ms","jitter":"{} ms","avg_loss":"0.{}%","max_loss":"1.{}%"{picture}}}}},"#,
            60 + noise % 900,
            20 + noise % 150,
            noise % 20,
            noise % 10,
            noise % 10,
        ));
    }
    format!(
        r#"{{"event":"meeting.participant_qos","event_ts":{},"payload":{{"account_id":"AAAAAABBBB","object":{{"uuid":"{uuid}","participant":{{"user_id":"{}","participant_user_id":"rstuvwxyza789-cde","email":"user{participant}@example.com","qos":[{rows}{{"date_time":"{time}","type":"cpu_usage","details":{{"zoom_min_cpu_usage":"8%","zoom_avg_cpu_usage":"12%","zoom_max_cpu_usage":"18%","system_max_cpu_usage":"40%"}}}}]}}}}}}}}"#,
        minute * 60_000,
        16_778_240 + participant * 1024,
    )
}
