import type { HashedUpdate, PrivateUpdate, PublicUpdate, Version } from '@flexledger/fabric-model';
import { recordKey, recordPrefix, type RecordChange } from './record-store';

/** Digits of a block number in a key, so that key order is block order. */
const blockDigits = 12;

/** Keys of one channel's records. */
export class ChannelKeys {
  constructor(private readonly channel: string) {}

  block(number: number): string {
    return recordKey(this.channel, 'block', padded(number));
  }

  get blocks(): string {
    return recordPrefix(this.channel, 'block');
  }

  get height(): string {
    return recordKey(this.channel, 'height');
  }

  /** A scan prefix of the committed writes of one key, oldest first. */
  history(namespace: string, key: string): string {
    return recordPrefix(this.channel, 'history', namespace, key);
  }

  historyEntry(namespace: string, key: string, version: Version): string {
    return recordKey(this.channel, 'history', namespace, key, padded(version.block), padded(version.transaction));
  }

  transient(transactionId: string): string {
    return recordKey(this.channel, 'transient', transactionId);
  }

  get transients(): string {
    return recordPrefix(this.channel, 'transient');
  }

  publicState(namespace: string, key: string): string {
    return recordKey(this.channel, 'public', namespace, key);
  }

  hashedState(namespace: string, collection: string, keyHashHex: string): string {
    return recordKey(this.channel, 'hashed', namespace, collection, keyHashHex);
  }

  privateState(namespace: string, collection: string, key: string): string {
    return recordKey(this.channel, 'private', namespace, collection, key);
  }

  state(kind: 'public' | 'hashed' | 'private'): string {
    return recordPrefix(this.channel, kind);
  }
}

function padded(number: number): string {
  return String(number).padStart(blockDigits, '0');
}

/** The text parts of a record's key. */
export function keyParts(key: string): readonly string[] {
  const parts: unknown = JSON.parse(key);
  return Array.isArray(parts) ? parts.map(String) : [];
}

function sealVersion(version: Version, value: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(value.length + 12);
  bytes.writeBigUInt64BE(BigInt(version.block), 0);
  bytes.writeUInt32BE(version.transaction, 8);
  bytes.set(value, 12);
  return bytes;
}

/** A stored state row: the version that wrote it and its value. */
export function openVersion(bytes: Uint8Array): { readonly version: Version; readonly value: Uint8Array } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    version: { block: Number(buffer.readBigUInt64BE(0)), transaction: buffer.readUInt32BE(8) },
    value: Uint8Array.prototype.slice.call(bytes, 12),
  };
}

function row(key: string, version: Version, value: Uint8Array | undefined): RecordChange {
  return { key, value: value === undefined ? undefined : sealVersion(version, value) };
}

/** A change of public state. */
export function publicRow(keys: ChannelKeys, update: PublicUpdate): RecordChange {
  return row(keys.publicState(update.namespace, update.key), update.version, update.value);
}

/** A change of hashed state. */
export function hashedRow(keys: ChannelKeys, update: HashedUpdate): RecordChange {
  return row(
    keys.hashedState(update.namespace, update.collection, update.keyHashHex),
    update.version,
    update.valueHash,
  );
}

/** A change of private state. */
export function privateRow(keys: ChannelKeys, update: PrivateUpdate): RecordChange {
  return row(keys.privateState(update.namespace, update.collection, update.key), update.version, update.value);
}
