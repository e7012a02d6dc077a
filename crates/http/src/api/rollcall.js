// Sends what this page's calls are like to Rollcall, every few seconds. See docs/ingest.md.
//
//   const call = rollcall.start({ url: "https://rollcall.example.com", token: "…", instanceUuid: "…",
//                                 meetingId: 123456789, userId: "42", userName: "Ana" });
//   call.watch(peerConnection);      // each RTCPeerConnection
//   call.share(track);               // tracks, sent or received, that are shared content
//   call.leave();                    // or leave({ ended: true }) where the meeting has ended for all
(function (global) {
  "use strict";
  const TYPES = new Set(["outbound-rtp", "inbound-rtp", "remote-inbound-rtp", "remote-outbound-rtp", "transport"]);
  const KEYS = ["type", "kind", "ssrc", "bytesSent", "retransmittedBytesSent", "packetsSent", "bytesReceived",
    "packetsReceived", "packetsLost", "jitter", "roundTripTime", "currentRoundTripTime", "totalRoundTripTime",
    "roundTripTimeMeasurements", "responsesReceived", "frameWidth", "frameHeight", "framesEncoded", "framesDecoded", "active",
    "state", "nominated", "selected"];
  const NAMES = ["localId", "transportId", "selectedCandidatePairId"]; // of other reports
  const MAX_WAITING = 60; // samples: five minutes at the usual pace
  const MAX_PER_REQUEST = 30;

  function start(options) {
    const endpoint = options.url.replace(/\/+$/, "") + "/ingest/v1/webrtc";
    const every = options.intervalMs || 5000;
    const page = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");
    const joinedAt = options.joinedAt || Date.now();
    const connections = new Map();
    const shared = new Set();
    let waiting = [];
    let sending = false;
    let left = false;
    let delay = 0;
    let names = 0;

    async function sample() {
      const at = Date.now();
      const reports = [];
      for (const [connection, name] of connections) {
        if (connection.connectionState === "closed") {
          connections.delete(connection);
          continue;
        }
        let stats;
        try {
          stats = await connection.getStats();
        } catch (error) {
          continue;
        }
        const chosen = new Set();
        stats.forEach((stat) => {
          if (stat.type === "transport") chosen.add(stat.selectedCandidatePairId);
        });
        stats.forEach((stat) => {
          // Which of these pairs is in use is decided by the server.
          const isPair = stat.type === "candidate-pair" && (chosen.has(stat.id) || stat.selected || stat.nominated);
          if (!isPair && !TYPES.has(stat.type)) return;
          const report = { id: name + "/" + stat.id };
          for (const key of KEYS) if (stat[key] !== undefined && stat[key] !== null) report[key] = stat[key];
          for (const key of NAMES) if (stat[key]) report[key] = name + "/" + stat[key];
          const source = stat.mediaSourceId && stats.get(stat.mediaSourceId);
          const track = stat.trackIdentifier || (source && source.trackIdentifier);
          if (track && shared.has(track)) report.content = "share";
          reports.push(report);
        });
      }
      if (reports.length > 0 || connections.size === 0) waiting.push({ at, reports });
      // What cannot be sent for long is thinned out: counters make up for samples that are missing.
      if (waiting.length > MAX_WAITING) waiting = waiting.filter((_, index) => index % 2 === 1);
    }

    function body(samples, more) {
      return JSON.stringify(Object.assign({
        token: options.token, sent_at: Date.now(), page, instance_uuid: options.instanceUuid,
        meeting_id: options.meetingId, kind: options.kind, topic: options.topic, user_id: String(options.userId),
        user_name: options.userName, email: options.email, joined_at: joinedAt, samples,
      }, more));
    }

    // As plain text with the token in the body: no preflight, and as sendBeacon can.
    async function send(more) {
      if (sending) return;
      sending = true;
      const samples = waiting.slice(0, MAX_PER_REQUEST);
      try {
        const answer = await fetch(endpoint, {
          method: "POST", body: body(samples, more), headers: { "Content-Type": "text/plain" }, credentials: "omit",
        });
        if (answer.ok || (answer.status >= 400 && answer.status < 500 && answer.status !== 429 && answer.status !== 408)) {
          // Refused for good: sending it again would end the same.
          waiting = waiting.filter((one) => !samples.includes(one));
          delay = 0;
        } else {
          throw new Error("status " + answer.status);
        }
      } catch (error) {
        delay = Math.min(delay ? delay * 2 : 1000, 60000) * (0.5 + Math.random() / 2);
      } finally {
        sending = false;
      }
    }

    async function turn() {
      if (left) return;
      await sample();
      if (!left) await send();
      if (!left) setTimeout(turn, Math.max(every, delay));
    }

    function leave(more) {
      if (left) return;
      left = true;
      const last = waiting.slice(-MAX_PER_REQUEST);
      const text = body(last, { left_at: Date.now(), ended: Boolean(more && more.ended) });
      if (!(navigator.sendBeacon && navigator.sendBeacon(endpoint, new Blob([text], { type: "text/plain" })))) {
        fetch(endpoint, { method: "POST", body: text, headers: { "Content-Type": "text/plain" }, keepalive: true })
          .catch(() => {});
      }
    }

    global.addEventListener("pagehide", () => leave());
    setTimeout(turn, 0);
    return {
      page,
      watch(connection) {
        if (!connections.has(connection)) connections.set(connection, "pc" + names++);
      },
      share(track) {
        shared.add(track.id);
      },
      async leave(more) {
        if (left) return;
        await sample();
        leave(more);
      },
    };
  }

  global.rollcall = { start };
})(typeof window === "undefined" ? globalThis : window);
