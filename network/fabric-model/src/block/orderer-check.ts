import { common } from '@hyperledger/fabric-protos';

import type { ChannelConfig } from '../channel/channel-config';
import { messageOf } from '../common/errors';
import { decodeStrict } from '../common/schemas';
import type { Identity } from '../msp/identity';
import { ordererSignatures } from './metadata';

/** Where a channel says who has to sign its blocks. */
const BLOCK_VALIDATION_PATH = '/Channel/Orderer/BlockValidation';

/** What the signatures of orderers on a block are worth. */
export interface OrdererVerdict {
  /** The distinct identities whose signatures hold. */
  readonly signers: readonly Identity[];
  /** Why a signature does not hold, one sentence for each that does not. */
  readonly faults: readonly string[];
  /** Do the signatures that hold satisfy the BlockValidation policy of this configuration? */
  readonly satisfied: boolean;
}

/**
 * Checks the signatures of orderers on a block against the configuration in force before it, as a peer does when it
 * receives a block (Fabric protoutil: the signature covers the metadata's value, the signature header and the block's
 * header). Signatures of BFT orderers, which name a number instead of a certificate, are not modelled: they are faults.
 */
export function checkOrdererSignatures(block: common.Block, config: ChannelConfig): OrdererVerdict {
  const signers = new Map<string, Identity>();
  const faults: string[] = [];
  for (const { signatureHeader, signature, message } of ordererSignatures(block)) {
    try {
      const creator = decodeStrict('signatureHeader', common.SignatureHeader, signatureHeader).getCreator_asU8();
      const identity = config.msps.deserialize(creator);
      config.msps.validate(identity);
      if (identity.verify(message, signature)) {
        signers.set(identity.identifier, identity);
      } else {
        faults.push(`The signature of ${identity.mspId} (${identity.certificate.subjectText}) does not verify.`);
      }
    } catch (error) {
      faults.push(`A signature is of nobody on the channel: ${messageOf(error)}`);
    }
  }
  const identities = [...signers.values()];
  return { signers: identities, faults, satisfied: config.evaluate(BLOCK_VALIDATION_PATH, identities) };
}
