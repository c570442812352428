import { assert } from '../assert';
import { compareText } from '../canonical';
import type { ParticipantId, SessionId } from '../ids';
import { costMicro, revenueMicro } from '../market/money';
import { apportion, greatest, least, sum } from '../math';
import type { RuleSet } from '../rule-set';
import type { Slot } from '../time';
import { micro, wh, type Micro, type Wh } from '../units';
import { balanced, joinEntries, move } from './post';
import { participantAccount, type Entry, type Line, type MeterInput, type PostingSet } from './rows';

/** What a participant traded in the whole interval, and what it locked for one quarter hour of it. */
export interface SettledParticipant {
  readonly participantId: ParticipantId;
  /** True for a supplier without meters, which brings its energy from outside as scheduled. */
  readonly scheduled: boolean;
  readonly intervalBoughtWh: Wh;
  readonly intervalSoldWh: Wh;
  readonly intervalBuyMicro: Micro;
  readonly intervalSellMicro: Micro;
  readonly reserveMicro: Micro;
  readonly meters: readonly MeterInput[];
}

/** The party that takes the other side of all deviations, with its part of the cover for this bucket. */
export interface BalancingParty {
  readonly participantId: ParticipantId;
  readonly reserveMicro: Micro;
}

/** One quarter hour of one bucket of participants. */
export interface SlotToSettle {
  readonly sessionId: SessionId;
  readonly run: number;
  readonly slot: Slot;
  readonly bucket: number;
  /** Which quarter hour of its interval the slot is: 0 to 3. */
  readonly quarter: number;
  readonly ruleSet: Pick<RuleSet, 'number' | 'imbalanceShortMicroPerKwh' | 'imbalanceLongMicroPerKwh'>;
  readonly participants: readonly SettledParticipant[];
  readonly balancing: BalancingParty | undefined;
}

const quarterIds = ['0', '1', '2', '3'] as const;

/**
 * Splits an interval's trade over its four quarter hours: energy evenly, money by energy, both by largest remainder with ties to the
 * earlier quarter hour, so that the quarters sum to the interval exactly.
 */
export function quarterOf(total: bigint, weights: readonly bigint[], quarter: number): bigint {
  const shares = quarterIds.map((id, index) => ({ id, weight: weights[index] ?? 0n }));
  return apportion(total, shares)[quarter] ?? 0n;
}

const even = [1n, 1n, 1n, 1n] as const;

/** The four quarters of an energy. */
export function quartersWh(energyWh: bigint): readonly bigint[] {
  return quarterIds.map((_, quarter) => quarterOf(energyWh, even, quarter));
}

/**
 * The line of a participant before the cover of surpluses is known. Deviation: taken + sold against given + bought, both from the
 * meters and the position. A shortfall costs energy × imbalance price, rounded up, at most the reserve; a surplus brings it rounded
 * down.
 */
export function lineOf(slot: SlotToSettle, participant: SettledParticipant): Line {
  const { meters, scheduled: _scheduled, ...input } = participant;
  const status = statusOf(slot, participant);
  const reserveMicro = status === 'BALANCING' ? micro(0n) : input.reserveMicro;
  const boughtQuarters = quartersWh(input.intervalBoughtWh);
  const soldQuarters = quartersWh(input.intervalSoldWh);
  const boughtWh = wh(boughtQuarters[slot.quarter] ?? 0n);
  const soldWh = wh(soldQuarters[slot.quarter] ?? 0n);
  const energy = energyOf(status, meters, boughtWh, soldWh);
  const owedMicro = costMicro(energy.shortWh, slot.ruleSet.imbalanceShortMicroPerKwh);
  const shortMicro = least(owedMicro, reserveMicro);
  return {
    ...input,
    status,
    meters,
    reserveMicro,
    boughtWh,
    soldWh,
    buyMicro: micro(quarterOf(input.intervalBuyMicro, boughtQuarters, slot.quarter)),
    sellMicro: micro(quarterOf(input.intervalSellMicro, soldQuarters, slot.quarter)),
    ...energy,
    shortMicro,
    longMicro: revenueMicro(energy.longWh, slot.ruleSet.imbalanceLongMicroPerKwh),
    uncoveredMicro: micro(owedMicro - shortMicro),
    heldMicro: status === 'MISSING' ? reserveMicro : micro(0n),
  };
}

/** What was metered, what that deviates from the position, and how much of the sold energy was delivered. */
function energyOf(status: Line['status'], meters: readonly MeterInput[], boughtWh: Wh, soldWh: Wh) {
  const measured = status === 'OK' ? meters : [];
  const importWh = sum(measured.map((meter) => meter.importWh));
  const exportWh = sum(measured.map((meter) => meter.exportWh));
  const takenWh = importWh + soldWh;
  const givenWh = exportWh + boughtWh;
  const shortWh = status === 'OK' ? greatest(takenWh - givenWh, 0n) : 0n;
  const longWh = status === 'OK' ? greatest(givenWh - takenWh, 0n) : 0n;
  const soldSettledWh = status === 'MISSING' ? 0n : soldWh;
  const shortfallWh = least(shortWh, soldSettledWh);
  return {
    importWh: wh(importWh),
    exportWh: wh(exportWh),
    shortWh: wh(shortWh),
    longWh: wh(longWh),
    deliveredWh: wh(soldSettledWh - shortfallWh),
    shortfallWh: wh(shortfallWh),
  };
}

function statusOf(
  { balancing }: SlotToSettle,
  { meters, participantId, scheduled }: SettledParticipant,
): Line['status'] {
  if (balancing?.participantId === participantId) {
    return 'BALANCING';
  }
  if (scheduled && meters.length === 0) {
    return 'SCHEDULED';
  }
  const unusable = meters.some((meter) => meter.quality === 'MISSING' || meter.quality === 'BAD');
  return unusable ? 'MISSING' : 'OK';
}

/** Pays surpluses only from what shortfalls bring and the balancing party has locked, in proportion where that is too little. */
function coverSurpluses(lines: readonly Line[], balancingReserveMicro: bigint): readonly Line[] {
  const owedMicro = sum(lines.map((line) => line.longMicro));
  const coverMicro = sum(lines.map((line) => line.shortMicro)) + balancingReserveMicro;
  if (owedMicro <= coverMicro) {
    return lines;
  }
  const paid = apportion(
    coverMicro,
    lines.map((line) => ({ id: line.participantId, weight: line.longMicro })),
  );
  return lines.map((line, index) => {
    const longMicro = micro(paid[index] ?? 0n);
    return { ...line, longMicro, uncoveredMicro: micro(line.uncoveredMicro + line.longMicro - longMicro) };
  });
}

/**
 * Settles one quarter hour of one bucket: trade money from escrow to the sellers, the reserve of the slot back to everybody whose
 * readings are there, shortfalls to and surpluses from the imbalance account, and what is left in it to (or from) the balancing
 * party. Missing or refused readings hold back their own participant's deviation only.
 *
 * @returns the one balanced posting set of this slot, run and bucket, with a line for each participant
 */
export function settleSlot(slot: SlotToSettle): PostingSet {
  assert(slot.quarter >= 0 && slot.quarter < 4, 'An interval has four quarter hours.');
  const participants = [...slot.participants].sort((left, right) =>
    compareText(left.participantId, right.participantId),
  );
  const balancingReserveMicro = slot.balancing?.reserveMicro ?? micro(0n);
  const lines = coverSurpluses(
    participants.map((participant) => lineOf(slot, participant)),
    balancingReserveMicro,
  );
  const entries = joinEntries([...lines.flatMap(entriesOf), ...balancingEntries(slot.balancing, lines)]);
  const { number, imbalanceLongMicroPerKwh, imbalanceShortMicroPerKwh } = slot.ruleSet;
  return balanced({
    cause: { kind: 'settlement', sessionId: slot.sessionId, run: slot.run, slot: slot.slot, bucket: slot.bucket },
    entries,
    prices: {
      ruleSet: number,
      imbalanceShortMicroPerKwh,
      imbalanceLongMicroPerKwh,
      ...(slot.balancing === undefined ? {} : { balancingParticipantId: slot.balancing.participantId }),
      balancingReserveMicro,
      quarter: slot.quarter,
    },
    lines,
  });
}

function entriesOf(line: Line): readonly Entry[] {
  const account = participantAccount(line.participantId);
  return [
    ...move('escrow', account, line.sellMicro, 'trade'),
    ...move('escrow', account, line.reserveMicro - line.heldMicro, 'reserve'),
    ...move(account, 'imbalance', line.shortMicro, 'deviation'),
    ...move('imbalance', account, line.longMicro, 'deviation'),
  ];
}

function balancingEntries(balancing: BalancingParty | undefined, lines: readonly Line[]): readonly Entry[] {
  if (balancing === undefined) {
    return [];
  }
  const account = participantAccount(balancing.participantId);
  const shortMicro = sum(lines.map((line) => line.shortMicro));
  const longMicro = sum(lines.map((line) => line.longMicro));
  return [
    ...move('escrow', account, balancing.reserveMicro, 'reserve'),
    ...move('imbalance', account, greatest(shortMicro - longMicro, 0n), 'balancing'),
    ...move(account, 'imbalance', greatest(longMicro - shortMicro, 0n), 'balancing'),
  ];
}

/** The part of the balancing party's reserve that covers one bucket: even parts, by largest remainder. */
export function balancingReserveOf(reserveMicro: bigint, buckets: number, bucket: number): Micro {
  const shares = Array.from({ length: buckets }, (_, index) => ({ id: String(index).padStart(4, '0'), weight: 1n }));
  return micro(apportion(reserveMicro, shares)[bucket] ?? 0n);
}

/**
 * Settles the inputs that a posting set lists once more: who gets the same set back has a settlement that explains itself.
 */
export function resettle(set: PostingSet): PostingSet {
  const { cause, lines, prices } = set;
  assert(cause.kind === 'settlement' && lines !== undefined && prices !== undefined, 'Only settlement has lines.');
  const { balancingParticipantId, balancingReserveMicro, quarter, ruleSet, ...imbalance } = prices;
  return settleSlot({
    ...cause,
    quarter,
    ruleSet: { number: ruleSet, ...imbalance },
    participants: lines.map((line) => ({
      participantId: line.participantId,
      scheduled: line.status === 'SCHEDULED',
      intervalBoughtWh: line.intervalBoughtWh,
      intervalSoldWh: line.intervalSoldWh,
      intervalBuyMicro: line.intervalBuyMicro,
      intervalSellMicro: line.intervalSellMicro,
      reserveMicro: line.reserveMicro,
      meters: line.meters,
    })),
    balancing:
      balancingParticipantId === undefined
        ? undefined
        : { participantId: balancingParticipantId, reserveMicro: balancingReserveMicro },
  });
}
