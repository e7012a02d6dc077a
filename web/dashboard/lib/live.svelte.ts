/** What is live, by server-sent events. The connection is restored when it breaks, and the age of the data is known. */
import type { Live } from "../../api/types";
import { report } from "./client";
import { Problem } from "./problem";

/** Without a line for this long, the connection is regarded as broken: the server sends one every 15 seconds. */
const SILENCE = 40_000;
const LONGEST_WAIT = 30_000;

export class LiveFeed {
  data = $state.raw<Live | null>(null);
  /** When the last event came. */
  at = $state<number | null>(null);
  connected = $state(false);
  problem = $state.raw<Problem | null>(null);
  private wait = 1000;
  private stopped = false;
  private control = new AbortController();
  private timer = 0;

  /** Connects. Returns the function that disconnects. */
  start = () => {
    void this.connect();
    return () => {
      this.stopped = true;
      this.control.abort();
      clearTimeout(this.timer);
    };
  };

  /** Connects at once. */
  retry = () => {
    clearTimeout(this.timer);
    this.control.abort();
    this.wait = 1000;
    void this.connect();
  };

  private async connect() {
    const control = (this.control = new AbortController());
    try {
      const response = await fetch("/api/v1/live", { headers: { accept: "text/event-stream" }, signal: control.signal });
      if (!response.ok) throw await Problem.from(response);
      this.connected = true;
      this.problem = null;
      this.wait = 1000;
      await this.read(response.body!, control);
    } catch (error) {
      if (this.stopped || this.control !== control) return;
      this.problem = control.signal.aborted ? null : Problem.caught(error);
      if (this.problem) report(this.problem);
      if (this.problem?.kind === "forbidden" || this.problem?.kind === "signed-out") return;
    }
    if (this.stopped || this.control !== control) return;
    this.connected = false;
    this.timer = window.setTimeout(() => void this.connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  private async read(stream: ReadableStream<Uint8Array>, control: AbortController) {
    const source = stream.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader();
    let text = "";
    let watch = 0;
    try {
      for (;;) {
        clearTimeout(watch);
        watch = window.setTimeout(() => control.abort(), SILENCE);
        const { done, value } = await source.read();
        if (done) return;
        text += value;
        const events = text.split(/\r?\n\r?\n/);
        text = events.pop()!;
        for (const event of events) this.take(event);
      }
    } finally {
      clearTimeout(watch);
    }
  }

  private take(event: string) {
    const found = parseEvent(event);
    if (found.event !== "live" || !found.data) {
      this.at = Date.now();
      return;
    }
    this.data = JSON.parse(found.data) as Live;
    this.at = Date.now();
  }
}

/** Reads one server-sent event. Comments have neither event nor data. */
export function parseEvent(text: string): { event: string; data: string } {
  let event = "message";
  const lines = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) lines.push(line.slice(5).replace(/^ /, ""));
  }
  return { event, data: lines.join("\n") };
}
