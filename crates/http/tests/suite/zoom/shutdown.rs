//! Shutdown: running requests are finished, new ones are not accepted.

use std::{sync::Arc, time::Duration};

use rollcall_http::{Settings, serve};
use rollcall_store::{MinuteRow, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore},
};
use tokio_util::sync::CancellationToken;

use crate::zoom::{World, data, reading::Reading};

/// Longer than anything here takes.
const SOON: Duration = Duration::from_secs(10);

/// Signals that minutes are read, and returns them when it is opened.
struct Gate {
    asked: Notify,
    open: Semaphore,
}

impl Gate {
    fn closed() -> Arc<Self> {
        Arc::new(Self { asked: Notify::new(), open: Semaphore::new(0) })
    }

    /// A read of minutes.
    async fn read(self: Arc<Self>) -> Result<Vec<MinuteRow>> {
        self.asked.notify_one();
        let _ = self.open.acquire().await.unwrap();
        Ok(Vec::new())
    }
}

/// A server on a port of its own, with a request in flight that waits at the gate.
struct Running {
    gate: Arc<Gate>,
    address: std::net::SocketAddr,
    in_flight: TcpStream,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
    _world: World,
}

impl Running {
    async fn start(settings: Settings) -> Self {
        let gate = Gate::closed();
        let reads = Arc::clone(&gate);
        let minutes = Reading(move || Arc::clone(&reads).read());
        let world = World::with_minutes(settings, Arc::new(minutes)).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let served = tokio::spawn(serve(Arc::clone(&world.app), listener, None, stop.clone()));
        let mut in_flight = TcpStream::connect(address).await.unwrap();
        let target = format!("/v2/metrics/meetings/{}/participants/qos", data::LIVE);
        let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\n\r\n", world.token);
        in_flight.write_all(request.as_bytes()).await.unwrap();
        tokio::time::timeout(SOON, gate.asked.notified()).await.unwrap();
        Self { gate, address, in_flight, stop, served, _world: world }
    }

    /// The response to the request in flight, until the connection is closed.
    async fn rest(&mut self) -> String {
        let mut answer = Vec::new();
        tokio::time::timeout(SOON, self.in_flight.read_to_end(&mut answer)).await.unwrap().unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Waits until connections are refused.
    async fn refuses_connections(&self) {
        let refused = async {
            while TcpStream::connect(self.address).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(SOON, refused).await.unwrap();
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered_and_no_connection_is_taken() {
    let mut running = Running::start(Settings::default()).await;
    running.stop.cancel();
    running.refuses_connections().await;
    assert!(!running.served.is_finished(), "it waits for the request");

    running.gate.open.add_permits(1);
    let answer = running.rest().await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"user_qos\":[]"), "{answer}");
    tokio::time::timeout(SOON, running.served).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut_off() {
    let settings = Settings { drain_timeout: Duration::from_millis(50), ..Settings::default() };
    let running = Running::start(settings).await;
    running.stop.cancel();
    tokio::time::timeout(SOON, running.served).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn connections_beyond_the_most_wait_for_one_to_end() {
    let settings = Settings { max_connections: 1, ..Settings::default() };
    let mut running = Running::start(settings).await;
    let mut waiting = TcpStream::connect(running.address).await.unwrap();
    waiting.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let early = tokio::time::timeout(Duration::from_millis(50), waiting.read_to_end(&mut answer)).await;
    assert!(early.is_err(), "it is not answered yet");

    running.gate.open.add_permits(1);
    let mut head = [0; 15];
    tokio::time::timeout(SOON, running.in_flight.read_exact(&mut head)).await.unwrap().unwrap();
    drop(std::mem::replace(&mut running.in_flight, TcpStream::connect(running.address).await.unwrap()));
    tokio::time::timeout(SOON, waiting.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
}
