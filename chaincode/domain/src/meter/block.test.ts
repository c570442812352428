import fc from 'fast-check';
import { fromBase64Url } from '../base64url';
import { sum } from '../math';
import { inclusionProof, verifyInclusion } from '../merkle';
import { slot } from '../time';
import { wh } from '../units';
import { exampleMeterId } from '../api/examples';
import type { MeterId } from '../ids';
import { blockBytes, commitmentOf, genesisLink, intervalsOf, leafOf, linkOf, totalsOf } from './block';
import { placesOf, placesToLook } from './interval-index';

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
    const linked = { commitment, meterId, previousLink: genesisLink, sequence: 1, startSlot: slot(1) };
    const links = [
      linkOf(linked),
      linkOf({ ...linked, sequence: 2 }),
      linkOf({ ...linked, startSlot: slot(2) }),
      linkOf({ ...linked, previousLink: commitment }),
      linkOf({ ...linked, commitment: genesisLink }),
      linkOf({ ...linked, meterId: `${exampleMeterId.slice(0, 25)}b` as MeterId }),
    ];
    expect(new Set(links).size).toBe(links.length);
  });

  it('is signed as canonical JSON for one channel', () => {
    const block = {
      meterId: exampleMeterId as MeterId,
      keyVersion: 1,
      sequence: 1,
      startSlot: slot(7),
      resolutionMinutes: 15 as const,
      commitment: genesisLink,
      previousLink: genesisLink,
      totals: [{ slot: slot(7), importWh: wh(5n), exportWh: wh(0n) }],
    };
    expect(blockBytes('community', block).toString()).toBe(
      `{"channel":"community","commitment":"${genesisLink}","keyVersion":1,"meterId":"${exampleMeterId}",` +
        `"previousLink":"${genesisLink}","resolutionMinutes":15,"sequence":1,"startSlot":7,` +
        '"totals":[{"exportWh":"0","importWh":"5","slot":7}]}',
    );
  });
});

describe('the places of a block', () => {
  it('are among those where each of its quarter hours is looked for', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 96 }), fc.nat(95), (start, count, offset) => {
        const noted = placesOf(slot(start), count);
        const wanted = slot(start + (offset % count));
        const looked = placesToLook(wanted, wanted);
        const hours = looked.hours.filter((place) => noted.hours.includes(place));
        const days = looked.days.filter((place) => noted.days.includes(place));
        expect(hours.length + days.length).toBe(1);
        expect(noted.hours.length + noted.days.length).toBeLessThanOrEqual(3);
      }),
      fixed,
    );
  });
});
