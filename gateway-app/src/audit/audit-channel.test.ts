import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { decodeBlock, setTransactionsFilter, transactionsFilter, ValidationCodes } from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import { auditChannel, type ChannelAudit } from './audit-channel';

/** Blocks that a real Fabric 3.1.5 has written; each is preceded by its length in four bytes. */
const RECORDED = join(__dirname, '..', '..', '..', 'test', 'vectors', 'fabric-blocks', 'fabric-3.1.5.blocks.br');

function recordedBlocks(): common.Block[] {
  const bytes = brotliDecompressSync(readFileSync(RECORDED));
  const blocks: common.Block[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = bytes.readUInt32BE(offset);
    blocks.push(decodeBlock(bytes.subarray(offset + 4, offset + 4 + length)));
    offset += 4 + length;
  }
  return blocks;
}

function auditOf(blocks: readonly common.Block[]): Promise<ChannelAudit> {
  const port: Parameters<typeof auditChannel>[0] = {
    channel: 'a-channel',
    chaincode: 'none-of-the-recorded',
    blocks: (startBlock) =>
      Promise.resolve({
        close: () => undefined,
        async *[Symbol.asyncIterator]() {
          await Promise.resolve();
          yield* blocks.slice(Number(startBlock));
        },
      }),
  };
  return auditChannel(port, BigInt(blocks.length - 1));
}

function resultOf({ invariants }: ChannelAudit, id: string) {
  return invariants.find((invariant) => invariant.id === id);
}

describe('an audit of the blocks of a real Fabric network', () => {
  test('derives every code and commit hash again', async () => {
    const blocks = recordedBlocks();
    const audit = await auditOf(blocks);
    expect(audit.summary.problems).toEqual([]);
    expect(audit.summary.height).toBe(blocks.length);
    expect(Object.keys(audit.summary.codes)).toContain('MVCC_READ_CONFLICT');
    expect(resultOf(audit, 'I8')).toMatchObject({ holds: true, checked: blocks.length });
  });

  test('notices a transaction that was declared valid afterwards', async () => {
    const blocks = recordedBlocks().slice(0, 60);
    const forged = blocks.find((block) => transactionsFilter(block).includes(ValidationCodes.MVCC_READ_CONFLICT));
    if (forged === undefined) {
      throw new Error('the recording has no conflict');
    }
    setTransactionsFilter(
      forged,
      transactionsFilter(forged).map(() => ValidationCodes.VALID),
    );
    expect(resultOf(await auditOf(blocks), 'I8')).toMatchObject({ holds: false });
  });

  test('notices a block whose content was exchanged', async () => {
    const blocks = recordedBlocks().slice(0, 60);
    const [first, second] = [blocks.at(-1)?.getData(), blocks.at(-2)];
    second?.setData(first);
    const audit = await auditOf(blocks);
    expect(audit.summary.problems.length).toBeGreaterThan(0);
    expect(resultOf(audit, 'I8')?.holds).toBe(false);
  });
});
