import { assert } from '../assert';
import { compareText } from '../canonical';
import type { ParticipantId, SessionId } from '../ids';
import { apportion, greatest, least, sum } from '../math';
import type { RuleSet } from '../rule-set';
import type { Slot } from '../time';
import { micro, wh, type Micro, type MicroPerKwh, type Wh } from '../units';
import {
  correctionOf,
  curtailmentEntries,
  curtailmentInputOf,
  curtailmentMicro,
  curtailmentsOf,
  heldBackBy,
  noCorrection,
  type HeldBack,
} from './curtailment';
import type { CurtailmentInput } from './curtailment-rows';
import { deviationEnergy, meteredStatus } from './delivery';
import { withDelivered, type LineCoalition } from './coalition-rows';
import type { LineFlexibility } from './flexibility-rows';
import { deviationMoney, directionPrices, type DeviationMoney, type DeviationPrices } from './imbalance';
import { balanced, joinEntries, move } from './post';
import { participantAccount, type Entry, type Line, type MeterInput, type PostingSet } from './rows';
import { countedTrade, coversSlot, quarterTrade, type CountedTrade, type SlotPosition } from './slot-position';

/** What a participant traded in the whole intervals, and what it locked for one quarter hour of them. */
export interface SettledParticipant {
  readonly participantId: ParticipantId;
  /** True for a supplier without meters, which brings its energy from outside as scheduled. */
  readonly scheduled: boolean;
  readonly intervalBoughtWh: Wh;
  readonly intervalSoldWh: Wh;
  readonly intervalBuyMicro: Micro;
  readonly intervalSellMicro: Micro;
  /** Trades of other sessions and of contracts that the quarter hour is part of, in the order of their keys. */
  readonly positions?: readonly SlotPosition[];
  /** Limits of its connections that held in the quarter hour and are compensated; absent for none. */
  readonly curtailments?: readonly CurtailmentInput[];
  /** What it delivered of flexibility in the quarter hour; absent for nothing. */
  readonly flexibility?: readonly LineFlexibility[];
  /** What its assets delivered for coalitions in the quarter hour; absent for nothing. */
  readonly coalitions?: readonly LineCoalition[];
  /** The day-ahead price of the participant's bus, where deviations are priced by it. */
  readonly dayAheadMicroPerKwh?: MicroPerKwh;
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
  /** Quarter hours of the day-ahead intervals; absent for the four of an hour. */
  readonly intervalSlots?: 1 | 2;
  /** The number of the rule set and the prices that it gives the slot. */
  readonly ruleSet: DeviationPrices & Pick<RuleSet, 'number'>;
  readonly participants: readonly SettledParticipant[];
  readonly balancing: BalancingParty | undefined;
}

/**
 * The line of a participant before the cover of surpluses is known. Deviation: taken + sold against given + bought, both from the
 * meters and all positions, less what limits of the system operator held back of the position. A cost is energy × price, rounded up, at most the reserve; a gain is rounded down.
 */
export function lineOf(slot: SlotToSettle, participant: SettledParticipant): Line {
  const { curtailments: limited = [], meters, scheduled: _scheduled, ...input } = participant;
  const status = statusOf(slot, participant);
  const reserveMicro = status === 'BALANCING' ? micro(0n) : input.reserveMicro;
  const trade = slotTrade(slot, participant);
  const heldBack = heldBackIn(status, participant, trade);
  const correction = withDelivered(correctionOf(limited, heldBack), input);
  const energy = deviationEnergy(status, meters, trade.boughtWh, trade.soldWh, correction);
  const prices = directionPrices(slot.ruleSet, input.dayAheadMicroPerKwh);
  const money = deviationMoney(energy.shortWh, energy.longWh, prices);
  const coverMicro = micro(reserveMicro - trade.penaltyMicro);
  const { shortMicro, longCostMicro, uncoveredMicro } = coveredCost(money, coverMicro);
  const { boughtWh, buyMicro, sellMicro, soldWh } = trade;
  return {
    ...input,
    status,
    meters,
    reserveMicro,
    boughtWh,
    soldWh,
    buyMicro,
    sellMicro,
    ...partialDelivery(trade),
    ...energy,
    shortMicro,
    longMicro: money.longMicro,
    ...(money.shortGainMicro > 0n ? { shortGainMicro: money.shortGainMicro } : {}),
    ...(longCostMicro > 0n ? { longCostMicro } : {}),
    ...(limited.length > 0 ? { curtailments: curtailmentsOf(limited, heldBack, prices) } : {}),
    uncoveredMicro,
    heldMicro: status === 'MISSING' ? coverMicro : micro(0n),
  };
}

/** What limits held back beside what was delivered elsewhere; nothing where the meters do not tell. */
function heldBackIn(
  status: Line['status'],
  participant: SettledParticipant,
  { boughtWh, soldWh }: CountedTrade,
): readonly HeldBack[] {
  const { curtailments = [], meters } = participant;
  const delivered = withDelivered(noCorrection, participant);
  const deviation = deviationEnergy(status, meters, boughtWh, soldWh, delivered);
  return status === 'OK' ? heldBackBy(curtailments, meters, deviation) : [];
}

/** What partial deliveries of contracts bring and cost beside the trade; nothing for nothing. */
function partialDelivery(trade: CountedTrade): Partial<Line> {
  const keys = ['returnedMicro', 'returnedFeeMicro', 'penaltyMicro', 'penaltyGainMicro'] as const;
  return Object.fromEntries(keys.filter((key) => trade[key] > 0n).map((key) => [key, micro(trade[key])]));
}

/** The trades of all positions in the quarter hour, as far as they count. */
function slotTrade({ intervalSlots, quarter, slot }: SlotToSettle, participant: SettledParticipant): CountedTrade {
  const { intervalBoughtWh, intervalBuyMicro, intervalSellMicro, intervalSoldWh, positions = [] } = participant;
  const dayAhead = {
    boughtWh: intervalBoughtWh,
    soldWh: intervalSoldWh,
    buyMicro: intervalBuyMicro,
    sellMicro: intervalSellMicro,
  };
  const others = positions.map((position) => {
    assert(coversSlot(position, slot), 'A position that is settled covers the slot.');
    return countedTrade(position, slot);
  });
  const parts = [quarterTrade(dayAhead, intervalSlots ?? 4, quarter), ...others];
  return {
    boughtWh: wh(sum(parts.map((part) => part.boughtWh))),
    soldWh: wh(sum(parts.map((part) => part.soldWh))),
    buyMicro: micro(sum(parts.map((part) => part.buyMicro))),
    sellMicro: micro(sum(parts.map((part) => part.sellMicro))),
    returnedMicro: sum(others.map((part) => part.returnedMicro)),
    returnedFeeMicro: sum(others.map((part) => part.returnedFeeMicro)),
    penaltyMicro: sum(others.map((part) => part.penaltyMicro)),
    penaltyGainMicro: sum(others.map((part) => part.penaltyGainMicro)),
  };
}

/** What of a cost the reserve covers; only one of the two costs is above zero. */
function coveredCost({ longCostMicro, shortMicro }: DeviationMoney, reserveMicro: bigint) {
  const covered = {
    shortMicro: micro(least(shortMicro, reserveMicro)),
    longCostMicro: micro(least(longCostMicro, reserveMicro)),
  };
  const uncoveredMicro = micro(shortMicro + longCostMicro - covered.shortMicro - covered.longCostMicro);
  return { ...covered, uncoveredMicro };
}

function statusOf(
  { balancing }: SlotToSettle,
  { meters, participantId, scheduled }: SettledParticipant,
): Line['status'] {
  if (balancing?.participantId === participantId) {
    return 'BALANCING';
  }
  return meteredStatus(scheduled, meters);
}

/** What a line brings: a surplus, or a shortfall at a price below zero. Only one of them is above zero. */
function gainMicro({ longMicro, shortGainMicro = micro(0n) }: Line): bigint {
  return longMicro + shortGainMicro;
}

/** What a line brings into the imbalance account: its own costs, and what the system operator pays for its limits. */
function costsMicro(line: Line): bigint {
  return chargedMicro(line) + curtailmentMicro(line, 'takeoverCostMicro');
}

/** What a line costs: a shortfall, or a surplus at a price below zero. Only one of them is above zero. */
function chargedMicro({ longCostMicro = micro(0n), shortMicro }: Line): bigint {
  return shortMicro + longCostMicro;
}

/** Somebody who is owed a gain: the participant of a line, or the system operator for what one of its limits left over. */
interface Claim {
  readonly id: string;
  readonly weight: bigint;
}

/** The claims of a line, its own first. */
function claimsOf(line: Line): readonly Claim[] {
  const { curtailments = [], participantId } = line;
  return [
    { id: participantId, weight: gainMicro(line) },
    ...curtailments.map(({ bus, direction, takeoverGainMicro }) => {
      return { id: `${participantId}/${bus}/${direction}`, weight: takeoverGainMicro };
    }),
  ];
}

/** Pays gains only from what costs bring and the balancing party has locked, in proportion where that is too little. */
function coverGains(lines: readonly Line[], balancingReserveMicro: bigint): readonly Line[] {
  const claims = lines.flatMap(claimsOf);
  const owedMicro = sum(claims.map(({ weight }) => weight));
  const coverMicro = sum(lines.map(costsMicro)) + balancingReserveMicro;
  if (owedMicro <= coverMicro) {
    return lines;
  }
  const parts = apportion(coverMicro, claims);
  const paid = new Map(claims.map(({ id }, index) => [id, parts[index] ?? 0n]));
  return lines.map((line) => withGainsPaid(line, (id) => micro(paid.get(id) ?? 0n)));
}

function withGainsPaid(line: Line, paidTo: (id: string) => Micro): Line {
  const { curtailments, shortGainMicro, ...rest } = line;
  const [own, ...ofLimits] = claimsOf(line).map(({ id }) => paidTo(id));
  const paidMicro = own ?? micro(0n);
  const isShort = shortGainMicro !== undefined;
  return {
    ...rest,
    longMicro: isShort ? rest.longMicro : paidMicro,
    ...(isShort && paidMicro > 0n ? { shortGainMicro: paidMicro } : {}),
    ...(curtailments === undefined
      ? {}
      : { curtailments: curtailments.map((one, at) => ({ ...one, takeoverGainMicro: ofLimits[at] ?? micro(0n) })) }),
    uncoveredMicro: micro(line.uncoveredMicro + gainMicro(line) - paidMicro),
  };
}

/**
 * Settles one quarter hour of one bucket: trade money from escrow to the sellers, the reserve of the slot back to everybody whose
 * readings are there, costs of deviations to and gains from the imbalance account, and what is left in it to (or from) the balancing
 * party. Missing or refused readings hold back their own participant's deviation only.
 *
 * @returns the one balanced posting set of this slot, run and bucket, with a line for each participant
 */
export function settleSlot(slot: SlotToSettle): PostingSet {
  const { intervalSlots, quarter } = slot;
  assert(quarter >= 0 && quarter < (intervalSlots ?? 4), 'A slot is one of the quarter hours of its interval.');
  const participants = [...slot.participants].sort((left, right) =>
    compareText(left.participantId, right.participantId),
  );
  const balancingReserveMicro = slot.balancing?.reserveMicro ?? micro(0n);
  const lines = coverGains(
    participants.map((participant) => lineOf(slot, participant)),
    balancingReserveMicro,
  );
  const entries = joinEntries([...lines.flatMap(entriesOf), ...balancingEntries(slot.balancing, lines)]);
  const { imbalance, imbalanceLongMicroPerKwh, imbalanceShortMicroPerKwh, number } = slot.ruleSet;
  return balanced({
    cause: { kind: 'settlement', sessionId: slot.sessionId, run: slot.run, slot: slot.slot, bucket: slot.bucket },
    entries,
    prices: {
      ruleSet: number,
      imbalanceShortMicroPerKwh,
      imbalanceLongMicroPerKwh,
      ...(imbalance === undefined ? {} : { imbalance }),
      ...(slot.balancing === undefined ? {} : { balancingParticipantId: slot.balancing.participantId }),
      balancingReserveMicro,
      quarter,
      ...(intervalSlots === undefined ? {} : { intervalSlots }),
    },
    lines,
  });
}

function entriesOf(line: Line): readonly Entry[] {
  const account = participantAccount(line.participantId);
  return [
    ...move('escrow', account, line.sellMicro, 'trade'),
    ...move('escrow', account, line.returnedMicro ?? 0n, 'release'),
    ...move('fees', account, line.returnedFeeMicro ?? 0n, 'fee'),
    ...move('escrow', account, line.reserveMicro - line.heldMicro, 'reserve'),
    // Penalties go through escrow, where the seller's reserve lies: either side can be settled first.
    ...move(account, 'escrow', line.penaltyMicro ?? 0n, 'penalty'),
    ...move('escrow', account, line.penaltyGainMicro ?? 0n, 'penalty'),
    ...move(account, 'imbalance', chargedMicro(line), 'deviation'),
    ...move('imbalance', account, gainMicro(line), 'deviation'),
    ...curtailmentEntries(line, account),
  ];
}

function balancingEntries(balancing: BalancingParty | undefined, lines: readonly Line[]): readonly Entry[] {
  if (balancing === undefined) {
    return [];
  }
  const account = participantAccount(balancing.participantId);
  const paidMicro = sum(lines.map(costsMicro));
  const owedMicro = sum(lines.flatMap(claimsOf).map(({ weight }) => weight));
  return [
    ...move('escrow', account, balancing.reserveMicro, 'reserve'),
    ...move('imbalance', account, greatest(paidMicro - owedMicro, 0n), 'balancing'),
    ...move(account, 'imbalance', greatest(owedMicro - paidMicro, 0n), 'balancing'),
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
  const { balancingParticipantId, balancingReserveMicro, intervalSlots, quarter, ruleSet, ...imbalance } = prices;
  return settleSlot({
    ...cause,
    quarter,
    ...(intervalSlots === undefined ? {} : { intervalSlots }),
    ruleSet: { number: ruleSet, ...imbalance },
    participants: lines.map((line) => ({
      participantId: line.participantId,
      scheduled: line.status === 'SCHEDULED',
      intervalBoughtWh: line.intervalBoughtWh,
      intervalSoldWh: line.intervalSoldWh,
      intervalBuyMicro: line.intervalBuyMicro,
      intervalSellMicro: line.intervalSellMicro,
      ...(line.positions === undefined ? {} : { positions: line.positions }),
      ...(line.curtailments === undefined ? {} : { curtailments: line.curtailments.map(curtailmentInputOf) }),
      ...(line.flexibility === undefined ? {} : { flexibility: line.flexibility }),
      ...(line.coalitions === undefined ? {} : { coalitions: line.coalitions }),
      ...(line.dayAheadMicroPerKwh === undefined ? {} : { dayAheadMicroPerKwh: line.dayAheadMicroPerKwh }),
      reserveMicro: line.reserveMicro,
      meters: line.meters,
    })),
    balancing:
      balancingParticipantId === undefined
        ? undefined
        : { participantId: balancingParticipantId, reserveMicro: balancingReserveMicro },
  });
}
