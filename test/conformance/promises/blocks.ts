import { createHash } from 'node:crypto';
import { StatusCode } from '@hyperledger/fabric-gateway';
import { common, ledger, msp, peer } from '@hyperledger/fabric-protos';
import { newKey, theBench } from '../support/network';
import { endorse, send, submit, submitEverywhere, type Party } from '../support/party';

const TRANSACTIONS_FILTER = 2;
const COMMIT_HASH = 4;

/** Full blocks from the first to a given one, as a peer delivers them. */
async function blocksUntil(party: Party, last: bigint, first = 0n): Promise<common.Block[]> {
  const stream = await party.network.getBlockEvents({ startBlock: first });
  const blocks: common.Block[] = [];
  try {
    for await (const block of stream) {
      blocks.push(block);
      if (BigInt(block.getHeader()!.getNumber()) >= last) {
        break;
      }
    }
  } finally {
    stream.close();
  }
  return blocks;
}

/** A DER INTEGER or OCTET STRING inside of the SEQUENCE that Fabric hashes as a block header. */
function der(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
}

function headerHash(header: common.BlockHeader): string {
  const hex = BigInt(header.getNumber()).toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const number = (digits[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), digits]) : digits;
  const content = Buffer.concat([
    der(0x02, number),
    der(0x04, Buffer.from(header.getPreviousHash_asU8())),
    der(0x04, Buffer.from(header.getDataHash_asU8())),
  ]);
  return createHash('sha256').update(der(0x30, content)).digest('hex');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What peers deliver: whole and filtered blocks, chained by their hashes. */
export function describeBlocks(): void {
  const everyone = () => [theBench().one, theBench().two, theBench().three];

  it('blocks are numbered without a gap and chained by hash, from the configuration block on', async () => {
    const { blockNumber } = await submitEverywhere(everyone(), 'put', [newKey('chain'), 'x']);
    const blocks = await blocksUntil(theBench().one, blockNumber);
    expect(blocks.map((block) => BigInt(block.getHeader()!.getNumber()))).toEqual(
      Array.from({ length: Number(blockNumber) + 1 }, (_, index) => BigInt(index)),
    );
    blocks.forEach((block, index) => {
      const header = block.getHeader()!;
      const data = createHash('sha256');
      block
        .getData()!
        .getDataList_asU8()
        .forEach((envelope) => data.update(envelope));
      expect(hex(header.getDataHash_asU8())).toBe(data.digest('hex'));
      expect(hex(header.getPreviousHash_asU8())).toBe(index === 0 ? '' : headerHash(blocks[index - 1]!.getHeader()!));
    });
    const first = common.Envelope.deserializeBinary(blocks[0]!.getData()!.getDataList_asU8()[0]!);
    const payload = common.Payload.deserializeBinary(first.getPayload_asU8());
    const header = common.ChannelHeader.deserializeBinary(payload.getHeader()!.getChannelHeader_asU8());
    expect(header.getType()).toBe(common.HeaderType.CONFIG);
  });

  it('every peer delivers the same blocks, and a changed byte would show', async () => {
    const { blockNumber } = await submitEverywhere(everyone(), 'put', [newKey('same'), 'x']);
    const chains = await Promise.all(everyone().map((party) => blocksUntil(party, blockNumber)));
    const digests = chains.map((chain) => chain.map((block) => headerHash(block.getHeader()!)));
    expect(digests[1]).toEqual(digests[0]);
    expect(digests[2]).toEqual(digests[0]);
    const commitHashes = chains.map((chain) => hex(chain.at(-1)!.getMetadata()!.getMetadataList_asU8()[COMMIT_HASH]!));
    expect(commitHashes[0]).not.toBe('');
    expect(new Set(commitHashes).size).toBe(1);
    const changed = chains[0]![1]!.getHeader()!.cloneMessage();
    changed.setDataHash(createHash('sha256').update('other').digest());
    expect(headerHash(changed)).not.toBe(digests[0]![1]);
  });

  it('the codes of a block stand in its metadata, one byte per transaction', async () => {
    const good = await submit(theBench().one, 'put', [newKey('good'), 'x']);
    const bad = await submit(theBench().one, 'put', [newKey('bad'), 'x'], { endorsingOrganizations: ['OneMSP'] });
    const blocks = await blocksUntil(theBench().one, bad.blockNumber, good.blockNumber);
    const codes = new Map(
      blocks.flatMap((block) =>
        transactionIds(block).map((id, index) => [
          id,
          block.getMetadata()!.getMetadataList_asU8()[TRANSACTIONS_FILTER]![index],
        ]),
      ),
    );
    expect(codes.get(good.transactionId)).toBe(StatusCode.VALID);
    expect(codes.get(bad.transactionId)).toBe(StatusCode.ENDORSEMENT_POLICY_FAILURE);
  });

  it('a block shows who asked for what, what was read and written, and who endorsed', async () => {
    const key = newKey('whole');
    const outcome = await submit(theBench().two, 'readAndPut', [key, key, 'written']);
    const [block] = await blocksUntil(theBench().two, outcome.blockNumber, outcome.blockNumber);
    const index = transactionIds(block!).indexOf(outcome.transactionId);
    const envelope = common.Envelope.deserializeBinary(block!.getData()!.getDataList_asU8()[index]!);
    const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
    const signature = common.SignatureHeader.deserializeBinary(payload.getHeader()!.getSignatureHeader_asU8());
    expect(msp.SerializedIdentity.deserializeBinary(signature.getCreator_asU8()).getMspid()).toBe('TwoMSP');
    const [action] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList();
    const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action!.getPayload_asU8()).getAction()!;
    expect(actionPayload.getEndorsementsList()).toHaveLength(2);
    const response = peer.ProposalResponsePayload.deserializeBinary(actionPayload.getProposalResponsePayload_asU8());
    const results = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8()).getResults_asU8();
    const readWriteSet = ledger.rwset.TxReadWriteSet.deserializeBinary(results);
    const names = readWriteSet.getNsRwsetList().map((one) => one.getNamespace());
    expect(names).toEqual(['_lifecycle', 'conformance']);
    const own = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(readWriteSet.getNsRwsetList()[1]!.getRwset_asU8());
    expect(own.getReadsList().map((read) => [read.getKey(), read.getVersion()])).toEqual([[key, undefined]]);
    expect(own.getWritesList().map((write) => [write.getKey(), Buffer.from(write.getValue_asU8()).toString()])).toEqual(
      [[key, 'written']],
    );
  });

  it('filtered blocks have ids and codes and no contents', async () => {
    const secret = newKey('content');
    const good = await submit(theBench().one, 'emit', [newKey('filtered'), 'happened', secret]);
    const stream = await theBench().one.network.getFilteredBlockEvents({ startBlock: good.blockNumber });
    for await (const block of stream) {
      const found = block.getFilteredTransactionsList().find((one) => one.getTxid() === good.transactionId);
      expect(found?.getTxValidationCode()).toBe(StatusCode.VALID);
      expect(found?.getType()).toBe(common.HeaderType.ENDORSER_TRANSACTION);
      expect(Buffer.from(block.serializeBinary()).toString('latin1')).not.toContain(secret);
      break;
    }
    stream.close();
    const [whole] = await blocksUntil(theBench().one, good.blockNumber, good.blockNumber);
    expect(Buffer.from(whole!.serializeBinary()).toString('latin1')).toContain(secret);
  });

  it('a block holds at most as many transactions as the channel allows', async () => {
    const key = newKey('many');
    const transactions = await Promise.all(
      Array.from({ length: 70 }, (_, index) => endorse(theBench().one, 'put', [`${key}${index}`, 'x'])),
    );
    const outcomes = await Promise.all(transactions.map(send));
    expect(outcomes.every(({ successful }) => successful)).toBe(true);
    const numbers = outcomes.map(({ blockNumber }) => blockNumber).sort((left, right) => Number(left - right));
    const blocks = await blocksUntil(theBench().one, numbers.at(-1)!, numbers[0]);
    const sizes = blocks.map((block) => block.getData()!.getDataList().length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(70);
  });
}

function transactionIds(block: common.Block): string[] {
  return block
    .getData()!
    .getDataList_asU8()
    .map((bytes) => {
      const payload = common.Payload.deserializeBinary(common.Envelope.deserializeBinary(bytes).getPayload_asU8());
      return common.ChannelHeader.deserializeBinary(payload.getHeader()!.getChannelHeader_asU8()).getTxId();
    });
}
