import { connectionAssetId, type PromiseAsked } from '../../commitments/book';
import { preemptionCompensationMicro, priorityClassOf } from '../../commitments/priority';
import { present } from '../../assert';
import { demand } from '../../errors';
import type { AssetId, ParticipantId, SessionId } from '../../ids';
import { sum } from '../../math';
import type { RuleSet } from '../../rule-set';
import { balanced, joinEntries, move } from '../../settlement/post';
import { participantAccount, type PostingSet } from '../../settlement/rows';
import { micro, ppm, wh, type Micro } from '../../units';
import { powerOf } from '../order-commitments';
import type { Position } from '../rows';
import type { Contract } from './rows';
import { contractIntervals, type ContractInterval } from './terms';

type Accepted = NonNullable<Contract['accepted']>;

/** An accepted contract, with everything that counts from then on. */
export interface ConcludedContract extends Contract {
  readonly accepted: Accepted;
}

/** A concluded contract some of whose intervals gave way, and what its buyer gets for that. */
export interface DisplacedContract {
  readonly contract: ConcludedContract;
  /** The intervals that gave way now. */
  readonly intervals: readonly ContractInterval[];
  readonly compensationMicro: Micro;
}

/** Concludes a contract under a rule set: the class of its promise, and what its buyer locks. */
export function concludeContract(
  contract: Contract,
  signed: Pick<Accepted, 'participantId' | 'commandId' | 'expirySlot' | 'signature'>,
  ruleSet: RuleSet,
): ConcludedContract {
  const { contractDelivery, feePpm, number, preemptionCompensationPpm } = ruleSet;
  const { name, rank } = priorityClassOf(ruleSet, 'bilateral', contract.terms.priorityClass);
  const intervals = contractIntervals(contract.terms, feePpm);
  const accepted = {
    ...signed,
    ruleSet: number,
    feePpm,
    preemptionCompensationPpm: preemptionCompensationPpm ?? ppm(0n),
    priorityClass: name,
    rank,
    buyMicro: micro(sum(intervals.map(({ buyMicro }) => buyMicro))),
    feeMicro: micro(sum(intervals.map(({ feeMicro }) => feeMicro))),
    compensationMicro: micro(0n),
    ...(contractDelivery === undefined ? {} : { contractDelivery }),
  };
  return { ...contract, state: 'ACCEPTED', accepted };
}

/** What both sides of a contract promise with their connections: the seller upwards, the buyer downwards. */
export function contractPromises({ accepted, contractId, terms }: ConcludedContract): {
  readonly seller: PromiseAsked;
  readonly buyer: PromiseAsked;
} {
  const { buyerParticipantId, firstSlot, intervalSlots, priceMicroPerKwh, sellerParticipantId } = terms;
  const common = {
    promiseId: contractId,
    purpose: 'bilateral',
    priorityClass: accepted.priorityClass,
    rank: accepted.rank,
    priceMicroPerKwh,
    firstSlot,
    intervalSlots,
    powersW: contractIntervals(terms, accepted.feePpm).map(({ energyWh }) => powerOf(energyWh, intervalSlots)),
  } as const;
  return {
    seller: { ...common, direction: 'up', counterpartyId: buyerParticipantId },
    buyer: { ...common, direction: 'down', counterpartyId: sellerParticipantId },
  };
}

/** The assets that the two sides promise with. */
export function contractAssets({ terms }: Contract): { readonly seller: AssetId; readonly buyer: AssetId } {
  return {
    seller: connectionAssetId(terms.sellerParticipantId),
    buyer: connectionAssetId(terms.buyerParticipantId),
  };
}

/** Takes intervals out of a concluded contract; its buyer is compensated as the rule set said under which it was concluded. */
export function displaceIntervals(contract: ConcludedContract, firstSlots: readonly number[]): DisplacedContract {
  const { accepted, displaced, terms } = contract;
  const intervals = contractIntervals(terms, accepted.feePpm).filter(({ firstSlot }) => firstSlots.includes(firstSlot));
  const indexes = [...(displaced ?? []), ...intervals.map(({ index }) => index)].sort((left, right) => left - right);
  const valueMicro = sum(intervals.map(({ buyMicro }) => buyMicro));
  return {
    contract: { ...contract, displaced: indexes },
    intervals,
    compensationMicro: preemptionCompensationMicro(accepted, valueMicro),
  };
}

/** Refuses where displacing others costs more than the buyer agreed to pay for it (CONTRACT_PREEMPTION_TOO_DEAR). */
export function withCompensation(
  contract: ConcludedContract,
  displaced: readonly DisplacedContract[],
): ConcludedContract {
  const compensationMicro = micro(sum(displaced.map((entry) => entry.compensationMicro)));
  const holds = compensationMicro <= (contract.terms.preemptionMicroMax ?? 0n);
  demand(holds, 'CONTRACT_PREEMPTION_TOO_DEAR', { compensationMicro: compensationMicro.toString() });
  return { ...contract, accepted: { ...contract.accepted, compensationMicro } };
}

/** What the buyer's account must have: energy, fee and compensations. */
export function contractCostMicro({ accepted }: ConcludedContract): bigint {
  return accepted.buyMicro + accepted.feeMicro + accepted.compensationMicro;
}

/**
 * The money of a conclusion: the buyer's for everything into escrow, from there the fee and the dust of roundings; what is left is what
 * settlement pays to the seller. Who is displaced gets what it had locked back, and the new buyer compensates it.
 */
export function contractSet(contract: ConcludedContract, displaced: readonly DisplacedContract[]): PostingSet {
  const { accepted, contractId, terms } = contract;
  const buyer = participantAccount(terms.buyerParticipantId);
  const sellMicro = sum(contractIntervals(terms, accepted.feePpm).map((interval) => interval.sellMicro));
  const entries = [
    ...move(buyer, 'escrow', accepted.buyMicro + accepted.feeMicro, 'collateral'),
    ...move('escrow', 'fees', accepted.feeMicro, 'fee'),
    ...move('escrow', 'dust', accepted.buyMicro - sellMicro, 'dust'),
    ...displaced.flatMap((entry) => {
      const account = participantAccount(entry.contract.terms.buyerParticipantId);
      const total = (part: (interval: ContractInterval) => bigint): bigint => sum(entry.intervals.map(part));
      return [
        ...move(
          'escrow',
          account,
          total((interval) => interval.sellMicro),
          'release',
        ),
        ...move(
          'dust',
          account,
          total((interval) => interval.buyMicro - interval.sellMicro),
          'dust',
        ),
        ...move(
          'fees',
          account,
          total((interval) => interval.feeMicro),
          'fee',
        ),
        ...(account === buyer ? [] : move(buyer, account, entry.compensationMicro, 'compensation')),
      ];
    }),
  ];
  return balanced({ cause: { kind: 'contract', contractId }, entries: joinEntries(entries) });
}

/** What both sides have bought and sold by a contract, interval by interval; nothing in the intervals that were displaced. */
export function contractPositions({ accepted, contractId, displaced, terms }: ConcludedContract): readonly Position[] {
  const { buyerParticipantId, intervalSlots, priceMicroPerKwh, sellerParticipantId } = terms;
  return contractIntervals(terms, accepted.feePpm).flatMap((interval) => {
    const stands = displaced?.includes(interval.index) !== true;
    const of = <T extends bigint>(value: T, zero: T): T => (stands ? value : zero);
    const common = {
      // A contract's positions stand beside those of sessions, under its own id.
      sessionId: contractId as string as SessionId,
      interval: interval.index,
      firstSlot: interval.firstSlot,
      intervalSlots,
      priceMicroPerKwh,
    };
    const nothing = {
      boughtWh: wh(0n),
      soldWh: wh(0n),
      buyMicro: micro(0n),
      sellMicro: micro(0n),
      feeMicro: micro(0n),
    };
    const energyWh = of(interval.energyWh, wh(0n));
    return [
      {
        ...common,
        ...nothing,
        participantId: sellerParticipantId,
        soldWh: energyWh,
        sellMicro: of(interval.sellMicro, micro(0n)),
      },
      {
        ...common,
        ...nothing,
        participantId: buyerParticipantId,
        boughtWh: energyWh,
        buyMicro: of(interval.buyMicro, micro(0n)),
        feeMicro: of(interval.feeMicro, micro(0n)),
      },
    ];
  });
}

/** The contract as a concluded one; a promise in the book always belongs to such a contract. */
export function concluded(contract: Contract | undefined): ConcludedContract {
  const { accepted, ...rest } = present(contract, 'What a contract has promised has a contract.');
  return { ...rest, accepted: present(accepted, 'A contract that promises something is concluded.') };
}

/** The two sides of a contract, the seller first. */
export function partiesOf({ terms }: Pick<Contract, 'terms'>): readonly ParticipantId[] {
  return [terms.sellerParticipantId, terms.buyerParticipantId];
}
