import { DEFAULT_RETRY_POLICY, type Environment, type RetryPolicy } from '../backoff';

/** Short limits for tests; the pauses cost nothing because the environment below does not wait. */
export const TEST_POLICY: RetryPolicy = { ...DEFAULT_RETRY_POLICY, firstPeerMs: 50, resendMs: 200, probeMs: 20 };

/** A world in which sleeping takes no time but moves the clock. */
export function timelessEnvironment(): Environment & { readonly pausesMs: readonly number[] } {
  const pausesMs: number[] = [];
  let nowMs = 0;
  return {
    pausesMs,
    random: () => 0.5,
    now: () => nowMs,
    sleep: (milliseconds) => {
      pausesMs.push(milliseconds);
      nowMs += milliseconds;
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}
