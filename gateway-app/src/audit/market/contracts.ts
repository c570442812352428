import {
  canonicalJson,
  commitmentCodec,
  commitmentDayCodec,
  commitmentParts,
  concluded,
  contractAssets,
  contractCodec,
  contractIntervals,
  contractPositions,
  contractPromises,
  contracts,
  contractSet,
  micro,
  participantCodec,
  partiesOf,
  positionCodec,
  requestDigestOf,
  rowCodec,
  signedCommandBytes,
  termsDigestOf,
  verifySignature,
  w,
  type Commitment,
  type ConcludedContract,
  type Contract,
  type Entry,
  type JsonObject,
  type JsonValue,
  type PostingSet,
  type PromiseAsked,
} from '@flexledger/domain';
import { auditDeliveries } from './contract-deliveries';
import { auditContractFlows } from './contract-flows';
import { decodeRows, nameOf, type DecodedRow } from '../decoded-rows';
import { Findings, type InvariantResult } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import type { MoneyRows } from '../money/money';
import { ROW_TYPES } from '../row-types';

const { acceptContract, counterContract, proposeContract } = contracts.market;

/** What each side of a contract has signed, as it stands in the contract. */
type SignedPart = Pick<Contract['offer'], 'participantId' | 'commandId' | 'expirySlot' | 'signature'>;

/**
 * I21: every contract between two carries the signature of who made its last offer, over exactly its terms; an accepted one also that
 * of the other side, and everything that the acceptance does is there once: its positions, its promises in the books of both, and the money
 * that it moved, and what it carries through the grid. Nothing of this stands for a contract that was not accepted. How far it was delivered follows from its
 * seller's meters and positions, and both sides were settled by that.
 *
 * @param channel the channel's name, which is part of what participants sign
 */
export function auditContracts(rows: AuditRows, money: MoneyRows, channel: string): InvariantResult {
  const findings = new Findings('I21', 'contracts between two');
  const all = decodeRows(rows, ROW_TYPES.contract, rowCodec(contractCodec), findings);
  auditSignatures(rows, all, channel, findings);
  const accepted = all
    .filter(({ value }) => value.state === 'ACCEPTED' && value.accepted !== undefined)
    .flatMap(({ row, value }) => findings.attempt(nameOf(row), () => ({ row, ...effectsOf(concluded(value)) })) ?? []);
  auditContractPositions(rows, all, accepted, findings);
  auditContractFlows(
    rows,
    all.filter(({ value }) => value.state === 'ACCEPTED'),
    findings,
  );
  auditPromises(rows, accepted, findings);
  auditContractMoney(money, accepted, findings);
  auditDeliveries(
    rows,
    money,
    accepted.map(({ contract }) => contract),
    findings,
  );
  return findings.result();
}

/** An accepted contract and what its acceptance does. */
interface AcceptedContract {
  readonly row: AuditRow;
  readonly contract: ConcludedContract;
  readonly positions: readonly JsonValue[];
  /** The promises in the books, by asset and contract. */
  readonly promises: readonly (readonly [string, readonly JsonValue[]])[];
  /** What the acceptance moves for itself. */
  readonly own: PostingSet;
  /** The same with what was given back for the intervals that were displaced. */
  readonly whole: PostingSet;
}

/** @throws InvariantError where what the contract says of its money is not what its terms come to */
function effectsOf(contract: ConcludedContract): Omit<AcceptedContract, 'row'> {
  const { accepted, contractId, displaced, terms } = contract;
  const { buyer, seller } = contractPromises(contract);
  const assets = contractAssets(contract);
  const given = contractIntervals(terms, accepted.feePpm).filter(({ index }) => displaced?.includes(index) === true);
  return {
    contract,
    positions: contractPositions(contract).map((position) => positionCodec.encode(position)),
    promises: [
      [`${assets.seller} ${contractId}`, standing(seller, contract)],
      [`${assets.buyer} ${contractId}`, standing(buyer, contract)],
    ],
    own: contractSet(contract, []),
    whole: contractSet(
      contract,
      given.length === 0 ? [] : [{ contract, intervals: given, compensationMicro: micro(0n) }],
    ),
  };
}

function auditSignatures(
  rows: AuditRows,
  all: readonly DecodedRow<Contract>[],
  channel: string,
  findings: Findings,
): void {
  const participants = decodeRows(rows, ROW_TYPES.participant, rowCodec(participantCodec), findings);
  const keys = new Map<string, string>(participants.map(({ value }) => [value.participantId, value.publicKey]));
  const isSigned: SignatureCheck = (transaction, part, request) => {
    const { commandId, expirySlot, participantId, signature } = part;
    const requestDigest = requestDigestOf(request as JsonObject);
    const command = { channel, contract: 'market', transaction, commandId, expirySlot, requestDigest };
    return verifySignature(keys.get(participantId) ?? '', signedCommandBytes(command), signature);
  };
  for (const contract of all) {
    findings.count();
    auditOffer(contract, isSigned, findings);
    auditAcceptance(contract, isSigned, findings);
  }
}

type SignatureCheck = (transaction: string, part: SignedPart, request: JsonValue) => boolean;

function auditOffer({ row, value }: DecodedRow<Contract>, isSigned: SignatureCheck, findings: Findings): void {
  const { contractId, offer, round, terms, termsDigest } = value;
  const request =
    round === 1
      ? proposeContract.request.encode({ ...offer, terms })
      : counterContract.request.encode({ ...offer, terms, contractId });
  findings.expect(
    termsDigest === termsDigestOf(terms) &&
      partiesOf(value).includes(offer.participantId) &&
      isSigned(round === 1 ? 'proposeContract' : 'counterContract', offer, request),
    () => `${nameOf(row)} has terms that ${offer.participantId} has not signed`,
  );
}

function auditAcceptance({ row, value }: DecodedRow<Contract>, isSigned: SignatureCheck, findings: Findings): void {
  const { accepted, contractId, offer, state, termsDigest } = value;
  if (accepted === undefined) {
    findings.expect(state !== 'ACCEPTED', () => `${nameOf(row)} was accepted by nobody`);
    return;
  }
  const { participantId } = accepted;
  findings.expect(
    state === 'ACCEPTED' &&
      participantId !== offer.participantId &&
      partiesOf(value).includes(participantId) &&
      isSigned('acceptContract', accepted, acceptContract.request.encode({ ...accepted, contractId, termsDigest })),
    () => `${nameOf(row)} has an acceptance that its other side has not signed`,
  );
}

function auditContractPositions(
  rows: AuditRows,
  all: readonly DecodedRow<Contract>[],
  accepted: readonly AcceptedContract[],
  findings: Findings,
): void {
  const due = new Map<string, readonly JsonValue[]>(
    accepted.map(({ contract, positions }) => [contract.contractId, positions]),
  );
  const found = new Map<string, JsonValue[]>(all.map(({ value }) => [value.contractId, []]));
  for (const { value } of decodeRows(rows, ROW_TYPES.position, rowCodec(positionCodec), findings)) {
    found.get(value.sessionId)?.push(positionCodec.encode(value));
  }
  for (const { row, value } of all) {
    findings.expect(
      textOf(found.get(value.contractId) ?? []) === textOf(due.get(value.contractId) ?? []),
      () => `the positions of ${nameOf(row)} are not what it says`,
    );
  }
}

/** What both sides have promised stands in their books as the contract says, and no book promises for a contract that is not there. */
function auditPromises(rows: AuditRows, accepted: readonly AcceptedContract[], findings: Findings): void {
  const due = new Map<string, readonly JsonValue[]>(accepted.flatMap(({ promises }) => promises));
  const days = decodeRows(rows, ROW_TYPES.commitmentDay, rowCodec(commitmentDayCodec), findings);
  const booked = new Map<string, JsonValue[]>();
  for (const { value } of days) {
    for (const entry of value.commitments.filter(({ purpose }) => purpose === 'bilateral')) {
      const key = `${value.assetId} ${entry.promiseId}`;
      booked.set(key, [...(booked.get(key) ?? []), encoded(entry)]);
    }
  }
  for (const key of new Set([...due.keys(), ...booked.keys()])) {
    findings.expect(
      textOf(booked.get(key) ?? []) === textOf(due.get(key) ?? []),
      () => `what asset and contract ${key} have promised is not what the contract says`,
    );
  }
}

/** A promise day by day without the intervals that were displaced. */
function standing(promise: PromiseAsked, { displaced }: Contract): JsonValue[] {
  const powersW = promise.powersW.map((powerW, index) => (displaced?.includes(index) === true ? w(0n) : powerW));
  return commitmentParts({ ...promise, powersW }).map(encoded);
}

function encoded(entry: Commitment): JsonValue {
  return commitmentCodec.encode(entry);
}

/**
 * Each acceptance has one posting set, which locks what the buyer owes. Who displaced whom stands in facts alone, so what the other
 * movements come to (fees, dust, and what was given back) is checked over all contracts together, account by account.
 */
function auditContractMoney({ sets }: MoneyRows, accepted: readonly AcceptedContract[], findings: Findings): void {
  const posted = sets.map(({ value }) => value).filter(({ cause }) => cause.kind === 'contract');
  for (const { contract, own: due, row } of accepted) {
    const own = posted.filter(({ cause }) => cause.kind === 'contract' && cause.contractId === contract.contractId);
    findings.expect(
      own.length === 1 && netsOf(own, isCollateral) === netsOf([due], isCollateral),
      () => `${nameOf(row)} has not locked what its buyer owes`,
    );
    const paidMicro = own
      .flatMap(({ entries }) => entries)
      .reduce((paid, { amountMicro, reason, side }) => {
        return reason === 'compensation' && side === 'debit' ? paid + amountMicro : paid;
      }, 0n);
    findings.expect(
      paidMicro <= contract.accepted.compensationMicro,
      () => `${nameOf(row)} has paid more to those who were displaced than it says`,
    );
  }
  const due = accepted.map(({ whole }) => whole);
  findings.expect(
    netsOf(posted, isNoCompensation) === netsOf(due, isNoCompensation),
    () => 'what contracts have moved is not what they say together',
  );
}

function isCollateral({ reason }: Entry): boolean {
  return reason === 'collateral';
}

function isNoCompensation({ reason }: Entry): boolean {
  return reason !== 'compensation';
}

/** What some posting sets come to, by account and reason, as one text. */
function netsOf(sets: readonly PostingSet[], isMeant: (entry: Entry) => boolean): string {
  const nets = new Map<string, bigint>();
  for (const entry of sets.flatMap(({ entries }) => entries).filter(isMeant)) {
    const key = `${entry.account} ${entry.reason}`;
    nets.set(key, (nets.get(key) ?? 0n) + signedMicro(entry));
  }
  const moved = [...nets].filter(([, netMicro]) => netMicro !== 0n);
  return moved
    .map(([key, netMicro]) => `${key} ${netMicro}`)
    .sort()
    .join('\n');
}

function signedMicro({ amountMicro, side }: Entry): bigint {
  return side === 'credit' ? amountMicro : 0n - amountMicro;
}

function textOf(values: readonly JsonValue[]): string {
  return values.map(canonicalJson).sort().join('\n');
}
