import { blockResults, packBlock, unpackBlock, wh, type BlockResult } from '@flexledger/domain';
import type { SignedBlock } from '../agents/meter-agent';
import { batterySteps } from './bidding';
import { HOURS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import { targetsOfHour } from './event-steps';
import { soldExports } from './grid-limit-steps';
import { numberArgument, textArgument, type RoleContext, type RoleStep } from './role-context';
import { exportLimits } from './set-point-steps';
import type { StepValue } from './protocol';

/** Blocks in one transaction, at most: of an hour each, or of up to a day, which are so much more to check. */
const HOUR_BLOCKS_PER_COMMAND_MAX = 200;
const DAY_BLOCKS_PER_COMMAND_MAX = 50;

/** A block that was sent, and what became of it. */
interface SentBlock {
  readonly block: SignedBlock;
  readonly result: BlockResult;
}

/** Sends one block per meter and whole day from `fromSlot` to before `toSlot`. */
export const recordDays: RoleStep = async (context, stepArguments) => {
  const [fromSlot, toSlot] = [numberArgument(stepArguments, 'fromSlot'), numberArgument(stepArguments, 'toSlot')];
  const blocks = context.fleet.agents.map((agent) => agent.blocksBetween(fromSlot, toSlot));
  const sent: SentBlock[] = [];
  // One after the other: side by side on a busy machine none of them would be endorsed in time.
  for (const [index, batch] of intoBatches(blocks, DAY_BLOCKS_PER_COMMAND_MAX).entries()) {
    sent.push(...(await recordBatch(context, `days/${fromSlot}/${toSlot}/${index}`, batch)));
  }
  return summarize(sent);
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
  // After a restart of this process the schedules follow from the ledger again, the same ones.
  if (plan.strategy === 'battery' && !fleet.knowsBatteries) fleet.useBatteries(await batterySteps(context));
  fleet.obey(await mostExports(context, hour));
  fleet.follow(plan.flexibility ? await targetsOfHour(context, hour) : new Map());
  const blocks = fleet.agents.map((agent) => agent.blocksBetween(fromSlot, fromSlot + SLOTS_PER_HOUR));
  const onTheWay = blocks.map((own) => own.flatMap((block) => disturb(context, hour, block)));
  const sent = await recordAll(context, `hour/${hour}`, onTheWay);
  const refused = sent.filter(({ result }) => result.status === 'refused');
  const again = blocks.map((own) => own.filter((block) => refused.some((other) => isSame(other.block, block))));
  const repeated = await recordAll(context, `hour/${hour}/again`, again);
  return summarize([...sent, ...repeated]);
};

/** Reads at a meter itself what it has counted in an hour: `totals`, one for each quarter hour. */
export const readOut: RoleStep = async (context, stepArguments) => {
  const hour = numberArgument(stepArguments, 'hour');
  // After a restart of this process it steers again as the events on the ledger ask it to.
  context.fleet.follow(await targetsOfHour(context, hour));
  const fromSlot = context.plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const totals = context.fleet.readOut(textArgument(stepArguments, 'meterId'), fromSlot, SLOTS_PER_HOUR);
  return totals.map(({ exportWh, importWh }) => ({ importWh: importWh.toString(), exportWh: exportWh.toString() }));
};

/** What may leave each connection in the quarter hours of an hour, by set-points and by what limits of the grid have let it sell. */
async function mostExports(context: RoleContext, hour: number): Promise<ReadonlyMap<string, bigint>> {
  const { gridLimits, setPoints } = context.plan;
  const limits = new Map(setPoints ? await exportLimits(context, hour) : []);
  for (const [key, soldWh] of gridLimits ? await soldExports(context, hour) : []) {
    const limitWh = limits.get(key);
    limits.set(key, limitWh === undefined || soldWh < limitWh ? soldWh : limitWh);
  }
  return limits;
}

function isSame(left: SignedBlock, right: SignedBlock): boolean {
  return left.meterId === right.meterId && left.sequence === right.sequence;
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
  const content = unpackBlock(block.content, '');
  const [first = wh(0n), ...rest] = content.importWh;
  return { ...block, content: packBlock({ ...content, importWh: [wh(first ^ 1n), ...rest] }) };
}

/** Sends the blocks of all meters, batched so that the chain of a meter is never split over two commands at once. */
async function recordAll(
  context: RoleContext,
  label: string,
  blocksOfMeters: readonly (readonly SignedBlock[])[],
): Promise<SentBlock[]> {
  const batches = intoBatches(blocksOfMeters, HOUR_BLOCKS_PER_COMMAND_MAX);
  const results = await Promise.all(batches.map((batch, index) => recordBatch(context, `${label}/${index}`, batch)));
  return results.flat();
}

function intoBatches(blocksOfMeters: readonly (readonly SignedBlock[])[], most: number): SignedBlock[][] {
  const batches: SignedBlock[][] = [];
  for (const blocks of blocksOfMeters) {
    const last = batches.at(-1);
    if (blocks.length === 0) continue;
    if (last !== undefined && last.length + blocks.length <= most) last.push(...blocks);
    else batches.push([...blocks]);
  }
  return batches;
}

async function recordBatch(context: RoleContext, label: string, blocks: readonly SignedBlock[]): Promise<SentBlock[]> {
  const answer = await context.submit('metering', 'recordProfiles', `readings/${label}`, (commandId) => ({
    request: { commandId, count: blocks.length },
    confidential: { blocks: blocks.map((block) => block.content) },
  }));
  const results = blockResults(blocks.length, answer);
  return blocks.flatMap((block, index) => {
    const result = results[index];
    return result === undefined ? [] : [{ block, result }];
  });
}

function summarize(sent: readonly SentBlock[]): StepValue {
  const special = sent.filter(({ result }) => result.status !== 'recorded');
  return {
    recorded: sent.length - special.length,
    special: special.map(({ block: { meterId, sequence }, result: { status, code = '' } }) => ({
      meterId,
      sequence,
      status,
      code,
    })),
  };
}
