import { present } from '../assert';
import { compareText } from '../canonical';
import { priorityClassOf } from '../commitments/priority';
import { array, integer, object, optional, type TypeOf } from '../decode';
import { participantIdCodec, sessionIdCodec, type SessionId } from '../ids';
import { limits } from '../limits';
import { deliveryTermsCodec } from '../market/bilateral/rows';
import type { ConcludedContract } from '../market/bilateral/conclude';
import { contractIntervals, deliverContract } from '../market/bilateral/terms';
import type { Position, Session } from '../market/rows';
import { compareBigint, greatest, least, mulDivFloor, sum } from '../math';
import type { Participant } from '../registry/types';
import type { RuleSet } from '../rule-set';
import { slotCodec, type Slot } from '../time';
import { micro, microCodec, microPerKwhCodec, wh, whCodec } from '../units';
import { deviationEnergy, meteredStatus } from './delivery';
import { lineStatusCodec, meterInputCodec, runCodec } from './rows';
import {
  contractOutcomeCodec,
  coversSlot,
  positionSlots,
  quarterTrade,
  slotPositionOf,
  type ContractOutcome,
} from './slot-position';

/** What a participant has sold in one quarter hour to a session or by a contract. */
export const quarterSaleCodec = object({
  /** The session or the contract. */
  sessionId: sessionIdCodec,
  /** The rank of its promise in the commitments book. */
  rank: integer(0, 99),
  priceMicroPerKwh: microPerKwhCodec,
  soldWh: whCodec,
  /** What partial delivery of it is decided by; absent for what is owed whole: sales to sessions, and contracts without such a rule. */
  contract: optional(
    object({
      delivery: deliveryTermsCodec,
      /** The quarter hour's money: what the buyer has paid and what is in escrow for the seller. */
      buyMicro: microCodec,
      sellMicro: microCodec,
    }),
  ),
});
export type QuarterSale = TypeOf<typeof quarterSaleCodec>;

/**
 * The row that decides for both sides how far the contracts of a seller are delivered in one quarter hour. The first settlement that needs
 * it writes it, whichever side's it is, and every later one takes it as it stands.
 */
export const contractDeliveryCodec = object({
  /** The day-ahead session with which the quarter hour is settled. */
  sessionId: sessionIdCodec,
  run: runCodec,
  slot: slotCodec,
  participantId: participantIdCodec,
  /** As in the line of a settlement; whoever is not OK counts as having delivered everything. */
  status: lineStatusCodec,
  meters: array(meterInputCodec, limits.metersPerParticipantMax),
  /** What it had bought in all; what contracts should bring counts whole. */
  boughtWh: whCodec,
  /** What it has locked for the quarter hour, and so the most that its penalties take. */
  reserveMicro: microCodec,
  /** In the order in which they are delivered. */
  sales: array(quarterSaleCodec, limits.positionsPerSlotMax + 1),
  /** What each contract comes to, in the same order. */
  outcomes: array(object({ contractId: sessionIdCodec, outcome: contractOutcomeCodec }), limits.positionsPerSlotMax),
});
export type ContractDelivery = TypeOf<typeof contractDeliveryCodec>;

/** What decides how far a seller's contracts are delivered in one quarter hour. */
export type SellerQuarter = Omit<ContractDelivery, 'outcomes'>;

/** What a position comes from: a contract, or a session with its rule set. */
export type PositionSource = { readonly contract: ConcludedContract } | { readonly ruleSet: RuleSet };

/** What the ledger knows of a seller in a quarter hour. */
export interface SellerKnown extends Pick<SellerQuarter, 'meters' | 'reserveMicro' | 'run' | 'slot'> {
  readonly session: Session;
  readonly participant: Pick<Participant, 'kind' | 'participantId'>;
  /** All its positions that touch the quarter hour on the grid of the session. */
  readonly positions: readonly (readonly [Position, PositionSource])[];
}

/** True where something is bought or sold by a position in a slot. */
export function isTradedIn(position: Position, slot: Slot): boolean {
  return coversSlot(slotPositionOf(position), slot) && (position.soldWh > 0n || position.boughtWh > 0n);
}

/** What decides about a seller's contracts, from what the ledger knows of it. */
export function sellerQuarter({
  meters,
  participant,
  positions,
  reserveMicro,
  run,
  session,
  slot,
}: SellerKnown): SellerQuarter {
  const { kind, participantId } = participant;
  const { ruleSet, sessionId } = session;
  const isBalancing = participantId === ruleSet.balancingParticipantId;
  const traded = positions.filter(([position]) => isTradedIn(position, slot));
  return {
    sessionId,
    run,
    slot,
    participantId,
    status: isBalancing ? 'BALANCING' : meteredStatus(kind === 'supplier', meters),
    meters,
    boughtWh: wh(sum(traded.map(([position]) => quarterAt(position, slot).boughtWh))),
    reserveMicro,
    sales: traded.filter(([{ soldWh }]) => soldWh > 0n).map(([position, source]) => saleOf(position, source, slot)),
  };
}

function quarterAt(position: Position, slot: Slot) {
  return quarterTrade(position, positionSlots(position), slot - position.firstSlot);
}

function saleOf(position: Position, source: PositionSource, slot: Slot): QuarterSale {
  const { interval, priceMicroPerKwh, sessionId } = position;
  const { sellMicro, soldWh } = quarterAt(position, slot);
  const common = { sessionId, priceMicroPerKwh, soldWh };
  if ('ruleSet' in source) {
    return { ...common, rank: priorityClassOf(source.ruleSet, 'market').rank };
  }
  const { accepted, terms } = source.contract;
  if (accepted.contractDelivery === undefined) {
    return { ...common, rank: accepted.rank };
  }
  const whole = present(contractIntervals(terms, accepted.feePpm)[interval], 'A position is of one of its intervals.');
  const { buyMicro } = quarterAt({ ...position, boughtWh: position.soldWh, buyMicro: whole.buyMicro }, slot);
  return { ...common, rank: accepted.rank, contract: { delivery: terms.delivery, buyMicro, sellMicro } };
}

/**
 * The order in which a seller's energy goes to its sales, the commitments book's: the higher rank first; of one rank what is owed whole
 * first, as it is never displaced either; then the higher price, then the smaller id. So the last ones are short first.
 */
export function compareSales(left: QuarterSale, right: QuarterSale): number {
  const whole = ({ contract }: QuarterSale): number => (contract === undefined ? 0 : 1);
  return (
    right.rank - left.rank ||
    whole(left) - whole(right) ||
    compareBigint(right.priceMicroPerKwh, left.priceMicroPerKwh) ||
    compareText(left.sessionId, right.sessionId)
  );
}

/**
 * Decides what each contract of a seller comes to in a quarter hour. What the seller has is what its meters gave and it had bought, less
 * what they took. It goes to the sales in order; what falls away wholly leaves its energy to the next ones. Without all its readings a
 * seller counts as having delivered: silence must not shrink a contract.
 */
export function decideDelivery(quarter: SellerQuarter): ContractDelivery {
  const { boughtWh, meters, participantId, reserveMicro, status } = quarter;
  const sales = [...quarter.sales].sort(compareSales);
  const { exportWh, importWh } = deviationEnergy(status, meters, 0n, 0n);
  let availableWh = greatest(exportWh + boughtWh - importWh, 0n);
  let coverMicro: bigint = reserveMicro;
  const outcomes: { contractId: SessionId; outcome: ContractOutcome }[] = [];
  for (const { contract, sessionId, soldWh } of sales) {
    if (contract === undefined) {
      availableWh -= least<bigint>(availableWh, soldWh);
      continue;
    }
    const { buyMicro, delivery, sellMicro } = contract;
    const has = status === 'OK' ? availableWh : soldWh;
    const { deliveredWh, penaltyMicro } = deliverContract(delivery, soldWh, has, buyMicro);
    const covered = least<bigint>(penaltyMicro, coverMicro);
    const keptMicro = soldWh === 0n ? sellMicro : mulDivFloor(sellMicro, deliveredWh, soldWh);
    const returnedMicro = micro(least<bigint>(sellMicro - keptMicro, buyMicro));
    const outcome = { sellerParticipantId: participantId, deliveredWh, returnedMicro, penaltyMicro: micro(covered) };
    outcomes.push({ contractId: sessionId, outcome });
    coverMicro -= covered;
    availableWh -= least<bigint>(availableWh, deliveredWh);
  }
  return { ...quarter, boughtWh: wh(boughtWh), sales, outcomes };
}

/** What a contract came to by the row of its seller's deliveries; undefined where the row does not decide it. */
export function outcomeOf({ outcomes }: ContractDelivery, contractId: SessionId): ContractOutcome | undefined {
  return outcomes.find((entry) => entry.contractId === contractId)?.outcome;
}
