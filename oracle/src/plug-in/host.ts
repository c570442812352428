import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { MEMORY_EXIT_CODE, type HostAnswer, type HostOrder } from './protocol';

/*
 * The process of a plug-in. The plug-in runs in its thread, which may block or be ended; this one watches the memory of the process, and ends
 * it with its parent. A thread alone would not do: where V8 cannot have more memory for one large array, it ends the whole process.
 */

const WATCH_MS = 20;
const MIB = 1_048_576;

/** Most characters of anything else that a plug-in says than its output. */
const WORDS_MAX = 1_000;

/** A plug-in shares the thread, and could say anything: what is too long goes no further. */
function bounded(message: HostAnswer, answerCharactersMax: number): HostAnswer {
  const { output = '', ...rest } = { output: '', ...message };
  const isSmall = output.length <= answerCharactersMax && JSON.stringify(rest).length <= WORDS_MAX;
  return isSmall
    ? message
    : {
        end: 'failed',
        code: 'ORACLE_SERVICE_GARBAGE',
        reason: `an output has at most ${answerCharactersMax} characters`,
      };
}

function answer(said: HostAnswer): void {
  process.send?.(said, () => {
    process.exit(0);
  });
}

function watchMemory(memoryMiBMax: number): void {
  const before = process.memoryUsage.rss();
  setInterval(() => {
    if (process.memoryUsage.rss() - before > memoryMiBMax * MIB) {
      process.exit(MEMORY_EXIT_CODE);
    }
  }, WATCH_MS);
}

function serve(order: HostOrder): void {
  watchMemory(order.memoryMiBMax);
  const thread = new Worker(join(__dirname, 'host-thread.js'), {
    workerData: order,
    resourceLimits: { maxOldGenerationSizeMb: order.memoryMiBMax },
  });
  thread.on('message', (message: HostAnswer) => {
    answer(bounded(message, order.answerCharactersMax));
  });
  thread.on('error', (error) => {
    const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const reason = isMemory ? 'its heap is used up' : error.message;
    answer({ end: 'failed', code: isMemory ? 'ORACLE_SERVICE_MEMORY' : 'ORACLE_SERVICE_FAILED', reason });
  });
  thread.on('exit', () => {
    answer({ end: 'failed', code: 'ORACLE_SERVICE_FAILED', reason: 'it has ended without an output' });
  });
}

process.on('message', serve);
process.on('disconnect', () => {
  process.exit(1);
});
