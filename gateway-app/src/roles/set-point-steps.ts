import { flowW, sum, type Line, type LineCurtailment } from '@flexledger/domain';
import { SLOTS_PER_HOUR, type DayPlan } from '../day/plan';
import { dayPlace } from './flexibility-place';
import { participantIdOfLabel } from './registration-steps';
import type { LimitedConnectionReport } from '../report/report-types';
import type { StepValue } from './protocol';
import { numberArgument, textArgument, type RoleContext, type RoleStep } from './role-context';
import { DAY_SET_POINTS } from './rule-set';

const PPM_WHOLE = 1_000_000n;
/** What the system operator has paid in for what its limits hold back, in micro-euro. */
const CURTAILMENT_FUND_MICRO = '1000000000';

/**
 * The system operator looks at the last quarter hour of its meter at the transformer, and limits the connections behind it for slots that have
 * not begun: where the congestion point is orange within an hour, for the orange quarter hours and whatever flows yet, as D-prognoses and
 * orders say that it will be too much; otherwise for an hour, where the flow is near the transformer's limit.
 */
export const limitConnections: RoleStep = async (context, stepArguments) => {
  const { plan } = context;
  const measuredSlot = plan.deliverySlot + (numberArgument(stepArguments, 'hour') + 1) * SLOTS_PER_HOUR - 1;
  const { meterId } = plan.feeder;
  const request = { meterIds: [meterId], fromSlot: measuredSlot, toSlot: measuredSlot };
  const { meters } = await context.evaluate('metering', 'getIntervalTotals', request);
  const total = meters[0]?.totals[0];
  if (total === undefined) return NOT_LIMITED;
  const orange = await orangeRun(context, measuredSlot + 2);
  const direction = orange?.direction ?? (total.exportWh > total.importWh ? 'export' : 'import');
  const measuredW = flowW(total, direction);
  const isNear = measuredW * PPM_WHOLE >= plan.grid.transformer.limitW * BigInt(DAY_SET_POINTS.triggerPpm);
  if (measuredW === 0n || (orange === undefined && !isNear)) return NOT_LIMITED;
  const asked = {
    gridId: plan.gridId,
    elementId: 'transformer',
    fromSlot: measuredSlot + 2,
    slots: SLOTS_PER_HOUR,
    ...orange,
    direction,
    measuredSlot,
    measuredW: measuredW.toString(),
    source: { kind: 'feeder-meter', meterId },
  };
  const { limits, limitsDigest } = await context.evaluate('market', 'computeLimits', asked);
  const { expectedW, limitationId } = await context.submit(
    'market',
    'limitConnections',
    `limits/${measuredSlot}`,
    (commandId) => ({
      request: { commandId, ...asked, limitsDigest },
    }),
  );
  const expected = expectedW === undefined ? '' : `, ${expectedW} W are expected while it is orange`;
  const limited = `${measuredW} W of ${direction} at the transformer${expected}, ${limits.length} connections are limited`;
  return { limited, limitationId };
};

const NOT_LIMITED = { limited: '', limitationId: '' };

/** What a limitation says of the declaration that it follows from. */
type OrangeRun = {
  readonly fromSlot: number;
  readonly slots: number;
  readonly direction: 'import' | 'export';
  readonly orange: { readonly congestionPointId: string; readonly periodSlot: number };
};

/** The quarter hours within an hour from a slot on in which the transformer is orange: from the first to the last that falls short. */
async function orangeRun(context: RoleContext, earliestSlot: number): Promise<OrangeRun | undefined> {
  const { plan } = context;
  if (!plan.flexibility) return undefined;
  const { gridId, ...point } = dayPlace(plan);
  const { regime, shortfalls } = await context.evaluate('flexibility', 'getRegime', { gridId, ...point });
  // What comes next decides the direction.
  const next = shortfalls.find(({ slot }) => slot >= earliestSlot);
  if (regime !== 'ORANGE' || next === undefined) return undefined;
  const same = shortfalls.filter(({ direction }) => direction === next.direction);
  const fromSlot = Math.max(earliestSlot, same[0]?.slot ?? next.slot);
  const endSlot = Math.min(earliestSlot + SLOTS_PER_HOUR, (same.at(-1)?.slot ?? next.slot) + 1);
  if (fromSlot >= endSlot) return undefined;
  const direction = next.direction === 'increase' ? 'export' : 'import';
  return { fromSlot, slots: endSlot - fromSlot, direction, orange: point };
}

/** Books what the system operator has paid in for what its limits hold back, where it limits connections. */
export const fundCurtailment: RoleStep = async (context) => {
  if (!context.plan.setPoints) return null;
  await context.submit('accounts', 'fundCurtailment', 'fund/curtailment', (commandId) => ({
    request: { commandId, amountMicro: CURTAILMENT_FUND_MICRO, reference: 'opening payment of the system operator' },
  }));
  return null;
};

/** Frees what was set aside for limits of this id and was not needed, once their quarter hours are settled. */
export const releaseLimits: RoleStep = async (context, stepArguments) => {
  const limitationId = textArgument(stepArguments, 'limitationId');
  await context.submit('accounts', 'releaseCurtailment', `limits/release/${limitationId}`, (commandId) => ({
    request: { commandId, limitationId },
  }));
  return null;
};

/** What limits have held back, cost, and where they were not kept: from the statements' lines on the ledger. */
export const limitsOutcome: RoleStep = async (context) => {
  const { participants, sessionId } = context.plan;
  const connections: LimitedConnectionReport[] = [];
  for (const { label } of participants.filter(({ kind }) => kind === 'prosumer')) {
    const participantId = participantIdOfLabel(context, label);
    const { lines } = await context.evaluate('accounts', 'getStatement', { sessionId, run: 1, participantId });
    const limited = lines.flatMap(({ line }) => (line.curtailments ?? []).map((one) => ({ ...one, line })));
    if (limited.length > 0) connections.push(connectionReport(label, limited));
  }
  const { availableMicro } = await context.evaluate('accounts', 'getCurtailmentFund', {});
  const spentMicro = BigInt(CURTAILMENT_FUND_MICRO) - availableMicro;
  return { connections: connections as unknown as StepValue, spentMicro: spentMicro.toString() };
};

type LimitedQuarter = LineCurtailment & { readonly line: Line };

function connectionReport(participant: string, limited: readonly LimitedQuarter[]): LimitedConnectionReport {
  const sumOf = (each: (one: LimitedQuarter) => bigint): string => sum(limited.map(each)).toString();
  const beyond = limited.map(beyondWh).filter((energyWh) => energyWh > 0n);
  return {
    participant,
    quarters: limited.length,
    heldBackWh: sumOf((one) => one.heldBackWh),
    correctedWh: sumOf((one) => one.correctedWh),
    compensationMicro: sumOf((one) => one.compensationMicro),
    takeoverMicro: sumOf((one) => one.takeoverCostMicro),
    beyondQuarters: beyond.length,
    beyondWh: sum(beyond).toString(),
  };
}

/** What flowed beyond a limit. */
function beyondWh({ direction, limitWh, line, meterIds }: LimitedQuarter): bigint {
  const own = line.meters.filter(({ meterId }) => meterIds.includes(meterId));
  const netWh = sum(own.map(({ exportWh, importWh }) => importWh - exportWh));
  return (direction === 'import' ? netWh : -netWh) - limitWh;
}

/**
 * Most export of each participant with PV in the quarter hours of an hour, in Wh, where a limit is in force: by `label/slot`. Their agents
 * read the limits from the ledger; the disobedient one of the seed does not.
 */
export async function exportLimits(context: RoleContext, hour: number): Promise<ReadonlyMap<string, bigint>> {
  const { plan } = context;
  const fromSlot = plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const slots = Array.from({ length: SLOTS_PER_HOUR }, (_, quarter) => fromSlot + quarter);
  const obedient = ownersOfPv(plan).filter((label) => label !== plan.disturbances.disobedient);
  const wanted = obedient.flatMap((label) => slots.map((slot) => ({ label, slot })));
  const found = await Promise.all(
    wanted.map(async ({ label, slot }) => {
      const participantId = participantIdOfLabel(context, label);
      const { setPoints } = await context.evaluate('market', 'getSetPoints', { participantId, slot });
      const limit = setPoints.find(({ setPoint }) => setPoint.direction === 'export');
      return [`${label}/${slot}`, limit?.setPoint.limitW] as const;
    }),
  );
  return new Map(
    found.flatMap(([key, limitW]) => (limitW === undefined ? [] : [[key, limitW / BigInt(SLOTS_PER_HOUR)] as const])),
  );
}

/** Participants with PV, by label. */
export function ownersOfPv({ meters }: DayPlan): string[] {
  return [...new Set(meters.filter(({ kind }) => kind === 'pv').map(({ owner }) => owner))];
}
