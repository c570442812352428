import { slotSeconds } from '@flexledger/domain';
import type { AgentConfig, MeterConfig } from './agent-config';
import { BlockCutter, type Cut } from './block-cutter';
import { IntervalBuilder } from './interval-builder';
import { openInput } from './open-input';

/**
 * Reads a meter's input from its beginning and cuts it into blocks as its agent would, without keeping or sending any: to see
 * whether the columns, times and units are what they should be.
 */
export async function* previewBlocks(
  meter: MeterConfig,
  { blockMinutes }: Pick<AgentConfig, 'blockMinutes'>,
  stop: AbortSignal,
): AsyncGenerator<Cut> {
  const builder = new IntervalBuilder(meter.resolutionMinutes, meter.toleranceSeconds);
  let cutter: BlockCutter | undefined;
  for await (const { measurement, faults } of openInput(meter).read(undefined, stop)) {
    const built = measurement === undefined ? { values: [], faults: [] } : builder.add(measurement);
    yield { blocks: [], faults: [...faults, ...built.faults] };
    for (const value of built.values) {
      // Nobody knows where the chain of the meter will begin: it begins with the first whole quarter hour of the input.
      const nextSeconds = Math.ceil(value.startSeconds / slotSeconds) * slotSeconds;
      cutter ??= new BlockCutter(meter.resolutionMinutes, blockMinutes, { nextSeconds, pending: [], early: false });
      yield cutter.add(value);
    }
  }
  if (cutter !== undefined) yield cutter.cut();
}
