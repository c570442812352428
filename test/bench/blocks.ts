import { commitmentOf, contracts, intervalsOf, parseJson, slot, wh, type JsonObject } from '@flexledger/domain';
import {
  closeBlock,
  deriveBytes,
  deriveId,
  derivePrivateKey,
  signBlock,
  SigningKey,
  type SignedBlock,
  type UnsignedBlock,
} from '@flexledger/gateway-app';

/** One-minute values of one block: an hour. */
export const VALUES_PER_BLOCK = 60;
const SLOTS_PER_BLOCK = 4;

const KETTLE_MINUTES = 4;
const KETTLE_WH = 18;

/** A signed hour of one meter: what it measured, and what goes to the ledger. */
export interface SignedHour extends SignedBlock {
  readonly importWh: readonly bigint[];
  readonly commitment: string;
}

/** A meter that measures household-like minutes and closes a block every hour. */
export class BenchMeter {
  readonly meterId: string;
  readonly key: SigningKey;
  readonly #stock: SignedHour[] = [];
  #last: UnsignedBlock | undefined;

  constructor(
    private readonly seed: string,
    private readonly channel: string,
    private readonly firstSlot: number,
    private readonly index: number,
  ) {
    this.meterId = deriveId(seed, `meter/${index}`);
    this.key = new SigningKey(derivePrivateKey(seed, `meter-key/${index}`));
  }

  /** Closes and signs hours until so many wait. This is the meter's own work and stands outside of what is timed. */
  prepare(hours: number): void {
    while (this.#stock.length < hours) this.#stock.push(this.#close());
  }

  /** How many hours wait. */
  get waiting(): number {
    return this.#stock.length;
  }

  /** The next hour; undefined when none waits. */
  next(): SignedHour | undefined {
    return this.#stock.shift();
  }

  #close(): SignedHour {
    const previous = this.#last;
    const sequence = (previous?.sequence ?? 0) + 1;
    const noise = deriveBytes(this.seed, `values/${this.index}/${sequence}`, VALUES_PER_BLOCK);
    // 4 to 19 Wh in a minute: 0.24 to 1.2 kW, with a kettle of about 2 kW for some minutes of the hour.
    const values = [...noise].map((byte, minute) =>
      BigInt(4 + (byte % 16) + (minute < KETTLE_MINUTES ? KETTLE_WH : 0)),
    );
    const unsigned = closeBlock({
      meterId: this.meterId,
      keyVersion: 1,
      previous,
      measured: {
        startSlot: slot(this.firstSlot + (sequence - 1) * SLOTS_PER_BLOCK),
        resolutionMinutes: 1,
        importWh: values.map((value) => wh(value)),
        exportWh: values.map(() => wh(0n)),
      },
      salt: deriveBytes(this.seed, `salt/${this.index}/${sequence}`, 16).toString('base64url'),
    });
    this.#last = unsigned;
    return { ...signBlock(this.channel, this.key, unsigned), importWh: values, commitment: unsigned.commitment };
  }
}

/** How many blocks the answer of recordProfiles says it has recorded. */
export function recordedIn(answer: string): number {
  return contracts.metering.recordProfiles.response.decode(parseJson(answer), '').recorded;
}

/** The name of the transient entry that carries the blocks. */
export const TRANSIENT_KEY = contracts.metering.recordProfiles.transient.key;

/** The request that reads back one block: what the channel keeps of it, or what members keep. */
export function readBackRequest({ meterId, startSlot }: SignedHour): JsonObject {
  return { meterId, slot: startSlot };
}

/** The commitment that values and salt as they were read back come to; `change` may falsify a value first. */
export function commitmentOfProfile(text: string, change: (values: bigint[]) => void = () => undefined): string {
  const profile = contracts.metering.getProfile.response.decode(parseJson(text), '');
  const importWh: bigint[] = [...profile.importWh];
  change(importWh);
  const intervals = intervalsOf({ ...profile, importWh: importWh.map((value) => wh(value)) });
  return intervals === undefined ? '' : commitmentOf(profile.salt, intervals);
}
