import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

import { common } from '@hyperledger/fabric-protos';

import { decodeBlock, encodeBlock, envelopesOf, headerOf, newBlock } from '../block/block';
import {
  commitHashOf,
  lastConfigBlockOf,
  ordererSignatures,
  setTransactionsFilter,
  transactionsFilter,
} from '../block/metadata';
import { FabricModelError } from '../common/errors';
import {
  chaincodeDefinitionWrites,
  LIFECYCLE_NAMESPACE,
  listChaincodeNames,
  readChaincodeDefinition,
} from '../lifecycle/read';
import { parseTransaction } from '../transaction/envelope';
import { encodeReadWriteSet } from '../rwset/encode';
import { validationCodeName, ValidationCodes } from '../validation/codes';
import { validSigners } from '../validation/signers';
import { Replay, type ReplayDifference } from './replay';
import { isConfigBlock, type ChannelConfig } from '../channel/channel-config';
import { equalBytes, fromUtf8, toHex } from '../common/bytes';

jest.setTimeout(60_000);

const VECTORS = join(__dirname, '../../../../test/vectors/fabric-blocks');
const RELEASES = ['3.1.5', '2.5.16'] as const;

function recordedBlocks(release: string): common.Block[] {
  const bytes = brotliDecompressSync(readFileSync(join(VECTORS, `fabric-${release}.blocks.br`)));
  const blocks: common.Block[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const length = bytes.readUInt32BE(offset);
    blocks.push(decodeBlock(bytes.subarray(offset + 4, offset + 4 + length)));
    offset += 4 + length;
  }
  return blocks;
}

/** The rows of the table of validation codes in the description of the recordings. */
function documentedCodes() {
  const rows = readFileSync(join(VECTORS, 'README.md'), 'utf8').matchAll(
    /^\| (\d+) \| ([A-Z_]+) \| (\d+|none) \| (\d+|none) \| (.*) \|$/gm,
  );
  return [...rows].map(([, number, name = '', newer = '', older = '', reason = '']) => {
    return { number: Number(number), name, '3.1.5': newer, '2.5.16': older, reason };
  });
}

/** Replays all blocks, with the one at this number changed, up to the first difference. */
function firstDifference(
  blocks: readonly common.Block[],
  number: number,
  change: (block: common.Block) => common.Block,
) {
  const replay = new Replay();
  for (const [index, block] of blocks.entries()) {
    const [difference] = replay.feed(index === number ? change(decodeBlock(encodeBlock(block))) : block);
    if (difference !== undefined) {
      return difference;
    }
  }
  return undefined;
}

describe.each(RELEASES)('blocks recorded on Fabric %s', (release) => {
  const blocks = recordedBlocks(release);
  const replay = new Replay();
  let differences: readonly ReplayDifference[] = [];
  let firstConfig: ChannelConfig | undefined;

  beforeAll(() => {
    differences = blocks.flatMap((block, index) => {
      const found = replay.feed(block);
      firstConfig = index === 0 ? replay.config : firstConfig;
      return found;
    });
  });

  it('are of at least a thousand transactions, many of them in blocks with others', () => {
    const sizes = blocks.map((block) => envelopesOf(block).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(1000);
    expect(sizes.filter((size) => size > 1).reduce((sum, size) => sum + size, 0)).toBeGreaterThanOrEqual(700);
  });

  it('replay from genesis with the codes and the commit hash of every block equal', () => {
    expect(differences).toEqual([]);
    expect(replay.state.height).toBe(blocks.length);
    const last = commitHashOf(blocks[blocks.length - 1]!);
    expect(toHex(replay.commitHash!)).toBe(toHex(last!));
  });

  it('hold each validation code as often as the table beside them says', () => {
    const counts = new Map<string, number>();
    for (const code of blocks.flatMap(transactionsFilter)) {
      counts.set(validationCodeName(code), (counts.get(validationCodeName(code)) ?? 0) + 1);
    }
    const recorded = Object.keys(ValidationCodes).map((name) => [name, String(counts.get(name) ?? 'none')]);
    expect(documentedCodes().map((row) => [row.name, row[release]])).toEqual(recorded);
  });

  it('keep every read-write set of a peer byte for byte when it is decoded and encoded again', () => {
    const sets = blocks.slice(1).flatMap((block) =>
      envelopesOf(block).flatMap((envelope) => {
        try {
          const transaction = parseTransaction(envelope);
          // The recording's forgeries say so in their arguments; among their sets are some that no encoder makes.
          return transaction.args[0] !== undefined && fromUtf8(transaction.args[0]) === 'forged' ? [] : [transaction];
        } catch (error) {
          expect(error).toBeInstanceOf(FabricModelError);
          return [];
        }
      }),
    );
    expect(sets.length).toBeGreaterThan(100);
    for (const { readWriteSet, readWriteSetBytes } of sets) {
      expect(toHex(encodeReadWriteSet(readWriteSet))).toBe(toHex(readWriteSetBytes));
    }
  });

  it('give the definition that was committed through the lifecycle', () => {
    const definition = readChaincodeDefinition(replay.state, 'conformance');
    expect(definition).toMatchObject({ name: 'conformance', sequence: 2, version: '2.0.0', validationPlugin: 'vscc' });
    expect(definition?.collections.map(({ name, blockToLive }) => [name, blockToLive])).toEqual([
      ['secrets', 0],
      ['fleeting', 3],
    ]);
    const rows = chaincodeDefinitionWrites(definition!).map(({ key, value }) => [key, toHex(value!)]);
    const committed = rows.map(([key]) => [key, toHex(replay.state.get(LIFECYCLE_NAMESPACE, key!)!.value)]);
    expect(rows).toEqual(committed);
    expect(listChaincodeNames(replay.state)).toEqual(['conformance']);
  });

  it('leave the configuration that five updates made', () => {
    expect(firstConfig).toMatchObject({ sequence: 0, batch: { timeout: '200ms' } });
    expect(firstConfig?.policy('/Channel/Application/LifecycleEndorsement')).toMatchObject({ rule: 'MAJORITY' });
    expect(replay.config).toMatchObject({ sequence: 5, batch: { timeout: '300ms' } });
    expect(replay.config?.policy('/Channel/Application/LifecycleEndorsement')).toMatchObject({ rule: 'ALL' });
    expect(replay.config?.channelCapabilities).toEqual(['V2_0']);
    expect(replay.config?.applicationCapabilities).toEqual(['V2_5']);
  });

  it('carry signatures of the orderer that verify over the block', () => {
    const msps = replay.config!.msps;
    let lastConfig = 0;
    for (const block of blocks.slice(1)) {
      const signed = ordererSignatures(block).map(({ message, signature, signatureHeader }) => {
        const header = common.SignatureHeader.deserializeBinary(signatureHeader);
        return { message, signature, identity: header.getCreator_asU8() };
      });
      expect(validSigners(signed, msps).map(({ mspId }) => mspId)).toEqual(['OneMSP']);
      lastConfig = isConfigBlock(block) ? headerOf(block).getNumber() : lastConfig;
      expect(lastConfigBlockOf(block)).toBe(lastConfig);
      const other = signed.map((entry) => ({ ...entry, message: Buffer.concat([entry.message, Buffer.of(0)]) }));
      expect(validSigners(other, msps)).toEqual([]);
    }
  });

  it('differ at once when a code in the metadata is another one', () => {
    const number = blocks.findIndex((block) => transactionsFilter(block).includes(ValidationCodes.MVCC_READ_CONFLICT));
    const changed = firstDifference(blocks, number, (block) => {
      setTransactionsFilter(
        block,
        transactionsFilter(block).map(() => ValidationCodes.VALID),
      );
      return block;
    });
    expect(changed).toMatchObject({ block: number, kind: 'codes' });
  });

  it('differ at once when a byte of an envelope is another one', () => {
    const changed = firstDifference(blocks, 20, (block) => {
      const envelopes = envelopesOf(block).map((envelope) => Uint8Array.from(envelope));
      envelopes[0]![envelopes[0]!.length - 1]! ^= 1;
      block.getData()!.setDataList(envelopes);
      return block;
    });
    expect(changed).toMatchObject({ block: 20, kind: 'chain' });
    expect(changed?.actual).toContain('BLOCK_DATA_HASH_WRONG');
  });

  it('differ at once when a block is left out', () => {
    const short = new Replay();
    const [first, second, , fourth] = blocks;
    expect([...short.feed(first!), ...short.feed(second!)]).toEqual([]);
    expect(() => short.feed(fourth!)).toThrow('STATE_BLOCK_OUT_OF_ORDER');
  });

  it('differ at once when an honest-looking block of one lost write takes a place', () => {
    const changed = firstDifference(blocks, 20, (block) => {
      const lost = newBlock(20, block.getHeader()!.getPreviousHash_asU8(), []);
      expect(equalBytes(lost.getHeader()!.getDataHash_asU8(), block.getHeader()!.getDataHash_asU8())).toBe(false);
      return lost;
    });
    expect(changed).toMatchObject({ block: 20, kind: 'commitHash', expected: 'none' });
  });
});

it('the recorded blocks are where the tests look for them', () => {
  expect(RELEASES.map((release) => existsSync(join(VECTORS, `fabric-${release}.blocks.br`)))).toEqual([true, true]);
});

describe('the table of validation codes', () => {
  it('has every code of Fabric with its number, and says of each how it comes about or why it cannot', () => {
    const rows = documentedCodes();
    expect(rows.map(({ name, number }) => [name, number])).toEqual(Object.entries(ValidationCodes));
    expect(rows.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });

  it('has no code that one release reached and the other did not', () => {
    const reached = (count: string): boolean => count !== 'none';
    expect(documentedCodes().filter((row) => reached(row['3.1.5']) !== reached(row['2.5.16']))).toEqual([]);
  });
});
