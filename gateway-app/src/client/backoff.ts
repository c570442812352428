/** How often and how long to wait between tries; times in milliseconds. */
export interface RetryPolicy {
  /** Tries in all when others wrote first or endorsers disagree. */
  readonly conflictAttempts: number;
  /** How long to try while a needed node does not answer. */
  readonly unavailableMs: number;
  /** How long a transaction of unknown outcome is asked for and sent again before the caller is told. */
  readonly uncertainMs: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** How long only the peer in use is asked for a commit, before the second one is asked as well. */
  readonly firstPeerMs: number;
  /** How long to wait for a commit before the same bytes are sent once more: an orderer that died may have lost them. */
  readonly resendMs: number;
  /** How long to ask for a transaction that may have been lost before it is sent again. */
  readonly probeMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  conflictAttempts: 8,
  unavailableMs: 90_000,
  uncertainMs: 150_000,
  baseMs: 100,
  capMs: 5_000,
  firstPeerMs: 2_000,
  resendMs: 8_000,
  probeMs: 2_000,
};

/** The world as the client sees it, injected so that tests decide it. */
export interface Environment {
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** The real one. */
export const SYSTEM_ENVIRONMENT: Environment = {
  random: Math.random,
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  now: () => performance.now(),
};

/** Doubles from base to cap; the jitter takes up to half of it away, so that many clients do not come back together. */
export function backoffMs(attempt: number, policy: RetryPolicy, random: () => number): number {
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt, 20));
  return Math.round(full * (0.5 + random() / 2));
}
