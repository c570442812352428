/** Resolves at the first Ctrl-C or request to end (SIGINT, SIGTERM, SIGHUP); later ones are ignored while things stop. */
export function untilInterrupted(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve(signal));
  });
}
