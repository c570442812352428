import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blockDataHash, blockHeaderHash, decodeBlock, encodeBlock, headerOf } from '@flexledger/fabric-model';
import type { common } from '@hyperledger/fabric-protos';
import { findingLine } from './audit-finding';
import { BlockFile, writeBlockFile } from './blocks/block-file';
import { FINDING_CODES, type FindingCode } from './finding-codes';
import { auditLedger, type LedgerAudit, type LedgerAuditOptions } from './ledger-audit';
import { RECORDED_RELEASES, recordedBlockBytes, sourceOf } from './testing/recorded-blocks';

type Blocks = readonly Buffer[];

function auditOf(blocks: Blocks, options: Partial<LedgerAuditOptions> = {}): Promise<LedgerAudit> {
  return auditLedger({ source: sourceOf(blocks), chaincode: 'none-of-the-recorded', ...options });
}

/** One recorded transaction was sent without a time, which is 1970 to whoever reads it; peers do not look at it. */
const TIMELESS = [expect.objectContaining({ code: 'CREATOR_CERTIFICATE_EXPIRED', transaction: 0 })];

function codesAt(audit: LedgerAudit, block: number): FindingCode[] {
  return audit.findings.filter((finding) => finding.block === block).map(({ code }) => code);
}

/** The blocks with one of them changed after decoding. */
function withBlock(blocks: Blocks, number: number, change: (block: common.Block) => void): Blocks {
  return blocks.map((bytes, index) => {
    if (index !== number) {
      return bytes;
    }
    const block = decodeBlock(bytes);
    change(block);
    return Buffer.from(encodeBlock(block));
  });
}

function withSlot(blocks: Blocks, number: number, slot: number, change: (bytes: Uint8Array) => Uint8Array): Blocks {
  return withBlock(blocks, number, (block) => {
    const list = block.getMetadata()?.getMetadataList_asU8() ?? [];
    list[slot] = change(list[slot] ?? new Uint8Array());
    block.getMetadata()?.setMetadataList(list);
  });
}

function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[position] = (copy[position] ?? 0) ^ 1;
  return copy;
}

/** What an insider does who owns a block store: new data, and every hash from there on computed again. */
function rewritten(blocks: Blocks, number: number, change: (envelopes: Uint8Array[]) => Uint8Array[]): Blocks {
  let previousHash: Uint8Array | undefined;
  return blocks.map((bytes, index) => {
    const block = decodeBlock(bytes);
    const data = block.getData();
    if (index === number && data !== undefined) {
      data.setDataList(change(data.getDataList_asU8()));
      headerOf(block).setDataHash(blockDataHash(data.getDataList_asU8()));
    }
    if (previousHash !== undefined) {
      headerOf(block).setPreviousHash(previousHash);
    }
    previousHash = blockHeaderHash(headerOf(block));
    return Buffer.from(encodeBlock(block));
  });
}

describe.each(RECORDED_RELEASES)('an audit of the blocks of a real Fabric %s', (release) => {
  const recorded = recordedBlockBytes(release);
  const withTransactions = 20;

  test('finds nothing wrong, follows the changes of configuration and agrees with a second copy', async () => {
    const audit = await auditOf(recorded, { compare: sourceOf(recorded, 'the other peer') });
    expect(audit.findings).toEqual(TIMELESS);
    expect(audit).toMatchObject({ channel: 'recording', height: recorded.length, compared: recorded.length });
    expect(Object.keys(audit.codes)).toEqual(expect.arrayContaining(['VALID', 'MVCC_READ_CONFLICT']));
  });

  test.each<[string, (blocks: Blocks) => Blocks, number, FindingCode]>([
    ['an envelope', (blocks) => rewrittenData(blocks, withTransactions), withTransactions, 'BLOCK_DATA_HASH_WRONG'],
    [
      'the number of a block',
      (blocks) => withBlock(blocks, withTransactions, (block) => headerOf(block).setNumber(7)),
      withTransactions,
      'BLOCK_NUMBER_WRONG',
    ],
    [
      'the hash of the block before',
      (blocks) => withBlock(blocks, 5, (block) => headerOf(block).setPreviousHash(Buffer.alloc(32, 1))),
      5,
      'BLOCK_PREVIOUS_HASH_WRONG',
    ],
    [
      'the hash of the data',
      (blocks) => withBlock(blocks, 5, (block) => headerOf(block).setDataHash(Buffer.alloc(32, 1))),
      5,
      'BLOCK_DATA_HASH_WRONG',
    ],
    [
      'the signature of an orderer',
      (blocks) => withSlot(blocks, 5, 0, (bytes) => flipped(bytes, bytes.length - 4)),
      5,
      'BLOCK_SIGNATURE_WRONG',
    ],
    ['all signatures of orderers', (blocks) => withSlot(blocks, 5, 0, () => new Uint8Array()), 5, 'BLOCK_POLICY_UNMET'],
    ['the last configuration', (blocks) => withSlot(blocks, 5, 0, () => new Uint8Array()), 5, 'LAST_CONFIG_WRONG'],
    ['an unused slot', (blocks) => withSlot(blocks, 5, 3, () => Uint8Array.of(1)), 5, 'BLOCK_METADATA_WRONG'],
    ['one validation code', (blocks) => withSlot(blocks, 5, 2, (b) => flipped(b, 0)), 5, 'VALIDATION_CODE_WRONG'],
    ['the number of codes', (blocks) => withSlot(blocks, 5, 2, () => Uint8Array.of(0, 0)), 5, 'BLOCK_METADATA_WRONG'],
    ['the commit hash', (blocks) => withSlot(blocks, 5, 4, (bytes) => flipped(bytes, 20)), 5, 'COMMIT_HASH_WRONG'],
    [
      'bytes behind a block',
      (blocks) => blocks.map((bytes, index) => (index === 5 ? Buffer.concat([bytes, Buffer.of(0x28, 1)]) : bytes)),
      5,
      'BLOCK_NOT_CANONICAL',
    ],
    [
      'a block that is none',
      (blocks) => blocks.map((bytes, index) => (index === 5 ? Buffer.from('no block') : bytes)),
      5,
      'BLOCK_UNREADABLE',
    ],
    ['a block that is missing', (blocks) => blocks.filter((_, index) => index !== 5), 5, 'BLOCK_NUMBER_WRONG'],
    [
      'a block that comes twice',
      (blocks) => blocks.flatMap((b, i) => (i === 5 ? [b, b] : [b])),
      6,
      'BLOCK_NUMBER_WRONG',
    ],
  ])('names the block where %s was changed', async (_what, change, block, code) => {
    // The blocks behind the changed one say no more about it, but take their time.
    expect(codesAt(await auditOf(change(recorded).slice(0, block + 2)), block)).toContain(code);
  });

  test('tells a changed commit hash once, not at every block behind it', async () => {
    const audit = await auditOf(withSlot(recorded, 5, 4, (bytes) => flipped(bytes, 20)).slice(0, 20));
    expect(audit.findingCounts.COMMIT_HASH_WRONG).toBeLessThanOrEqual(2);
  });

  test('refuses a block 0 that is not the trusted one', async () => {
    const trustedGenesisHash = '0'.repeat(64);
    expect(codesAt(await auditOf(recorded.slice(0, 2), { trustedGenesisHash }), 0)).toEqual(['GENESIS_NOT_TRUSTED']);
  });

  test('finds an insider who rewrites a block store and computes every hash again', async () => {
    const forged = rewritten(recorded, withTransactions, (envelopes) => envelopes.slice(1)).slice(0, 25);
    const alone = await auditOf(forged);
    expect(codesAt(alone, withTransactions)).toContain('BLOCK_POLICY_UNMET');
    expect(alone.findings.map(({ code }) => code)).not.toContain('BLOCK_PREVIOUS_HASH_WRONG');
    const compared = await auditOf(forged, { compare: sourceOf(recorded, 'the other peer') });
    const differing = compared.findings.find(({ code }) => code === 'PEERS_DIFFER');
    expect(differing).toMatchObject({ block: withTransactions });
    expect(differing?.what).toContain('its block is signed by the orderers');
  });
});

function rewrittenData(blocks: Blocks, number: number): Blocks {
  return withBlock(blocks, number, (block) => {
    const data = block.getData();
    data?.setDataList(data.getDataList_asU8().map((envelope) => flipped(envelope, envelope.length >> 1)));
  });
}

test('a file of blocks with any one byte changed is found, and the block is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexledger-ledger-audit-'));
  try {
    const blocks = recordedBlockBytes('3.1.5').slice(0, 10);
    const file = join(folder, 'some.blocks');
    await writeBlockFile(file, 'recording', blocks);
    const whole = readFileSync(file);
    const starts = blocks.map((bytes) => whole.indexOf(bytes));
    const seed = Date.now() % 1_000_000;
    for (let run = 0; run < 40; run += 1) {
      const position = (seed * 7_919 + run * 104_729) % whole.length;
      const changed = Buffer.from(whole);
      changed[position] = (changed[position] ?? 0) ^ (1 << (run % 8));
      writeFileSync(join(folder, 'changed.blocks'), changed);
      const { findings } = await auditOf([], { source: new BlockFile(join(folder, 'changed.blocks')) });
      const block = starts.findLastIndex(
        (start, index) => start <= position && position < start + blocks[index]!.length,
      );
      const named = findings.some((finding) => finding.block === block || finding.code.startsWith('FILE_'));
      expect({ seed, position, block, named }).toEqual({ seed, position, block, named: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('a second peer', () => {
  const recorded = recordedBlockBytes('3.1.5');

  test('that is behind is no finding, and the blocks that nobody compared are counted', async () => {
    const audit = await auditOf(recorded.slice(0, 60), { compare: sourceOf(recorded.slice(0, 50), 'the other peer') });
    expect(audit.findings).toEqual([]);
    expect(audit.notes).toContain('the other peer has 10 blocks less, which were compared with nothing');
  });

  test('whose validation codes differ is a finding with the name of what differs', async () => {
    const other = withSlot(recorded, 5, 2, (bytes) => flipped(bytes, 0));
    const audit = await auditOf(recorded.slice(0, 8), { compare: sourceOf(other, 'the other peer') });
    expect(audit.findings.map(findingLine)).toEqual([
      expect.stringMatching(/^PEERS_DIFFER: block 5: the other peer has another list of validation codes;/),
    ]);
  });

  test('whose blocks are signed by another orderer agrees', async () => {
    const other = withSlot(recorded, 5, 0, () => new Uint8Array());
    expect((await auditOf(recorded.slice(0, 8), { compare: sourceOf(other) })).findings).toEqual([]);
  });
});

test('the channel that a source names must be that of its blocks', async () => {
  const recorded = recordedBlockBytes('3.1.5').slice(0, 3);
  const audit = await auditOf(recorded, { source: sourceOf(recorded, 'memory', 'another') });
  expect(audit.findings.map(({ code }) => code)).toEqual(['FILE_HEADER_WRONG']);
});

test('docs/audit.md explains every code of a finding, in their order', () => {
  const document = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'audit.md'), 'utf8');
  const rows = [...document.matchAll(/^\| `([A-Z_]+)` +\| (.+?) *\|$/gm)].map((row) => [row[1], row[2]]);
  expect(rows).toEqual(Object.entries(FINDING_CODES));
});
