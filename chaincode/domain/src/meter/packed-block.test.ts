import fc from 'fast-check';
import { exampleMeterId } from '../api/examples';
import { fromBase64Url, toBase64Url } from '../base64url';
import type { MeterId } from '../ids';
import { slot } from '../time';
import { decivolt, varh, wh } from '../units';
import { commitmentOf, genesisLink, intervalsOf, linkOf, totalsOf } from './block';
import {
  packBlock,
  packGapMark,
  packProfile,
  packReading,
  unpackBlock,
  unpackEntry,
  unpackProfile,
} from './packed-block';
import type { ProfileBlock, Quality } from './types';

const fixed = { numRuns: 200, seed: 20_160_520 };
const meterId = exampleMeterId as MeterId;
const quality = fc.constantFrom<Quality[]>('OK', 'ESTIMATED', 'BAD', 'MISSING');

/** Blocks of every resolution and length, with and without each optional part. */
const blocks = fc
  .record({
    resolutionMinutes: fc.constantFrom(1 as const, 5 as const, 15 as const, 30 as const, 60 as const),
    hours: fc.integer({ min: 1, max: 24 }),
    startSlot: fc.integer({ min: 96, max: 9_000_000 }).map(slot),
    energies: fc.array(fc.nat(3_000), { minLength: 1, maxLength: 7 }),
    optional: fc.record({
      reactive: fc.boolean(),
      voltage: fc.boolean(),
      charge: fc.boolean(),
      registers: fc.boolean(),
      previous: fc.boolean(),
    }),
    stated: fc.option(fc.array(quality, { minLength: 96, maxLength: 96 }), { nil: undefined }),
    sequence: fc.integer({ min: 1, max: 9_999_999_999 }),
    salt: fc.uint8Array({ minLength: 16, maxLength: 32 }).map(toBase64Url),
    signature: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(toBase64Url),
  })
  .map(
    ({ energies, hours, optional, resolutionMinutes, salt, sequence, signature, startSlot, stated }): ProfileBlock => {
      const count = (hours * 60) / resolutionMinutes;
      const values = (offset: number) =>
        Array.from({ length: count }, (_, index) => BigInt(energies[(index + offset) % energies.length] ?? 0));
      const measured = {
        startSlot,
        resolutionMinutes,
        importWh: values(0).map(wh),
        exportWh: values(1).map(wh),
        ...(optional.reactive
          ? { reactiveImportVarh: values(2).map(varh), reactiveExportVarh: values(3).map(varh) }
          : {}),
        ...(optional.voltage ? { voltageDecivolt: values(4).map(decivolt) } : {}),
        ...(optional.charge ? { stateOfChargeWh: values(5).map(wh) } : {}),
      };
      const intervals = intervalsOf(measured) ?? [];
      const qualities = stated?.slice(0, intervals.length);
      const isStated = qualities?.some((one) => one !== 'OK') === true;
      return {
        ...measured,
        meterId,
        keyVersion: 3,
        sequence,
        salt,
        signature,
        totals: totalsOf(intervals),
        commitment: commitmentOf(salt, intervals),
        previousLink: genesisLink,
        ...(optional.registers ? { registers: { importWh: wh(123_456_789n), exportWh: wh(0n) } } : {}),
        ...(isStated ? { stated: qualities } : {}),
        ...(optional.previous ? { previousStartSlot: slot(startSlot - 4) } : {}),
      };
    },
  );

/** An hour of minutes as a home has it. */
function hourOfMinutes(): ProfileBlock {
  const importWh = Array.from({ length: 60 }, (_, index) => wh(BigInt(3 + ((index * 7) % 11) + (index > 20 ? 30 : 0))));
  const measured = {
    startSlot: slot(1_625_200),
    resolutionMinutes: 1 as const,
    importWh,
    exportWh: importWh.map(() => wh(0n)),
  };
  const intervals = intervalsOf(measured) ?? [];
  const salt = toBase64Url(Buffer.alloc(16, 7));
  const signature = toBase64Url(Buffer.alloc(64, 1));
  const [totals, commitment] = [totalsOf(intervals), commitmentOf(salt, intervals)];
  const links = { commitment, previousLink: genesisLink, signature, previousStartSlot: slot(1_625_196) };
  return { ...measured, meterId, keyVersion: 1, sequence: 8_760, salt, totals, ...links };
}

describe('a packed block', () => {
  it('is read as what was packed, whatever it carries', () => {
    fc.assert(
      fc.property(blocks, (block) => {
        expect(unpackBlock(packBlock(block), '')).toEqual(block);
      }),
      fixed,
    );
  });

  it('has one form only: no change of a byte is read as the same block', () => {
    const packed = fromBase64Url(packBlock(hourOfMinutes())) ?? Buffer.alloc(0);
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (place, difference) => {
        const changed = Buffer.from(packed);
        changed[place] = (changed[place] ?? 0) ^ difference;
        const text = toBase64Url(changed);
        try {
          expect(packBlock(unpackBlock(text, ''))).toBe(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'READING_FORMAT' });
        }
      }),
      fixed,
    );
  });

  it('that is cut short, goes on or is of another format is refused with a code', () => {
    const packed = fromBase64Url(packBlock(hourOfMinutes())) ?? Buffer.alloc(0);
    for (let length = 0; length < packed.length; length += 1) {
      const refused = expect.objectContaining({ code: 'READING_FORMAT' });
      expect(() => unpackBlock(toBase64Url(packed.subarray(0, length)), '')).toThrow(refused);
    }
    for (const bytes of [Buffer.concat([packed, Buffer.of(0)]), Buffer.concat([Buffer.of(9), packed.subarray(1)])]) {
      expect(() => unpackBlock(toBase64Url(bytes), '')).toThrow(expect.objectContaining({ code: 'READING_FORMAT' }));
    }
    for (const text of [7, null, {}, 'not base64url!', 'A']) {
      expect(() => unpackBlock(text, '/0')).toThrow(expect.objectContaining({ code: 'INPUT_FIELD_INVALID' }));
    }
  });

  it('carries no number that is longer than it need be, negative or above 10^12', () => {
    const block = hourOfMinutes();
    const packed = fromBase64Url(packBlock({ ...block, sequence: 1, keyVersion: 1 })) ?? Buffer.alloc(0);
    const sequenceAt = 1 + 26 + 3 + 1;
    const longer = Buffer.concat([
      packed.subarray(0, sequenceAt),
      Buffer.of(0x81, 0x00),
      packed.subarray(sequenceAt + 1),
    ]);
    expect(() => unpackBlock(toBase64Url(longer), '')).toThrow('READING_FORMAT');
    const zero = Buffer.from(packed);
    zero[sequenceAt] = 0;
    expect(() => unpackBlock(toBase64Url(zero), '')).toThrow('READING_FORMAT');
    const huge = block.importWh.map((value, index) => wh(index === 9 ? 1_000_000_000_001n : value));
    expect(() => unpackBlock(packBlock({ ...block, importWh: huge }), '')).toThrow('READING_FORMAT');
    // The first value of the last series as -1: its difference from 0 is written as 1.
    const negative = Buffer.concat([packed.subarray(0, -2), Buffer.of(0x01, 0x00, 58)]);
    expect(() => unpackBlock(toBase64Url(negative), '')).toThrow('READING_FORMAT');
  });
});

describe('the rows of a block', () => {
  it('give back the reading and the profile', () => {
    fc.assert(
      fc.property(blocks, fc.boolean(), (block, isBad) => {
        const { exportWh, importWh, previousStartSlot: _place, salt, signature, ...rest } = block;
        const { reactiveExportVarh: _export, reactiveImportVarh: _import, ...less } = rest;
        const { stateOfChargeWh: _charge, voltageDecivolt: _voltage, ...signed } = less;
        const stated = block.totals.map((_, index) => block.stated?.[index] ?? ('OK' as const));
        const judged = isBad
          ? { quality: stated.map(() => 'BAD' as const), findings: ['FUSE', 'STUCK'] as const }
          : { quality: stated, findings: [] };
        const reading = { ...signed, ...judged, zeroSlots: 300, link: linkOf(block), signature };
        const { startSlot, resolutionMinutes } = block;
        expect(unpackEntry(meterId, startSlot, packReading(reading))).toEqual({ kind: 'block', reading });
        const place = { meterId, startSlot, resolutionMinutes };
        expect(unpackProfile(place, packProfile(block))).toMatchObject({ ...place, importWh, exportWh, salt });
      }),
      fixed,
    );
  });

  it('of an hour of minutes have at most 160 bytes on the channel and 160 in private', () => {
    const block = hourOfMinutes();
    const reading = { ...block, quality: block.totals.map(() => 'OK' as const), findings: [], zeroSlots: 0, link: '' };
    expect(packReading(reading).length).toBeLessThanOrEqual(160);
    expect(packProfile(block).length).toBeLessThanOrEqual(160);
  });

  it('say where a chain went on after a gap', () => {
    const bytes = packGapMark(slot(1_000), slot(1_672));
    expect(unpackEntry(meterId, slot(1_000), bytes)).toEqual({ kind: 'gap', nextSlot: 1_672 });
  });
});
