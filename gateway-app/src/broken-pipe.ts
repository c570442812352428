/** What a shell reports of a program that a broken pipe has ended: 128 and the number of SIGPIPE. */
const BROKEN_PIPE = 141;

/**
 * Ends the program without a word when nobody reads a stream of its output any more, as behind `| head`. A command that stops things
 * on request (SIGTERM) is asked to, since networks and stores may stay open behind it; another one has nothing left to do. What is
 * printed in the meantime is lost.
 */
export function endWhenUnread(stream: NodeJS.WritableStream): void {
  let asked = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (process.listenerCount('SIGTERM') === 0) process.exit(BROKEN_PIPE);
    if (!asked) process.kill(process.pid, 'SIGTERM');
    asked = true;
  });
}
