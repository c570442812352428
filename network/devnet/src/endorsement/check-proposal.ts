import { FabricModelError, parseProposal, type Identity, type ParsedProposal } from '@flexledger/fabric-model';
import { msp, type peer } from '@hyperledger/fabric-protos';
import { X509Certificate } from 'node:crypto';
import { messageOf } from '../errors';
import type { ChannelLedger } from '../ledger/channel-ledger';
import { channelWriters, checkIdentities } from './access';

/** How far the timestamp of a proposal may be from the peer's clock, both ways. */
export const timeWindowMs = 15 * 60 * 1000;

/** Why a proposal is refused, and whether the peer answers with a response beside the error (checks) or without (filters). */
export class ProposalRefusal extends Error {
  override readonly name = 'ProposalRefusal';

  constructor(
    message: string,
    readonly hasResponse: boolean,
  ) {
    super(message);
  }
}

function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.[0-9]+Z$/, 'Z');
}

function plainText(error: unknown): string {
  return error instanceof FabricModelError ? error.message.replace(`${error.code}: `, '') : messageOf(error);
}

/** What the peer finds while it validates a proposal, as opposed to what it cannot even decode. */
const validationCodes = new Set([
  'PROPOSAL_TYPE_INVALID',
  'PROPOSAL_EPOCH_INVALID',
  'PROPOSAL_NONCE_MISSING',
  'PROPOSAL_CREATOR_MISSING',
  'PROPOSAL_TXID_INVALID',
]);

/** Decodes a signed proposal. @throws ProposalRefusal. */
export function unpackProposal(signed: peer.SignedProposal): ParsedProposal {
  try {
    return parseProposal(signed.getProposalBytes_asU8());
  } catch (error) {
    const isCheck = error instanceof FabricModelError && validationCodes.has(error.code);
    throw new ProposalRefusal(isCheck ? `error validating proposal: ${plainText(error)}` : plainText(error), true);
  }
}

/** The timestamp window. @throws ProposalRefusal with the peer's text. */
export function checkTimestamp({ timestamp }: ParsedProposal, nowMs: number): void {
  const proposedMs = timestamp.seconds * 1000 + Math.floor(timestamp.nanos / 1_000_000);
  if (Math.abs(proposedMs - nowMs) <= timeWindowMs) return;
  throw new ProposalRefusal(
    `request unauthorized due to incorrect timestamp ${rfc3339(proposedMs)}, peer time ${rfc3339(nowMs)}, ` +
      'peer.authentication.timewindow 15m0s',
    false,
  );
}

function creatorOf(ledger: ChannelLedger, proposal: ParsedProposal): Identity {
  try {
    return ledger.config.msps.deserialize(proposal.creator);
  } catch {
    throw new ProposalRefusal(
      `error validating proposal: access denied: channel [${ledger.channel}] creator org unknown, creator is malformed`,
      true,
    );
  }
}

/** Ends of certificates by creator: reading one takes longer than everything else here but the signature. */
const knownEnds = new Map<string, number>();
const knownEndsMax = 2048;

function endOf(creator: Uint8Array): number {
  const name = Buffer.from(creator).toString('latin1');
  const known = knownEnds.get(name);
  if (known !== undefined) return known;
  let endMs = Number.POSITIVE_INFINITY;
  try {
    const { validTo } = new X509Certificate(msp.SerializedIdentity.deserializeBinary(creator).getIdBytes_asU8());
    endMs = Date.parse(validTo);
  } catch {
    // What cannot be read has no end here; the later checks refuse it.
  }
  if (knownEnds.size >= knownEndsMax) knownEnds.clear();
  knownEnds.set(name, endMs);
  return endMs;
}

/** Expiry of the creator's certificate, whoever issued it; one that cannot be read is refused later. @throws ProposalRefusal. */
export function checkExpiry(proposal: ParsedProposal, nowMs: number): void {
  if (nowMs > endOf(proposal.creator)) throw new ProposalRefusal('proposal client identity expired', false);
}

/**
 * Messages whose signature has been checked: the endorsers of one transaction get the same message in this one process,
 * and a signature that holds for the channel's identities holds for each of them.
 */
const verified = new WeakSet<peer.SignedProposal>();

function isSignedBy(creator: Identity, proposal: ParsedProposal, signed: peer.SignedProposal): boolean {
  if (!verified.has(signed) && creator.verify(proposal.bytes, signed.getSignature_asU8())) verified.add(signed);
  return verified.has(signed);
}

/** Creator, signature, duplicate transaction id, Writers policy, in the peer's order. @throws ProposalRefusal with the peer's texts. */
export function checkProposal(ledger: ChannelLedger, proposal: ParsedProposal, signed: peer.SignedProposal): void {
  if (signed.getSignature_asU8().length === 0)
    throw new ProposalRefusal('error validating proposal: empty signature bytes', true);
  const creator = creatorOf(ledger, proposal);
  const denied = `error validating proposal: access denied: channel [${ledger.channel}] creator org [${creator.mspId}]`;
  try {
    ledger.config.msps.validate(creator);
  } catch {
    throw new ProposalRefusal(denied, true);
  }
  if (!isSignedBy(creator, proposal, signed)) throw new ProposalRefusal(denied, true);
  if (ledger.locate(proposal.transactionId) !== undefined) {
    const creatorHex = Buffer.from(proposal.creator).toString('hex');
    throw new ProposalRefusal(`duplicate transaction found [${proposal.transactionId}]. Creator [${creatorHex}]`, true);
  }
}

/** The Writers policy, which application chaincode requires of who proposes, after `checkProposal`. @throws ProposalRefusal. */
export function checkWriters(ledger: ChannelLedger, proposal: ParsedProposal): void {
  try {
    checkIdentities(ledger, channelWriters, [creatorOf(ledger, proposal)]);
  } catch (error) {
    throw new ProposalRefusal(messageOf(error), true);
  }
}
