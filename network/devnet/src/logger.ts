/** One line of the devnet's log. */
export type LogLevel = 'info' | 'warning' | 'error';

/** Where log lines go; the CLI prints them to standard error, tests usually drop them. */
export type Log = (level: LogLevel, area: string, message: string) => void;

/** A log that forgets everything. */
export const silentLog: Log = () => undefined;

/** A log that writes one line per entry to standard error. */
export function standardErrorLog(now: () => Date): Log {
  return (level, area, message) => {
    process.stderr.write(`${now().toISOString()} ${level} ${area}: ${message}\n`);
  };
}
