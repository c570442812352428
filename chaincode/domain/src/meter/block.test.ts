import fc from 'fast-check';
import { fromBase64Url } from '../base64url';
import { sha256 } from '../digest';
import { sum } from '../math';
import { inclusionProof, verifyInclusion } from '../merkle';
import { slot } from '../time';
import { wh } from '../units';
import { exampleMeterId } from '../api/examples';
import type { MeterId } from '../ids';
import { blockBytes, commitmentOf, genesisLink, intervalsOf, leafOf, linkOf, totalsOf } from './block';

const fixed = { numRuns: 200, seed: 20_160_520 };
const salt = Buffer.alloc(16, 7).toString('base64url');
const resolution = fc.constantFrom(1, 5, 15, 30, 60);
const value = fc.bigInt({ min: 0n, max: 1_000_000n }).map(wh);

const measured = resolution.chain((resolutionMinutes) =>
  fc.integer({ min: 1, max: 8 }).chain((intervals) => {
    const count = resolutionMinutes <= 15 ? (intervals * 15) / resolutionMinutes : intervals;
    const values = fc.array(value, { minLength: count, maxLength: count });
    return fc.record({
      startSlot: fc.nat(1_000_000).map(slot),
      resolutionMinutes: fc.constant(resolutionMinutes),
      importWh: values,
      exportWh: values,
    });
  }),
);

describe('a block', () => {
  it('of any resolution has the energy of its values in its quarter hours', () => {
    fc.assert(
      fc.property(measured, (block) => {
        const totals = totalsOf(intervalsOf(block) ?? []);
        expect(sum(totals.map((total) => total.importWh))).toBe(sum(block.importWh));
        expect(sum(totals.map((total) => total.exportWh))).toBe(sum(block.exportWh));
        expect(totals.map((total) => total.slot)).toEqual(totals.map((_, index) => block.startSlot + index));
      }),
      fixed,
    );
  });

  it('whose values do not fill quarter hours alike has none', () => {
    const block = {
      startSlot: slot(1),
      resolutionMinutes: 5 as const,
      importWh: [wh(1n), wh(2n)],
      exportWh: [wh(0n), wh(0n)],
    };
    expect(intervalsOf(block)).toBeUndefined();
    expect(intervalsOf({ ...block, resolutionMinutes: 15, exportWh: [wh(0n)] })).toBeUndefined();
  });

  it('opens each of its quarter hours by a proof, and no other values under it', () => {
    fc.assert(
      fc.property(measured, fc.nat(), (block, pick) => {
        const intervals = intervalsOf(block) ?? [];
        const leaves = intervals.map((interval, index) => leafOf(salt, interval, index));
        const index = pick % leaves.length;
        const root = fromBase64Url(commitmentOf(salt, intervals)) ?? Buffer.alloc(32);
        const opening = { index, leafCount: leaves.length, proof: inclusionProof(leaves, index), root };
        expect(verifyInclusion({ ...opening, leaf: leaves[index]! })).toBe(true);
        const other = { ...intervals[index]!, importWh: [wh(sum(intervals[index]!.importWh) + 1n)] };
        expect(verifyInclusion({ ...opening, leaf: leafOf(salt, other, index) })).toBe(false);
      }),
      fixed,
    );
  });

  it('has another commitment under another salt, and another link for every part of it', () => {
    const block = { startSlot: slot(1), resolutionMinutes: 15 as const, importWh: [wh(1n)], exportWh: [wh(0n)] };
    const intervals = intervalsOf(block) ?? [];
    const commitment = commitmentOf(salt, intervals);
    expect(commitmentOf(Buffer.alloc(16, 8).toString('base64url'), intervals)).not.toBe(commitment);
    const meterId = exampleMeterId as MeterId;
    const linked = {
      meterId,
      keyVersion: 1,
      sequence: 1,
      startSlot: slot(1),
      resolutionMinutes: 15 as const,
      totals: totalsOf(intervals),
      commitment,
      previousLink: genesisLink,
    };
    const links = [
      linkOf(linked),
      linkOf({ ...linked, sequence: 2 }),
      linkOf({ ...linked, keyVersion: 2 }),
      linkOf({ ...linked, resolutionMinutes: 30 }),
      linkOf({ ...linked, startSlot: slot(2) }),
      linkOf({ ...linked, totals: [{ slot: slot(1), importWh: wh(2n), exportWh: wh(0n) }] }),
      linkOf({ ...linked, stated: ['ESTIMATED'] }),
      linkOf({ ...linked, registers: { importWh: wh(0n), exportWh: wh(0n) } }),
      linkOf({ ...linked, previousLink: commitment }),
      linkOf({ ...linked, commitment: genesisLink }),
      linkOf({ ...linked, meterId: `${exampleMeterId.slice(0, 25)}b` as MeterId }),
    ];
    expect(new Set(links).size).toBe(links.length);
  });

  it('is signed as its packed head for one channel', () => {
    const block = {
      meterId: exampleMeterId as MeterId,
      keyVersion: 1,
      sequence: 300,
      startSlot: slot(7),
      resolutionMinutes: 15 as const,
      registers: { importWh: wh(128n), exportWh: wh(0n) },
      stated: ['MISSING', 'OK'] as const,
      commitment: Buffer.alloc(32, 0xcc).toString('base64url'),
      previousLink: genesisLink,
      totals: [
        { slot: slot(7), importWh: wh(0n), exportWh: wh(0n) },
        { slot: slot(8), importWh: wh(5n), exportWh: wh(0n) },
      ],
    };
    const head = [
      '01', // format
      Buffer.from(exampleMeterId).toString('hex'),
      '07', // first slot
      '01', // key version
      'ac02', // sequence 300
      '1a', // 15 minutes (2), with registers (8) and stated qualities (16)
      '8001', // import register 128
      '00', // export register
      '02', // two intervals
      '00000a', // import 0, no more of it; then 5 more
      '0001', // export 0, once more
      '03', // MISSING, OK
      'cc'.repeat(32),
      '00'.repeat(32),
    ].join('');
    const tag = Buffer.from('flexledger block 1\n').toString('hex');
    const channel = `09${Buffer.from('community').toString('hex')}`;
    expect(blockBytes('community', block).toString('hex')).toBe(tag + channel + head);
    expect(linkOf(block)).toBe(sha256(Buffer.from(head, 'hex')).toString('base64url'));
  });
});
