import { common } from '@hyperledger/fabric-protos';

import { equalBytes, sha256 } from '../common/bytes';
import { messageOf } from '../common/errors';
import { decodeStrict } from '../common/schemas';
import type { MspSet } from '../msp/msp-set';
import { parseEnvelopeHeader, readAction, type ActionParts } from '../transaction/envelope';
import { computeTransactionId } from '../transaction/proposal';
import type { EnvelopeHeader } from '../transaction/types';
import { ValidationCodes, type ValidationCode } from './codes';
import { InvalidTransaction } from './verdict';

const KNOWN_TYPES = new Set<number>([
  common.HeaderType.ENDORSER_TRANSACTION,
  common.HeaderType.CONFIG_UPDATE,
  common.HeaderType.CONFIG,
]);

/** An envelope that is well formed and signed by its creator. */
export type CheckedEnvelope =
  | { readonly kind: 'config'; readonly header: EnvelopeHeader }
  | { readonly kind: 'endorser'; readonly header: EnvelopeHeader; readonly parts: ActionParts };

function attempt<T>(code: ValidationCode, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw new InvalidTransaction(code, messageOf(error));
  }
}

function invalid(code: ValidationCode, reason: string): never {
  throw new InvalidTransaction(code, reason);
}

/** Which part of the envelope fails to decode decides the code, outermost first. */
function readHeader(envelope: Uint8Array): EnvelopeHeader {
  const message = attempt(ValidationCodes.INVALID_OTHER_REASON, () =>
    decodeStrict('envelope', common.Envelope, envelope),
  );
  const payload = attempt(ValidationCodes.BAD_PAYLOAD, () =>
    decodeStrict('payload', common.Payload, message.getPayload_asU8()),
  );
  if (payload.getHeader() === undefined) {
    invalid(ValidationCodes.BAD_COMMON_HEADER, 'The payload has no header.');
  }
  return attempt(ValidationCodes.BAD_COMMON_HEADER, () => parseEnvelopeHeader(envelope));
}

function checkHeader(header: EnvelopeHeader): void {
  const code = ValidationCodes.BAD_COMMON_HEADER;
  if (!KNOWN_TYPES.has(header.headerType)) {
    invalid(code, `Header type ${header.headerType} is not that of a transaction.`);
  }
  if (header.epoch !== 0) {
    invalid(code, `The epoch is ${header.epoch}, 0 is expected.`);
  }
  if (header.nonce.length === 0 || header.creator.length === 0) {
    invalid(code, 'The signature header has no nonce or no creator.');
  }
}

function checkCreator(header: EnvelopeHeader, msps: MspSet): void {
  const code = ValidationCodes.BAD_CREATOR_SIGNATURE;
  const creator = attempt(code, () => {
    const identity = msps.deserialize(header.creator);
    msps.validate(identity);
    return identity;
  });
  if (!creator.verify(header.payloadBytes, header.signature)) {
    invalid(code, `The signature of the creator (${creator.certificate.subjectText}) does not verify.`);
  }
}

function checkEndorserTransaction(header: EnvelopeHeader): ActionParts {
  const code = ValidationCodes.INVALID_ENDORSER_TRANSACTION;
  if (header.transactionId !== computeTransactionId(header.nonce, header.creator)) {
    invalid(ValidationCodes.BAD_PROPOSAL_TXID, 'The transaction id is not the hash of nonce and creator.');
  }
  const parts = attempt(code, () => readAction(header.dataBytes));
  const actionHeader = attempt(code, () =>
    decodeStrict('signatureHeader', common.SignatureHeader, parts.actionHeaderBytes),
  );
  if (actionHeader.getNonce_asU8().length === 0 || actionHeader.getCreator_asU8().length === 0) {
    invalid(code, 'The header of the action has no nonce or no creator.');
  }
  if (parts.chaincodeProposalPayload.length === 0) {
    invalid(code, 'The action carries no proposal.');
  }
  const expected = sha256(header.channelHeaderBytes, parts.actionHeaderBytes, parts.chaincodeProposalPayload);
  if (!equalBytes(expected, parts.responsePayload.getProposalHash_asU8())) {
    invalid(code, 'The endorsed proposal hash is not that of the proposal.');
  }
  return parts;
}

/** Checks form, creator and binding of an envelope in Fabric's order; throws InvalidTransaction. */
export function checkEnvelope(envelope: Uint8Array, msps: MspSet): CheckedEnvelope {
  if (envelope.length === 0) {
    invalid(ValidationCodes.BAD_COMMON_HEADER, 'The envelope is empty.');
  }
  const header = readHeader(envelope);
  checkHeader(header);
  checkCreator(header, msps);
  switch (header.headerType) {
    case common.HeaderType.ENDORSER_TRANSACTION:
      return { kind: 'endorser', header, parts: checkEndorserTransaction(header) };
    case common.HeaderType.CONFIG:
      return { kind: 'config', header };
    default:
      return invalid(ValidationCodes.UNSUPPORTED_TX_PAYLOAD, `Header type ${header.headerType} cannot be committed.`);
  }
}
