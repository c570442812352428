import type { StepArguments } from '../roles/protocol';
import { Conductor } from './conductor';

interface Call {
  readonly role: string;
  readonly step: string;
  readonly stepArguments: StepArguments;
}

function recordingConductor(blockNumbers: readonly number[]): { conductor: Conductor; calls: Call[] } {
  const calls: Call[] = [];
  const conductor = new Conductor((role, step, stepArguments) => {
    const index = calls.push({ role, step, stepArguments }) - 1;
    const blockNumber = blockNumbers[index];
    const last = blockNumber === undefined ? null : { transactionId: `transaction ${index}`, blockNumber };
    return Promise.resolve({ value: index, last });
  });
  return { conductor, calls };
}

describe('the conductor', () => {
  test('has every step wait for the latest transaction of the steps before it', async () => {
    const { conductor, calls } = recordingConductor([7, 9, 8]);
    await conductor.alone('tso', 'tick', { fromSlot: 1 });
    await conductor.together(['dso', 'registerGrid'], ['market', 'fund']);
    await conductor.alone('community', 'recordHour');
    expect(calls.map((call) => call.stepArguments)).toEqual([
      { fromSlot: 1 },
      { after: 'transaction 0' },
      { after: 'transaction 0' },
      { after: 'transaction 1' },
    ]);
  });

  test('keeps waiting for the last transaction when a step only reads', async () => {
    const { conductor, calls } = recordingConductor([3]);
    await conductor.alone('tso', 'tick');
    expect(await conductor.together(['market', 'outcome'], ['dso', 'readings'])).toEqual([1, 2]);
    await conductor.alone('market', 'fund');
    expect(calls.at(-1)?.stepArguments).toEqual({ after: 'transaction 0' });
  });
});
