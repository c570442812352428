import { createHash } from 'node:crypto';
import {
  amendmentCodec,
  blockBytes,
  canonicalBytes,
  cloneCodec,
  commitmentOf,
  gapCodec,
  genesisLink,
  intervalsOf,
  linkOf,
  meterCodec,
  packReading,
  purgeCodec,
  rowCodec,
  slot,
  slotText,
  totalsOf,
  wh,
  type Amendment,
  type Clone,
  type Meter,
  type MeterId,
  type Profile,
  type Purge,
  type Reading,
} from '@flexledger/domain';
import { hashKeyHex, type KeyWrite, type ReadWriteSet } from '@flexledger/fabric-model';
import { SigningKey } from '../../client/keys';
import type { CopiedRow } from '../blocks/copy-file';
import { placeOf, profileBytes, profileKey, PROFILES_COLLECTION } from '../evidence/reading-rows';

/** The channel whose name the meters have signed. */
export const METERED_CHANNEL = 'community';

const SLOTS_PER_BLOCK = 4;
const FIRST_SLOT = 1_625_200;

/** A block of readings with everything that the ledger and a member of the collection hold of it. */
export interface MeteredBlock {
  readonly reading: Reading;
  readonly profile: Profile;
}

/** A meter that has sent hours of minute values. */
export class MeteredMeter {
  readonly meterId: MeterId;
  readonly blocks: readonly MeteredBlock[];
  readonly #key = SigningKey.generate();

  /** @param hours how many hours from the first slot on, or which ones */
  constructor(name: string, hours: number | readonly number[]) {
    this.meterId = name.padStart(26, '0') as MeterId;
    const blocks: MeteredBlock[] = [];
    for (const hour of typeof hours === 'number' ? Array.from({ length: hours }, (_, index) => index) : hours) {
      blocks.push(this.#close(hour, blocks.at(-1)?.reading));
    }
    this.blocks = blocks;
  }

  /** Another block under the number of one of the first hours, as somebody signs it who has the key as well. */
  other(hour: number): MeteredBlock {
    return this.#close(hour, this.blocks[hour - 1]?.reading, 1n);
  }

  /** The write of the meter itself. */
  get registration(): KeyWrite {
    return this.registrationAs('COMMISSIONED');
  }

  /** The write that leaves the meter in this status. */
  registrationAs(status: Meter['status']): KeyWrite {
    const meter: Meter = meterCodec.decode(
      {
        meterId: this.meterId,
        participantId: this.meterId,
        gridId: 'grid',
        bus: 'bus',
        deviceType: 'load',
        measurementType: 'active-energy',
        unit: 'Wh',
        resolutionMinutes: 1,
        obisImport: '1-0:1.8.0',
        obisExport: '1-0:2.8.0',
        phases: 3,
        accuracyClass: 'MID-B',
        fuseLimitW: '43000',
        firstSlot: FIRST_SLOT,
        keys: [{ version: 1, publicKey: this.#key.publicKey, firstSequence: 1 }],
        status,
      },
      '',
    );
    const row = rowCodec(meterCodec).encode(meter);
    return { key: `\u0000meter\u0000${this.meterId}\u0000`, value: canonicalBytes(row) };
  }

  #close(hour: number, previous: Reading | undefined, moreWh = 0n): MeteredBlock {
    const minutes = SLOTS_PER_BLOCK * 15;
    const valueWh = (minute: number): bigint => moreWh + BigInt(3 + ((hour * 31 + minute * 7) % 40));
    const importWh = Array.from({ length: minutes }, (_, minute) => wh(valueWh(minute)));
    const measured = {
      startSlot: slot(FIRST_SLOT + hour * SLOTS_PER_BLOCK),
      resolutionMinutes: 1 as const,
      importWh,
      exportWh: importWh.map(() => wh(0n)),
    };
    const salt = createHash('sha256').update(`${this.meterId}/${hour}`).digest().subarray(0, 16).toString('base64url');
    const intervals = intervalsOf(measured) ?? [];
    const { startSlot, resolutionMinutes } = measured;
    const block = {
      meterId: this.meterId,
      sequence: (previous?.sequence ?? 0) + 1,
      keyVersion: 1,
      startSlot,
      resolutionMinutes,
      commitment: commitmentOf(salt, intervals),
      previousLink: previous?.link ?? genesisLink,
      totals: totalsOf(intervals),
    };
    const signature = this.#key.sign(blockBytes(METERED_CHANNEL, block));
    const judged = { quality: intervals.map(() => 'OK' as const), findings: [], zeroSlots: 0 };
    const reading = { ...block, ...judged, link: linkOf(block), signature };
    return { reading, profile: { ...measured, meterId: this.meterId, salt } };
  }
}

/** The row of a gap of one hour behind the hour before it. */
export function gapWrite(meterId: MeterId, hour: number): KeyWrite {
  const fromSlot = slot(FIRST_SLOT + hour * SLOTS_PER_BLOCK);
  const toSlot = slot(fromSlot + SLOTS_PER_BLOCK - 1);
  const row = rowCodec(gapCodec).encode({ meterId, fromSlot, toSlot, afterSequence: hour, reason: 'no power' });
  return { key: `\u0000gap\u0000${meterId}\u0000${slotText(fromSlot)}\u0000`, value: canonicalBytes(row) };
}

/** The row of a new version of totals, as the contract writes it. */
export function amendmentWrite(amendment: Amendment): KeyWrite {
  const { fromSlot, meterId, version } = amendment;
  const place = `${slotText(fromSlot)}.${String(version).padStart(4, '0')}`;
  return { key: `amendment/${meterId}/${place}`, value: canonicalBytes(rowCodec(amendmentCodec).encode(amendment)) };
}

/** The row of a clone, as the contract writes it. */
export function cloneWrite(clone: Clone): KeyWrite {
  const { meterId, other } = clone;
  const key = `\u0000clone\u0000${meterId}\u0000${slotText(other.startSlot)}.${other.link}\u0000`;
  return { key, value: canonicalBytes(rowCodec(cloneCodec).encode(clone)) };
}

/** The row of a purge, as the contract writes it. */
export function purgeWrite(purge: Purge): KeyWrite {
  const key = `\u0000purge\u0000${purge.meterId}\u0000${slotText(purge.fromSlot)}.command\u0000`;
  return { key, value: canonicalBytes(rowCodec(purgeCodec).encode(purge)) };
}

/** The row of the channel, as the contract writes it. */
export function readingWrite(reading: Reading): KeyWrite {
  return { key: `block/${reading.meterId}/${placeOf(reading)}`, value: packReading(reading) };
}

/** The row of a copy. */
export function copiedRow({ reading, profile }: MeteredBlock): CopiedRow {
  return { meterId: reading.meterId, place: placeOf(reading), bytes: profileBytes(profile) };
}

/** What a transaction writes that records these blocks, or that purges the values of others. */
export function meteringWrites(parts: {
  readonly writes?: readonly KeyWrite[];
  readonly blocks?: readonly MeteredBlock[];
  readonly purged?: readonly MeteredBlock[];
}): ReadWriteSet {
  const { writes = [], blocks = [], purged = [] } = parts;
  const hashOf = ({ reading }: MeteredBlock): string => hashKeyHex(profileKey(reading.meterId, placeOf(reading)));
  const recorded = blocks.map((block) => ({
    keyHashHex: hashOf(block),
    valueHash: createHash('sha256').update(profileBytes(block.profile)).digest(),
    purge: false,
  }));
  const deleted = purged.map((block) => ({ keyHashHex: hashOf(block), valueHash: undefined, purge: true }));
  const collection = {
    collection: PROFILES_COLLECTION,
    reads: [],
    writes: [...recorded, ...deleted],
    metadataWriteCount: 0,
    privateSetHash: undefined,
  };
  return {
    namespaces: [
      {
        namespace: 'flexledger',
        reads: [],
        rangeQueries: [],
        writes: [...writes, ...blocks.map(({ reading }) => readingWrite(reading))],
        metadataWriteCount: 0,
        collections: [collection],
      },
    ],
  };
}
