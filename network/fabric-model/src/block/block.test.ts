import fc from 'fast-check';

import { sha256, toHex, utf8 } from '../common/bytes';
import { versionBytes } from '../common/version';
import { ValidationCodes, type ValidationCode } from '../validation/codes';
import {
  blockDataHash,
  blockHeaderHash,
  decodeBlock,
  encodeBlock,
  headerOf,
  newBlock,
  verifyBlockChain,
} from './block';
import { computeCommitHash, updateBatchBytes } from './commit-hash';
import {
  commitHashOf,
  lastConfigBlockOf,
  ordererSignatures,
  setCommitHash,
  setOrdererMetadata,
  setTransactionsFilter,
  transactionsFilter,
} from './metadata';

const version = { block: 300, transaction: 0 };

describe('a block', () => {
  it('comes back from its bytes with its metadata', () => {
    const block = newBlock(5, sha256(utf8('before')), [utf8('one'), utf8('two')]);
    setTransactionsFilter(block, [ValidationCodes.VALID, ValidationCodes.MVCC_READ_CONFLICT]);
    setCommitHash(block, sha256(utf8('commit')));
    setOrdererMetadata(block, { lastConfigBlock: 3 });
    const decoded = decodeBlock(encodeBlock(block));
    expect(transactionsFilter(decoded)).toEqual([0, 11]);
    expect(toHex(commitHashOf(decoded)!)).toBe(toHex(sha256(utf8('commit'))));
    expect(lastConfigBlockOf(decoded)).toBe(3);
    expect(toHex(headerOf(decoded).getDataHash_asU8())).toBe(toHex(blockDataHash([utf8('one'), utf8('two')])));
  });

  it('says nothing where nothing was written', () => {
    const block = newBlock(0, new Uint8Array(0), [utf8('one')]);
    expect(transactionsFilter(block)).toEqual([ValidationCodes.NOT_VALIDATED]);
    expect(commitHashOf(block)).toBeUndefined();
    expect(ordererSignatures(block)).toEqual([]);
    expect(() => decodeBlock(utf8('no block'))).toThrow('BLOCK_UNREADABLE');
  });

  it('is signed over metadata, signature header and header', () => {
    const block = newBlock(1, sha256(), []);
    const signatureHeader = utf8('header');
    const messages: Uint8Array[] = [];
    setOrdererMetadata(block, {
      lastConfigBlock: 0,
      signer: {
        signatureHeader,
        sign: (message) => {
          messages.push(message);
          return utf8('signature');
        },
      },
    });
    expect(ordererSignatures(block)).toHaveLength(1);
    expect(toHex(ordererSignatures(block)[0]!.message)).toBe(toHex(messages[0]!));
  });

  it('hashes its header with any number as ASN.1', () => {
    const header = headerOf(newBlock(128, new Uint8Array(0), []));
    header.setDataHash('');
    // SEQUENCE { INTEGER 128, OCTET STRING '', OCTET STRING '' }
    expect(toHex(blockHeaderHash(header))).toBe(toHex(sha256(Uint8Array.from([0x30, 8, 2, 2, 0, 0x80, 4, 0, 4, 0]))));
  });

  it('must follow the block before it and hold its own data', () => {
    const first = newBlock(0, new Uint8Array(0), [utf8('one')]);
    const second = newBlock(1, blockHeaderHash(headerOf(first)), [utf8('two')]);
    expect(() => {
      verifyBlockChain(first, undefined);
      verifyBlockChain(second, first);
    }).not.toThrow();
    expect(() => {
      verifyBlockChain(first, second);
    }).toThrow('BLOCK_NUMBER_WRONG');
    expect(() => {
      verifyBlockChain(newBlock(1, sha256(), [utf8('two')]), first);
    }).toThrow('BLOCK_PREVIOUS_HASH_WRONG: Block 1');
    second.getData()!.setDataList([utf8('two!')]);
    expect(() => {
      verifyBlockChain(second, first);
    }).toThrow('BLOCK_DATA_HASH_WRONG');
  });
});

describe('the bytes of a block of writes', () => {
  const write = (namespace: string, key: string, value: string | undefined) => ({
    namespace,
    key,
    value: value === undefined ? undefined : utf8(value),
    version,
  });
  const hashedWrite = (namespace: string, collection: string, keyHashHex: string) => ({
    namespace,
    collection,
    keyHashHex,
    valueHash: Uint8Array.of(9),
    version,
    purge: false,
  });

  it('name namespace and collection at their first row, public rows first, and leave the configuration out', () => {
    const bytes = updateBatchBytes({
      publicUpdates: [write('b', 'k', 'v'), write('b', 'a', undefined), write('', 'config', 'x')],
      hashedUpdates: [hashedWrite('b', 'c', '02'), hashedWrite('b', 'c', '01'), hashedWrite('a', 'c', '03')],
    });
    const at = toHex(versionBytes(version));
    expect(at).toBe('02012c00');
    const row = (hex: string) => `0a${(hex.length / 2).toString(16).padStart(2, '0')}${hex}`;
    expect(toHex(bytes)).toBe(
      [
        row(`0a0161120163` + `1a0103` + `2a0109` + `3204${at}`),
        row(`0a0162` + `1a0161` + `2001` + `3204${at}`),
        row(`1a016b` + `2a0176` + `3204${at}`),
        row(`120163` + `1a0101` + `2a0109` + `3204${at}`),
        row(`1a0102` + `2a0109` + `3204${at}`),
      ].join(''),
    );
  });

  it('do not depend on the order of the writes, and every change changes the commit hash', () => {
    const rows = ['a', 'b', '\u{1f50c}', '\ufffd'].map((key) => write('n', key, 'v'));
    const hashOf = (updates: typeof rows, codes: ValidationCode[] = [ValidationCodes.VALID], previous?: Uint8Array) =>
      toHex(computeCommitHash(codes, { publicUpdates: updates, hashedUpdates: [] }, previous));
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
        expect(hashOf(shuffled)).toBe(hashOf(rows));
      }),
    );
    const others = [
      hashOf(rows.slice(1)),
      hashOf(rows, [ValidationCodes.MVCC_READ_CONFLICT]),
      hashOf(rows, [ValidationCodes.VALID, ValidationCodes.VALID]),
      hashOf(rows, [ValidationCodes.VALID], sha256()),
    ];
    expect(new Set([...others, hashOf(rows)]).size).toBe(5);
  });
});
