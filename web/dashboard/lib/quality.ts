/** The quality scale: what its steps are called, in which order, and what reasons mean in plain words. */

/** From best to worst. 0 is not measured. */
export const LEVELS = ["none", "good", "fair", "poor", "bad"] as const;
export type Level = (typeof LEVELS)[number];

export const LEVEL_NAMES: Record<Level, string> = { none: "Not measured", good: "Good", fair: "Fair", poor: "Poor", bad: "Bad" };

/** Returns the step as a number from 1 (good) to 4 (bad); 0 if it was not measured. */
export const rank = (label: string | null | undefined): number => Math.max(0, LEVELS.indexOf((label ?? "none") as Level));

/** Returns the worst of some labels; null if none was measured. */
export function worst(...labels: (string | null | undefined)[]): Level | null {
  const top = Math.max(...labels.map(rank), 0);
  return top ? LEVELS[top]! : null;
}

export const MEDIA = ["audio", "video", "share"] as const;
export type Medium = (typeof MEDIA)[number];
export const MEDIUM_NAMES: Record<Medium, string> = { audio: "Sound", video: "Picture", share: "Sharing" };

const REASONS: Record<string, string> = {
  latency: "long delay",
  jitter: "uneven arrival",
  loss: "lost packets",
  codec: "low rate of the codec",
  frame_rate: "too few pictures",
};

/** Returns a reason in words. */
export const reasonName = (reason: string | null | undefined) => (reason ? (REASONS[reason] ?? reason.replaceAll("_", " ")) : "");

const NETWORKS: Record<string, string> = { wifi: "Wi-Fi", wired: "Wired", cellular: "Mobile", ppp: "PPP", others: "Other" };

/** Returns the network as people call it. */
export const networkName = (network: string | null | undefined) => (network ? (NETWORKS[network.toLowerCase()] ?? network) : "");

/** Limits above which a stream is called fair, and poor; see docs/quality.md. */
export const LIMITS = {
  latency_ms: { fair: 150, poor: 250, unit: "ms", name: "Delay" },
  jitter_ms: { fair: 40, poor: 50, unit: "ms", name: "Jitter" },
  loss_percent: { fair: 2, poor: 3, unit: "%", name: "Loss" },
} as const;
