import {
  blockBytes,
  commitmentOf,
  genesisLink,
  intervalsOf,
  linkOf,
  packBlock,
  totalsOf,
  type Measured,
  type MeterId,
  type ProfileBlock,
  type Quality,
  type Registers,
} from '@flexledger/domain';
import type { SigningKey } from '../client/keys';

/** What a meter's agent has to know for its next block. */
export interface BlockContent {
  readonly meterId: string;
  readonly keyVersion: number;
  /** The block before; undefined for the first one of the meter. */
  readonly previous: UnsignedBlock | BlockEnd | undefined;
  readonly measured: Measured;
  /** 16 to 32 random bytes as base64url, used for no other block. */
  readonly salt: string;
  /** What the registers showed when the block began, where the device tells. */
  readonly registers?: Registers;
  /** How good the agent itself says that each quarter hour is, where one is not OK. MISSING ones have zeros. */
  readonly stated?: readonly Quality[];
}

/** What of a block the next one needs: what an agent keeps, or reads from the ledger with getMeterHead. */
export interface BlockEnd {
  readonly sequence: number;
  readonly link: string;
  readonly startSlot: ProfileBlock['startSlot'];
}

/** A signed block as it goes to the gateway: its packed bytes as base64url, with what names it. */
export interface SignedBlock {
  readonly meterId: string;
  readonly sequence: number;
  readonly startSlot: number;
  readonly content: string;
}

/** A block without its signature. */
export type UnsignedBlock = Omit<ProfileBlock, 'signature'>;

/**
 * The next block of a meter: totals, commitment and link are made from what was measured.
 *
 * @throws RangeError when the values do not fill whole quarter hours alike
 */
export function closeBlock(content: BlockContent): UnsignedBlock {
  const { keyVersion, measured, meterId, previous, registers, salt, stated } = content;
  const intervals = intervalsOf(measured);
  if (intervals === undefined) throw new RangeError('the values of a block do not fill its quarter hours');
  const isStated = stated?.some((quality) => quality !== 'OK') === true;
  return {
    ...measured,
    meterId: meterId as MeterId,
    keyVersion,
    sequence: (previous?.sequence ?? 0) + 1,
    salt,
    commitment: commitmentOf(salt, intervals),
    previousLink: previous === undefined ? genesisLink : endLink(previous),
    totals: totalsOf(intervals),
    ...(previous === undefined ? {} : { previousStartSlot: previous.startSlot }),
    ...(registers === undefined ? {} : { registers }),
    ...(isStated ? { stated } : {}),
  };
}

/** Signs a block for one channel and packs it for the transient map of recordProfiles. */
export function signBlock(channel: string, key: SigningKey, block: UnsignedBlock): SignedBlock {
  const { meterId, sequence, startSlot } = block;
  return {
    meterId,
    sequence,
    startSlot,
    content: packBlock({ ...block, signature: key.sign(blockBytes(channel, block)) }),
  };
}

function endLink(previous: UnsignedBlock | BlockEnd): string {
  return 'link' in previous ? previous.link : linkOf(previous);
}
