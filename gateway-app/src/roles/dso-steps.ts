import { feederBalanceCodec, qualifiedTotalCodec } from '@flexledger/domain';
import { HOURS_PER_DAY, SLOTS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import type { StepValue } from './protocol';
import { numberArgument, textArgument, type RoleStep } from './role-context';

/** Meters in one query of interval totals, at most. */
const METERS_PER_QUERY_MAX = 50;

/** Records that the silent meter, or that of `meterId`, has sent nothing of this hour, so that its chain may go on after it. */
export const recordGap: RoleStep = async (context, stepArguments) => {
  const { plan } = context;
  const hour = numberArgument(stepArguments, 'hour');
  if (hour >= HOURS_PER_DAY) throw new RangeError(`a day has no hour ${hour}`);
  const fromSlot = plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const isNamed = stepArguments['meterId'] !== undefined;
  const meterId = isNamed ? textArgument(stepArguments, 'meterId') : plan.disturbances.silent.meterId;
  await context.submit('metering', 'recordGap', `gap/${meterId}/${hour}`, (commandId) => ({
    request: { commandId, meterId, fromSlot, toSlot: fromSlot + SLOTS_PER_HOUR - 1, reason: 'the meter sent nothing' },
  }));
  return null;
};

/** Puts on the ledger what was read at a meter that had sent nothing of an hour: `totals`, one for each quarter hour. */
export const recordLate: RoleStep = async (context, stepArguments) => {
  const hour = numberArgument(stepArguments, 'hour');
  const meterId = textArgument(stepArguments, 'meterId');
  const fromSlot = context.plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const totals = stepArguments['totals'] ?? [];
  await context.submit('metering', 'correct', `late/${meterId}/${hour}`, (commandId) => ({
    request: { commandId, meterId, fromSlot, totals, cause: 'late', reason: 'read at the meter' },
  }));
  return null;
};

/** The interval totals of every meter over the delivery day, as the ledger holds them. */
export const readings: RoleStep = async (context) => {
  const { plan } = context;
  const meterIds = plan.meters.map((meter) => meter.meterId);
  const rows: StepValue[] = [];
  for (let start = 0; start < meterIds.length; start += METERS_PER_QUERY_MAX) {
    const answer = await context.evaluate('metering', 'getIntervalTotals', {
      meterIds: meterIds.slice(start, start + METERS_PER_QUERY_MAX),
      fromSlot: plan.deliverySlot,
      toSlot: plan.deliverySlot + SLOTS_PER_DAY - 1,
    });
    rows.push(
      ...answer.meters.map((meter) => ({
        meterId: meter.meterId,
        totals: meter.totals.map((total) => qualifiedTotalCodec.encode(total)),
      })),
    );
  }
  return rows;
};

/** How the meter at the transformer and all others balance in each quarter hour of the delivery day. */
export const feederBalance: RoleStep = async (context) => {
  const { plan } = context;
  const { balances } = await context.evaluate('metering', 'getFeederBalance', {
    meterId: plan.feeder.meterId,
    fromSlot: plan.deliverySlot,
    toSlot: plan.deliverySlot + SLOTS_PER_DAY - 1,
  });
  return balances.map((balance) => feederBalanceCodec.encode(balance));
};
