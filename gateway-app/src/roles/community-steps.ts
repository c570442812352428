import type { BlockResult } from '@flexledger/domain';
import type { SignedBlock } from '../agents/meter-agent';
import { HOURS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import { numberArgument, type RoleContext, type RoleStep } from './role-context';
import type { StepValue } from './protocol';

/** Blocks in one transaction, at most. */
const BLOCKS_PER_COMMAND_MAX = 100;

/** Sends one block per meter and whole day from `fromSlot` to before `toSlot`. */
export const recordDays: RoleStep = async (context, stepArguments) => {
  const [fromSlot, toSlot] = [numberArgument(stepArguments, 'fromSlot'), numberArgument(stepArguments, 'toSlot')];
  const blocks = context.fleet.agents.map((agent) => agent.blocksBetween(fromSlot, toSlot));
  return summarize(await recordAll(context, `days/${fromSlot}/${toSlot}`, blocks));
};

/** Sends one block per meter that covers `fromSlot` to before `toSlot`. */
export const recordSpan: RoleStep = recordDays;

/**
 * Sends the blocks of an hour of the delivery day. The seed's disturbances happen here: a meter that is silent, a block that
 * goes out twice, a block that is damaged on the way and refused, and then sent again by the agent that still holds it.
 */
export const recordHour: RoleStep = async (context, stepArguments) => {
  const { plan, fleet } = context;
  const hour = numberArgument(stepArguments, 'hour');
  if (hour >= HOURS_PER_DAY) throw new RangeError(`a day has no hour ${hour}`);
  const fromSlot = plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const blocks = fleet.agents.map((agent) => agent.blocksBetween(fromSlot, fromSlot + SLOTS_PER_HOUR));
  const onTheWay = blocks.map((own) => own.flatMap((block) => disturb(context, hour, block)));
  const sent = await recordAll(context, `hour/${hour}`, onTheWay);
  const refused = sent.filter((result) => result.status === 'refused');
  const again = blocks.map((own) => own.filter((block) => refused.some((result) => isOf(result, block))));
  const repeated = await recordAll(context, `hour/${hour}/again`, again);
  return summarize([...sent, ...repeated]);
};

function isOf(result: BlockResult, block: SignedBlock): boolean {
  return result.meterId === block.meterId && result.sequence === block.sequence;
}

/** What arrives at the gateway of a block that was sent. */
function disturb({ plan }: RoleContext, hour: number, block: SignedBlock): SignedBlock[] {
  const { twice, damaged } = plan.disturbances;
  const happens = (what: { meterId: string; hour: number }): boolean =>
    what.meterId === block.meterId && what.hour === hour;
  if (happens(twice)) return [block, block];
  return happens(damaged) ? [damage(block)] : [block];
}

/** One bit of the first value has flipped. */
function damage(block: SignedBlock): SignedBlock {
  const { importWh } = block.content;
  const [first, ...rest] = Array.isArray(importWh) ? (importWh as string[]) : [];
  return { ...block, content: { ...block.content, importWh: [(BigInt(first ?? '0') ^ 1n).toString(), ...rest] } };
}

/** Sends the blocks of all meters, batched so that the chain of a meter is never split over two commands at once. */
async function recordAll(
  context: RoleContext,
  label: string,
  blocksOfMeters: readonly (readonly SignedBlock[])[],
): Promise<BlockResult[]> {
  const batches = intoBatches(blocksOfMeters);
  const results = await Promise.all(batches.map((batch, index) => recordBatch(context, `${label}/${index}`, batch)));
  return results.flat();
}

function intoBatches(blocksOfMeters: readonly (readonly SignedBlock[])[]): SignedBlock[][] {
  const batches: SignedBlock[][] = [];
  for (const blocks of blocksOfMeters) {
    const last = batches.at(-1);
    if (blocks.length === 0) continue;
    if (last !== undefined && last.length + blocks.length <= BLOCKS_PER_COMMAND_MAX) last.push(...blocks);
    else batches.push([...blocks]);
  }
  return batches;
}

async function recordBatch(
  context: RoleContext,
  label: string,
  blocks: readonly SignedBlock[],
): Promise<BlockResult[]> {
  const answer = await context.submit('metering', 'recordProfiles', `readings/${label}`, (commandId) => ({
    request: { commandId, count: blocks.length },
    confidential: { blocks: blocks.map((block) => block.content) },
  }));
  return [...answer.results];
}

function summarize(results: readonly BlockResult[]): StepValue {
  const count = (status: BlockResult['status']): number => results.filter((result) => result.status === status).length;
  const special = results.filter((result) => result.status !== 'recorded');
  return {
    recorded: count('recorded'),
    special: special.map(({ meterId = '', sequence = 0, status, code = '' }) => ({ meterId, sequence, status, code })),
  };
}
