import { assert, present } from '../assert';
import { digestOf } from '../digest';
import type { ParticipantId, SessionId } from '../ids';
import type { Position, Session } from '../market/rows';
import { costMicro, revenueMicro } from '../market/money';
import { sum } from '../math';
import type { RuleSet } from '../rule-set';
import { addSlots, slotText, type Slot } from '../time';
import { micro, microPerKwh, wh, type Micro, type Wh } from '../units';
import { netCreditMicro } from './post';
import {
  participantAccount,
  postingSetKey,
  statementLineCodec,
  type Line,
  type PostingSet,
  type Statement,
  type StatementLine,
  type StatementTotals,
} from './rows';

/** What a statement is made from: the settlement posting sets of every slot of the session, in time order. */
export interface StatementInput {
  readonly session: Session;
  readonly run: number;
  readonly bucket: number;
  readonly participantId: ParticipantId;
  readonly sets: readonly PostingSet[];
  /** For the balancing party: the settlements of the other buckets, whose deviations it takes too. */
  readonly otherSets: readonly PostingSet[];
  readonly positions: readonly Position[];
}

/** The ledger key of a position as text. */
export function positionKey(participantId: ParticipantId, firstSlot: Slot, sessionId: SessionId): string {
  return `position/${participantId}/${slotText(firstSlot)}.${sessionId}`;
}

/** The ledger key of a block of readings as text. */
export function blockKey(meterId: string, startSlot: Slot): string {
  return `block/${meterId}/${slotText(startSlot)}`;
}

/** The ledger key of the row that decides how far a seller's contracts are delivered in a slot, as text. */
export function contractDeliveryKey(
  participantId: ParticipantId,
  slot: Slot,
  run: number,
  sessionId: SessionId,
): string {
  return `contract-delivery/${participantId}/${slotText(slot)}.${String(run).padStart(2, '0')}.${sessionId}`;
}

/** The ledger key of what a participant did in a slot of an order of flexibility, as text. */
export function performanceKey(orderId: string, slot: Slot, participantId: ParticipantId): string {
  return `performance/${orderId}/${slotText(slot)}/${participantId}`;
}

/** The ledger key of what a coalition delivered in a slot, as text. */
export function poolDeliveryKey(coalitionId: string, slot: Slot): string {
  return `pool-delivery/${coalitionId}/${slotText(slot)}`;
}

/** The lines of a statement: for every slot the settlement's line, the keys of what went in, and the postings. */
export function statementLines(input: StatementInput): readonly StatementLine[] {
  return input.sets.map((set) => {
    assert(set.cause.kind === 'settlement', 'Statements are made from settlements.');
    const { slot } = set.cause;
    const interval = Math.floor((slot - input.session.firstSlot) / input.session.intervalSlots);
    const line = present(
      set.lines?.find((candidate) => candidate.participantId === input.participantId),
      'A participant has a line in every slot of its bucket.',
    );
    const position = input.positions.find((candidate) => candidate.interval === interval);
    return {
      slot,
      postingSet: postingSetKey(set.cause),
      inputs: inputKeys(input, slot, line, position),
      priceMicroPerKwh: position?.priceMicroPerKwh ?? microPerKwh(0n),
      line,
      entries: set.entries.filter((entry) => entry.account === participantAccount(input.participantId)),
    };
  });
}

function inputKeys(
  { participantId, run, session }: StatementInput,
  slot: Slot,
  line: Line,
  position: Position | undefined,
): string[] {
  const readings = line.meters.flatMap(({ meterId, blockStartSlot }) =>
    blockStartSlot === undefined ? [] : [blockKey(meterId, blockStartSlot)],
  );
  const positions = [...(position === undefined ? [] : [position]), ...(line.positions ?? [])];
  const sellers = new Set((line.positions ?? []).flatMap(({ outcome }) => outcome?.sellerParticipantId ?? []));
  return [
    ...positions.map((one) => positionKey(participantId, one.firstSlot, one.sessionId)),
    ...[...sellers].map((seller) => contractDeliveryKey(seller, slot, run, session.sessionId)),
    ...(line.flexibility ?? []).map(({ orderId }) => performanceKey(orderId, slot, participantId)),
    ...(line.coalitions ?? []).map(({ coalitionId }) => poolDeliveryKey(coalitionId, slot)),
    ...readings,
  ];
}

/** A statement: its sums and the digest of its lines. */
export function statementOf(input: StatementInput): Statement {
  const { bucket, participantId, run, session } = input;
  const lines = statementLines(input);
  assert(lines.length === session.intervals * session.intervalSlots, 'A statement has every slot of its session.');
  return {
    participantId,
    sessionId: session.sessionId,
    run,
    firstSlot: session.firstSlot,
    slots: lines.length,
    bucket,
    ruleSet: session.ruleSet.number,
    totals: totalsOf(input, lines),
    linesDigest: linesDigest(lines),
  };
}

/** The digest of a statement's lines. */
export function linesDigest(lines: readonly StatementLine[]): string {
  return digestOf(lines.map((line) => statementLineCodec.encode(line)));
}

type Amount<T> = { [K in keyof Line]-?: Line[K] extends T ? K : never }[keyof Line];

function totalsOf(
  { otherSets, participantId, positions, session, sets }: StatementInput,
  lines: readonly StatementLine[],
): StatementTotals {
  const energy = (key: Amount<Wh>): Wh => wh(sum(lines.map(({ line }) => line[key])));
  const money = (key: Amount<Micro>): Micro => micro(sum(lines.map(({ line }) => line[key])));
  const account = participantAccount(participantId);
  const optional = (key: 'shortGainMicro' | 'longCostMicro' | 'penaltyMicro' | 'penaltyGainMicro'): Micro =>
    micro(sum(lines.map(({ line }) => line[key] ?? 0n)));
  const fee = micro(sum(positions.map((position) => position.feeMicro)) + otherFeesMicro(lines));
  const buy = money('buyMicro');
  const sell = money('sellMicro');
  const short = money('shortMicro');
  const long = money('longMicro');
  const shortGain = optional('shortGainMicro');
  const longCost = optional('longCostMicro');
  const penalty = optional('penaltyMicro');
  const penaltyGain = optional('penaltyGainMicro');
  const limited = lines.flatMap(({ line }) => line.curtailments ?? []);
  const compensation = micro(sum(limited.map((one) => one.compensationMicro)));
  const imported = energy('importWh');
  const exported = energy('exportWh');
  return {
    boughtWh: energy('boughtWh'),
    soldWh: energy('soldWh'),
    importWh: imported,
    exportWh: exported,
    shortWh: energy('shortWh'),
    longWh: energy('longWh'),
    deliveredWh: energy('deliveredWh'),
    shortfallWh: energy('shortfallWh'),
    buyMicro: buy,
    sellMicro: sell,
    feeMicro: fee,
    shortMicro: short,
    longMicro: long,
    ...(shortGain > 0n ? { shortGainMicro: shortGain } : {}),
    ...(longCost > 0n ? { longCostMicro: longCost } : {}),
    ...(penalty > 0n ? { penaltyMicro: penalty } : {}),
    ...(penaltyGain > 0n ? { penaltyGainMicro: penaltyGain } : {}),
    ...(limited.length > 0
      ? { heldBackWh: wh(sum(limited.map((one) => one.heldBackWh))), compensationMicro: compensation }
      : {}),
    uncoveredMicro: money('uncoveredMicro'),
    heldMicro: money('heldMicro'),
    creditedMicro: micro(sum([...sets, ...otherSets].map((set) => netCreditMicro(set.entries, account)))),
    missingSlots: lines.filter(({ line }) => line.status === 'MISSING').length,
    billDebitMicro: micro(buy + fee + short + longCost + penalty),
    billCreditMicro: micro(sell + long + shortGain + penaltyGain + compensation),
    outsideDebitMicro: costMicro(imported, session.ruleSet.retailPriceMicroPerKwh),
    outsideCreditMicro: revenueMicro(exported, session.ruleSet.feedInPriceMicroPerKwh),
  };
}

/** The fees of other positions, each counted once, less what came back where contracts fell away. */
function otherFeesMicro(lines: readonly StatementLine[]): bigint {
  const fees = new Map<string, bigint>();
  for (const { feeMicro, firstSlot, sessionId } of lines.flatMap(({ line }) => line.positions ?? [])) {
    fees.set(`${sessionId} ${firstSlot}`, feeMicro);
  }
  return sum(fees.values()) - sum(lines.map(({ line }) => line.returnedFeeMicro ?? 0n));
}

/** The slots of a session. */
export function sessionSlots(session: Session): readonly Slot[] {
  return Array.from({ length: session.intervals * session.intervalSlots }, (_, index) =>
    addSlots(session.firstSlot, index),
  );
}

/** The rule of settlement in sentences, with the numbers of the rule set. */
export function ruleInWords(ruleSet: RuleSet): readonly string[] {
  return [
    `Rule set ${ruleSet.number}, currency ${ruleSet.currency}; energy in Wh, money in millionths.`,
    'An hour has one price; its energy times price / 1000 is rounded up for the buyer, down for the seller.',
    `The buyer pays a fee of ${ruleSet.feePpm} ppm of that, rounded up, when the clearing is applied.`,
    'The energy of an hour is split evenly over its quarter hours, its money by energy (largest remainder, earlier first).',
    'Deviation = (import + sold) - (export + bought); above zero it is short, below zero long.',
    ...(ruleSet.contractDelivery === undefined ? [] : deliveryRule),
    ...deviationRule(ruleSet),
    'A cost above the locked reserve is not posted; surpluses are paid from shortfalls and the balancing reserve, pro rata.',
    'Without all its readings a participant keeps its trade, its deviation is not posted and its reserve stays locked.',
    'The reserve of every settled quarter hour goes back from escrow to the account.',
    ...curtailmentRule(ruleSet),
    ...flexibilityRule(ruleSet),
    ...coalitionRule(ruleSet),
  ];
}

function curtailmentRule({ curtailmentCompensation }: RuleSet): string[] {
  if (curtailmentCompensation === undefined) {
    return [];
  }
  const price =
    curtailmentCompensation.kind === 'fixed'
      ? `${curtailmentCompensation.priceMicroPerKwh} per kWh`
      : "the session's price at the connection";
  return [
    'A limit of the system operator held back: possible energy less the greater of limit and metered, not below zero.',
    'Possible is what the connection had in the quarter hour measured before the limit.',
    'What of it was sold or bought corrects the position: it is no deviation, and the operator takes it over.',
    `Held back export that was not sold, and held back import that was bought, is paid ${price}, rounded down.`,
    'The operator pays that from the account curtailment, at most what was set aside with the limit.',
  ];
}

function flexibilityRule({ flexibility }: RuleSet): string[] {
  return flexibility === undefined
    ? []
    : [
        'Delivered flexibility corrects the position: less is bought where a reduction, more where an increase was delivered.',
        'Delivered is the least of ordered and baseline - metered (for an increase metered - baseline), not below zero.',
        'Only slots count that every meter has measured, of events whose baseline is trusted; each as it was tracked by then.',
        `The energy so transferred costs ${flexibility.transferPriceMicroPerKwh ?? 0n} per kWh, rounded down, once:`,
        'the aggregator pays it for a reduction, the prosumer for an increase, with the settlement of the order.',
      ];
}

function coalitionRule({ flexibility, vpp }: RuleSet): string[] {
  const priceMicroPerKwh = vpp?.transferPriceMicroPerKwh ?? flexibility?.transferPriceMicroPerKwh ?? 0n;
  return vpp === undefined
    ? []
    : [
        'What assets delivered for a coalition corrects the position: up is energy not bought any more, down energy not yet bought.',
        'Delivered is the least of what was asked of the asset and what its meter moved from its baseline, as verified by then.',
        `The energy so transferred costs ${priceMicroPerKwh} per kWh, rounded down, once, with the remuneration of the coalition.`,
        'Capacity, called energy and penalties of a coalition are paid there too, and shared by the rule that it names.',
      ];
}

const deliveryRule = [
  'A contract counts as far as its seller had energy for it, by its terms: what it exported and bought less what it imported.',
  'Sales of a higher rank come first, of one rank those to sessions, then the higher price, then the smaller id.',
  'What does not count is bought and sold by nobody: its money and fee go back to the buyer, each side bears its deviation.',
  'A penalty for a contract that falls away is paid from the reserve that the seller has locked for the quarter hour.',
] as const;

function deviationRule({ imbalanceLongMicroPerKwh, imbalancePricing, imbalanceShortMicroPerKwh }: RuleSet): string[] {
  const fixed =
    `Short energy costs ${imbalanceShortMicroPerKwh} per kWh, rounded up; ` +
    `long energy brings ${imbalanceLongMicroPerKwh} per kWh, rounded down.`;
  if (imbalancePricing === undefined) {
    return [fixed];
  }
  const filed =
    imbalancePricing === 'single'
      ? 'Short energy costs and long energy brings the imbalance price filed for the slot; below zero the other way round.'
      : 'Short energy costs the higher, long energy brings the lower of the day-ahead and the filed imbalance price.';
  return [filed, `Where none was filed within a day of the slot: ${fixed}`];
}
