import { resolve } from 'node:path';
import { remoteProcesses } from '../native/process-control';
import { recordedProcesses, stopRecordedProcesses } from '../native/process-set';
import { NetworkError } from '../network-error';

/**
 * Stops the network that runs on a data folder; its data stays. The process that started it stops it, and ends; where that
 * process was killed, what it left behind is stopped by its record.
 *
 * @returns the names of the processes that ran.
 */
export async function stopNetwork(folder: string): Promise<string[]> {
  const dataDirectory = resolve(folder);
  const running = recordedProcesses(dataDirectory).flatMap((one) => (one.running ? [one.name] : []));
  try {
    await remoteProcesses(dataDirectory).stopAll();
  } catch (error) {
    if (!(error instanceof NetworkError) || error.code !== 'NETWORK_NOT_READY') {
      throw error;
    }
  }
  await stopRecordedProcesses(dataDirectory);
  return running;
}
