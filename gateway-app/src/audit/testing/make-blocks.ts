import { createHash } from 'node:crypto';
import {
  blockHeaderHash,
  buildEnvelope,
  buildProposal,
  buildProposalResponsePayload,
  buildTransactionPayload,
  encodeReadWriteSet,
  newBlock,
  parseProposal,
  serializeIdentity,
  setTransactionsFilter,
  ValidationCodes,
  type KeyWrite,
  type ValidationCode,
} from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import { canonicalBytes, type JsonValue } from '@flexledger/domain';

/** A transaction for a test: what it writes, and the code that the peers gave it. */
export interface MadeTransaction {
  readonly writes: readonly { readonly key: readonly string[]; readonly value: JsonValue | undefined }[];
  readonly code?: ValidationCode;
  readonly namespace?: string;
}

const CREATOR = serializeIdentity('MarketMSP', 'a certificate that nobody looks at here');

/** A chain of blocks, one per list of transactions; signatures are not made because a fold does not look at them. */
export function makeBlocks(...blocks: readonly (readonly MadeTransaction[])[]): common.Block[] {
  let previousHash: Uint8Array = new Uint8Array();
  return blocks.map((transactions, number) => {
    const envelopes = transactions.map((transaction, index) => makeEnvelope(transaction, `${number}/${index}`));
    const block = newBlock(number, previousHash, envelopes);
    setTransactionsFilter(
      block,
      transactions.map(({ code = ValidationCodes.VALID }) => code),
    );
    const header = block.getHeader();
    previousHash = header === undefined ? previousHash : blockHeaderHash(header);
    return block;
  });
}

function makeEnvelope({ writes, namespace = 'flexledger' }: MadeTransaction, name: string): Uint8Array {
  const { bytes } = buildProposal({
    channelId: 'community',
    chaincodeName: 'flexledger',
    args: [Buffer.from('market:clear'), Buffer.from('{}')],
    creator: CREATOR,
    nonce: createHash('sha256').update(name).digest().subarray(0, 24),
    timestamp: { seconds: 1, nanos: 0 },
  });
  const proposal = parseProposal(bytes);
  const keyWrites: KeyWrite[] = writes.map(({ key, value }) => ({
    key: `\u0000${key.join('\u0000')}\u0000`,
    value: value === undefined ? undefined : canonicalBytes(value),
  }));
  const proposalResponsePayload = buildProposalResponsePayload({
    proposalHash: proposal.proposalHash,
    readWriteSetBytes: encodeReadWriteSet({
      namespaces: [
        { namespace, reads: [], rangeQueries: [], writes: keyWrites, metadataWriteCount: 0, collections: [] },
      ],
    }),
    eventBytes: new Uint8Array(),
    response: { status: 200, message: '', payload: new Uint8Array() },
    chaincode: { name: 'flexledger', version: '1' },
  });
  const payload = buildTransactionPayload({ proposal, proposalResponsePayload, endorsements: [] });
  return buildEnvelope(payload, Buffer.from('no signature'));
}
