import { priorityClassOf } from '../../commitments/priority';
import { digestOf } from '../../digest';
import { demand } from '../../errors';
import type { ParticipantId } from '../../ids';
import { mulDivCeil, mulDivFloor, sum } from '../../math';
import type { RuleSet } from '../../rule-set';
import { addSlots, type Slot } from '../../time';
import { micro, ppmWhole, wh, type Micro, type MicroPerKwh, type Ppm, type Wh } from '../../units';
import { costMicro, feeMicro, revenueMicro } from '../money';
import { contractTermsCodec, type ContractTerms, type DeliveryTerms } from './rows';

/** One interval of a contract and its money: rounded up for the buyer and down for the seller. */
export interface ContractInterval {
  readonly index: number;
  readonly firstSlot: Slot;
  readonly energyWh: Wh;
  readonly priceMicroPerKwh: MicroPerKwh;
  readonly buyMicro: Micro;
  readonly sellMicro: Micro;
  readonly feeMicro: Micro;
}

/** What the two sides sign: the digest of the terms. */
export function termsDigestOf(terms: ContractTerms): string {
  return digestOf(contractTermsCodec.encode(terms));
}

/** The intervals of a contract, with the buyer's fee of a rule set. */
export function contractIntervals(terms: ContractTerms, feePpm: Ppm): readonly ContractInterval[] {
  const { energyWh, firstSlot, intervalSlots, intervals, priceMicroPerKwh } = terms;
  return Array.from({ length: intervals }, (_, index) => {
    const intervalWh = energyWh[energyWh.length === 1 ? 0 : index] ?? wh(0n);
    const buyMicro = costMicro(intervalWh, priceMicroPerKwh);
    return {
      index,
      firstSlot: addSlots(firstSlot, index * intervalSlots),
      energyWh: intervalWh,
      priceMicroPerKwh,
      buyMicro,
      sellMicro: revenueMicro(intervalWh, priceMicroPerKwh),
      feeMicro: feeMicro(buyMicro, feePpm),
    };
  });
}

/** What the ledger knows of the parties and the time of an offer. */
export interface OfferKnown {
  readonly sellerBuses: readonly string[];
  readonly buyerBuses: readonly string[];
  readonly answerBySlot: Slot;
  readonly answerByBegun: boolean;
}

/** Refuses an offer by somebody else than its parties, or whose terms cannot be kept, with the first code in precedence order. */
export function checkTerms(terms: ContractTerms, participantId: ParticipantId, known: OfferKnown): void {
  const { buyerBus, buyerParticipantId, energyWh, firstSlot, intervalSlots, intervals } = terms;
  const { sellerBus, sellerParticipantId } = terms;
  const isParty = participantId === sellerParticipantId || participantId === buyerParticipantId;
  demand(isParty, 'CONTRACT_NOT_PARTY', { participantId });
  demand(sellerParticipantId !== buyerParticipantId, 'CONTRACT_SELF', { participantId });
  demand(known.sellerBuses.includes(sellerBus), 'CONTRACT_BUS_UNKNOWN', { busId: sellerBus });
  demand(known.buyerBuses.includes(buyerBus), 'CONTRACT_BUS_UNKNOWN', { busId: buyerBus });
  demand(firstSlot % intervalSlots === 0, 'CONTRACT_PERIOD', { firstSlot, intervalSlots });
  const isSeries = energyWh.length === 1 || energyWh.length === intervals;
  demand(isSeries && sum(energyWh) > 0n, 'CONTRACT_SERIES', { intervals });
  const inTime = !known.answerByBegun && known.answerBySlot <= firstSlot;
  demand(inTime, 'CONTRACT_DEADLINE', { answerBySlot: known.answerBySlot, firstSlot });
}

/** Refuses a rule set without contracts (CONTRACT_NOT_OFFERED). */
export function demandContracts({ commitments, number }: RuleSet): void {
  demand(commitments === true, 'CONTRACT_NOT_OFFERED', { ruleSet: number });
}

/** Refuses a price that the rule set does not allow, or a priority class that it does not have for contracts. */
export function checkTermsRules({ priceMicroPerKwh, priorityClass }: ContractTerms, ruleSet: RuleSet): void {
  const { priceCapMicroPerKwh, priceFloorMicroPerKwh, tickMicroPerKwh } = ruleSet;
  const isInside = priceMicroPerKwh >= priceFloorMicroPerKwh && priceMicroPerKwh <= priceCapMicroPerKwh;
  demand(isInside, 'MARKET_PRICE_RANGE');
  demand(priceMicroPerKwh % tickMicroPerKwh === 0n, 'MARKET_PRICE_TICK');
  priorityClassOf(ruleSet, 'bilateral', priorityClass);
}

/** What counts of a contract in a quarter hour, once it is known what the seller had for it. */
export interface DeliveredContract {
  readonly deliveredWh: Wh;
  /** What the seller owes the buyer beside the energy. */
  readonly penaltyMicro: Micro;
}

/**
 * What a contract comes to in one quarter hour under its terms of partial delivery. What does not count is taken out of both positions, so that
 * the buyer pays nothing for it and either side bears its own deviation.
 *
 * @param availableWh what the seller's meters gave beyond what it had sold before
 * @param buyMicro what the whole quarter hour costs the buyer
 */
export function deliverContract(
  delivery: DeliveryTerms,
  agreedWh: Wh,
  availableWh: bigint,
  buyMicro: Micro,
): DeliveredContract {
  if (availableWh >= agreedWh) {
    return { deliveredWh: agreedWh, penaltyMicro: micro(0n) };
  }
  switch (delivery.kind) {
    case 'prorata':
      return { deliveredWh: wh(availableWh), penaltyMicro: micro(0n) };
    case 'all-or-nothing':
      return { deliveredWh: wh(0n), penaltyMicro: micro(mulDivFloor(buyMicro, delivery.penaltyPpm, ppmWhole)) };
    case 'minimum': {
      const isEnough = availableWh >= mulDivCeil(agreedWh, delivery.minimumPpm, ppmWhole);
      return { deliveredWh: wh(isEnough ? availableWh : 0n), penaltyMicro: micro(0n) };
    }
  }
}
