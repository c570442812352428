import {
  canonicalJson,
  contracts,
  correctionSet,
  disputeCodec,
  flexOrderCodec,
  flexSettlementCodec,
  participantAccount,
  participantCodec,
  partiesOfSet,
  postingSetCodec,
  postingSetId,
  requestDigestOf,
  rowCodec,
  signedCommandBytes,
  verifySignature,
  voltageSettlementCodec,
  type Dispute,
  type DisputeAnswer,
  type DisputedSet,
  type JsonObject,
  type JsonValue,
  type ParticipantId,
  type PostingSet,
} from '@flexledger/domain';
import { decodeRows, nameOf } from './decoded-rows';
import { Findings, type InvariantResult } from './findings';
import type { AuditRows } from './fold';
import type { MoneyRows } from './money/money';
import { ROW_TYPES } from './row-types';
import { presentValue, versionedRows, type VersionedRow } from './versions';

const { raiseDispute, respondToDispute } = contracts.accounts;

type SignedPart = NonNullable<DisputeAnswer['signed']>;
type SignatureCheck = (
  transaction: string,
  participantId: ParticipantId,
  part: SignedPart,
  request: JsonValue,
) => boolean;

const SUCCESSORS: Readonly<Record<Dispute['state'], readonly Dispute['state'][]>> = {
  RAISED: ['ANSWERED', 'RULED', 'WITHDRAWN', 'EXPIRED'],
  ANSWERED: ['RULED', 'WITHDRAWN', 'EXPIRED'],
  RULED: [],
  WITHDRAWN: [],
  EXPIRED: [],
};

/**
 * I23: every dispute is about posting sets on the ledger that its participant is a party of, each once, and is signed by it; an answer is the other
 * side's; states follow each other as they may, and what was said never changes; each correction that was ruled is posted once and as ruled, and none
 * without a ruling.
 *
 * @param channel the channel's name, which is part of what participants sign
 */
export function auditDisputes(rows: AuditRows, money: MoneyRows, channel: string): InvariantResult {
  const findings = new Findings('I23', 'disputes');
  const disputes = versionedRows(rows, ROW_TYPES.dispute, rowCodec(disputeCodec), findings);
  const isSigned = signatureCheck(rows, channel, findings);
  const sets = disputedSets(rows, money, findings);
  for (const dispute of disputes) {
    const value = presentValue(dispute);
    if (value === undefined) continue;
    findings.count();
    auditLife(dispute, findings);
    auditWords(dispute, value, isSigned, findings);
    for (const cause of value.about) {
      const set = sets.get(postingSetId(cause));
      findings.expect(
        set !== undefined && partiesOfSet(set).has(participantAccount(value.participantId)),
        () => `${nameOf(dispute.row)} is about ${postingSetId(cause)}, of which its participant is no party`,
      );
    }
  }
  const present = disputes.flatMap((dispute) => presentValue(dispute) ?? []);
  auditOnce(present, findings);
  auditCorrections(present, money, findings);
  return findings.result();
}

/** The first state is RAISED, each later one may follow, and the claim never changes. */
function auditLife({ row, versions }: VersionedRow<Dispute>, findings: Findings): void {
  versions.forEach(({ value }, index) => {
    const before = versions[index - 1]?.value;
    const mayFollow =
      before === undefined
        ? value.state === 'RAISED'
        : SUCCESSORS[before.state].includes(value.state) && claimText(before) === claimText(value);
    findings.expect(mayFollow, () => `${nameOf(row)} became ${value.state} as no dispute may`);
  });
}

function claimText(dispute: Dispute): string {
  const { answer: _answer, ruling: _ruling, state: _state, ...claim } = disputeCodec.encode(dispute) as JsonObject;
  return canonicalJson(claim);
}

function auditWords(
  { row }: VersionedRow<Dispute>,
  dispute: Dispute,
  isSigned: SignatureCheck,
  findings: Findings,
): void {
  const { answer, disputeId, participantId, respondent, ruling, signed, state } = dispute;
  const claim = raiseDispute.request.encode({ ...dispute, ...signed });
  const isOwn = signed.commandId === (disputeId as string);
  findings.expect(
    isOwn && isSigned('raiseDispute', participantId, signed, claim),
    () => `${nameOf(row)} was raised by somebody who has not signed it`,
  );
  findings.expect((ruling !== undefined) === (state === 'RULED'), () => `${nameOf(row)} has a ruling and is not ruled`);
  if (answer?.signed !== undefined && respondent.kind === 'participant') {
    const request = respondToDispute.request.encode({
      ...answer,
      ...answer.signed,
      disputeId,
      participantId: respondent.participantId,
    });
    findings.expect(
      isSigned('respondToDispute', respondent.participantId, answer.signed, request),
      () => `${nameOf(row)} has an answer that its other side has not signed`,
    );
  }
  const isOfOperator = answer?.mspId !== undefined;
  findings.expect(
    answer === undefined || isOfOperator === (respondent.kind !== 'participant'),
    () => `${nameOf(row)} was answered by somebody who was not asked`,
  );
}

function signatureCheck(rows: AuditRows, channel: string, findings: Findings): SignatureCheck {
  const participants = decodeRows(rows, ROW_TYPES.participant, rowCodec(participantCodec), findings);
  const keys = new Map<string, string>(participants.map(({ value }) => [value.participantId, value.publicKey]));
  return (transaction, participantId, { commandId, expirySlot, signature }, request) => {
    const requestDigest = requestDigestOf(request as JsonObject);
    const command = { channel, contract: 'accounts', transaction, commandId, expirySlot, requestDigest };
    return verifySignature(keys.get(participantId) ?? '', signedCommandBytes(command), signature);
  };
}

/** Every posting set with what it says of whom it is about. */
function disputedSets(rows: AuditRows, { sets }: MoneyRows, findings: Findings): ReadonlyMap<string, DisputedSet> {
  const orders = new Map(
    decodeRows(rows, ROW_TYPES.flexOrder, rowCodec(flexOrderCodec), findings).map(({ value }) => [
      value.orderId,
      value,
    ]),
  );
  const settlements = new Map(
    decodeRows(rows, ROW_TYPES.flexSettlement, rowCodec(flexSettlementCodec), findings).map(({ value }) => [
      postingSetId({ kind: 'flexibility', orderId: value.orderId, version: value.version }),
      value,
    ]),
  );
  const supports = new Map(
    decodeRows(rows, ROW_TYPES.voltageSettlement, rowCodec(voltageSettlementCodec), findings).map(({ value }) => [
      postingSetId({ kind: 'voltage', supportId: value.supportId, version: value.version }),
      value,
    ]),
  );
  return new Map(
    sets.map(({ value: set }) => {
      const id = postingSetId(set.cause);
      const settlement = settlements.get(id);
      const order = settlement === undefined ? undefined : orders.get(settlement.orderId);
      const flexibility = settlement === undefined || order === undefined ? {} : { flexibility: { order, settlement } };
      const voltage = supports.get(id);
      return [id, { set, ...flexibility, ...(voltage === undefined ? {} : { voltage }) }];
    }),
  );
}

/** Nobody disputes a set twice, unless the first dispute has expired. */
function auditOnce(disputes: readonly Dispute[], findings: Findings): void {
  const seen = new Set<string>();
  for (const { about, disputeId, participantId } of disputes.filter(({ state }) => state !== 'EXPIRED')) {
    for (const cause of about) {
      const key = `${participantId} ${postingSetId(cause)}`;
      findings.expect(!seen.has(key), () => `${disputeId} is about ${postingSetId(cause)}, which was disputed before`);
      seen.add(key);
    }
  }
}

function auditCorrections(disputes: readonly Dispute[], { sets }: MoneyRows, findings: Findings): void {
  const due = disputes.flatMap((dispute) => correctionSet(dispute) ?? []);
  const posted = sets.map(({ value }) => value).filter(({ cause }) => cause.kind === 'dispute');
  findings.expect(textOf(posted) === textOf(due), () => 'what was posted for rulings is not what was ruled');
}

function textOf(sets: readonly PostingSet[]): string {
  return sets
    .map((set) => canonicalJson(postingSetCodec.encode(set)))
    .sort()
    .join('\n');
}
