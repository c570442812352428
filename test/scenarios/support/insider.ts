import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  commitmentOf,
  intervalsOf,
  linkOf,
  packProfile,
  packReading,
  slot,
  slotText,
  totalsOf,
  unpackEntry,
  unpackProfile,
  wh,
  type MeterId,
  type Reading,
} from '@flexledger/domain';
import {
  blockDataHash,
  blockHeaderHash,
  computeCommitHash,
  decodeBlock,
  encodeBlock,
  encodeReadWriteSet,
  envelopesOf,
  hashKeyHex,
  headerOf,
  isConfigBlock,
  parseTransaction,
  Replay,
  setCommitHash,
  type CollectionReadWriteSet,
  type HashedWrite,
  type KeyWrite,
  type NamespaceReadWriteSet,
  type UpdateBatch,
} from '@flexledger/fabric-model';
import { common, ledger, peer } from '@hyperledger/fabric-protos';

/** A block store and an off-chain copy as files that the audit reads. */
export interface InsiderFiles {
  readonly blocks: string;
  readonly copy: string;
}

/** What was rewritten: the first block of the ledger, and how many blocks of readings. */
export interface Rewriting {
  readonly firstBlock: number;
  readonly readings: number;
}

interface CopyRow {
  readonly meterId: string;
  readonly place: string;
  readonly bytes: Buffer;
}

/**
 * What somebody does who owns everything that one organisation keeps, and no key of anybody else: one reading of a meter is
 * changed, and with it values, commitment, totals, link, the links of all later blocks of the meter, hashes of private
 * values, data hashes, header hashes, and commit hashes. Signatures stay as they are.
 */
export class Insider {
  readonly #rows: readonly CopyRow[];
  readonly #header: string;
  readonly #changedRows = new Map<string, Uint8Array>();
  readonly #changedHashes = new Map<string, Uint8Array>();
  readonly #forgedRows = new Map<string, Buffer>();
  readonly #replay = new Replay();
  #link: string | undefined;
  #firstBlock: number | undefined;
  #previousHash: Uint8Array | undefined;
  #commitHash: Uint8Array | undefined;

  constructor(
    private readonly files: InsiderFiles,
    private readonly meterId: string,
    private readonly startSlot: number,
  ) {
    const [header = '', ...lines] = readFileSync(files.copy, 'utf8').trim().split('\n');
    this.#header = header;
    this.#rows = lines.slice(0, -1).map((line) => {
      const [owner = '', place = '', row = ''] = line.split(' ');
      return { meterId: owner, place, bytes: Buffer.from(row, 'base64url') };
    });
  }

  /** Writes the rewritten files. */
  rewrite(out: InsiderFiles): Rewriting {
    const file = readFileSync(this.files.blocks);
    const start = file.indexOf('\n') + 1;
    const parts: Buffer[] = [file.subarray(0, start)];
    let offset = start;
    for (let length = file.readUInt32BE(offset); length > 0; length = file.readUInt32BE(offset)) {
      const block = Buffer.from(this.#block(file.subarray(offset + 4, offset + 4 + length)));
      const prefix = Buffer.alloc(4);
      prefix.writeUInt32BE(block.length);
      parts.push(prefix, block);
      offset += 4 + length;
    }
    writeFileSync(out.blocks, Buffer.concat([...parts, file.subarray(offset)]));
    const lines = this.#rows.map((row) => {
      const bytes = this.#forgedRows.get(`${row.meterId} ${row.place}`) ?? row.bytes;
      return `${row.meterId} ${row.place} ${bytes.toString('base64url')}`;
    });
    writeFileSync(out.copy, [this.#header, ...lines, `end ${lines.length}`, ''].join('\n'));
    return { firstBlock: this.#firstBlock ?? -1, readings: this.#changedRows.size };
  }

  #block(bytes: Uint8Array): Uint8Array {
    const block = decodeBlock(bytes);
    const number = headerOf(block).getNumber();
    this.#replay.feed(decodeBlock(bytes));
    const { codes = [], updates } = this.#replay.validation ?? {};
    const data = block.getData();
    if (data !== undefined && !isConfigBlock(block)) {
      const envelopes = envelopesOf(block).map((envelope) => this.#envelope(envelope, number));
      data.setDataList(envelopes);
      headerOf(block).setDataHash(blockDataHash(envelopes));
    }
    if (this.#previousHash !== undefined) {
      headerOf(block).setPreviousHash(this.#previousHash);
    }
    this.#previousHash = blockHeaderHash(headerOf(block));
    if (number > 0 && updates !== undefined) {
      this.#commitHash = computeCommitHash(codes, this.#updates(updates), this.#commitHash);
      setCommitHash(block, this.#commitHash);
    }
    return encodeBlock(block);
  }

  #updates({ publicUpdates, hashedUpdates }: UpdateBatch): UpdateBatch {
    return {
      publicUpdates: publicUpdates.map((one) => ({ ...one, value: this.#changedRows.get(one.key) ?? one.value })),
      hashedUpdates: hashedUpdates.map((one) => ({
        ...one,
        valueHash: one.valueHash && (this.#changedHashes.get(one.keyHashHex) ?? one.valueHash),
      })),
    };
  }

  #envelope(bytes: Uint8Array, block: number): Uint8Array {
    const { readWriteSet } = parseTransaction(bytes);
    const before = this.#changedRows.size;
    const namespaces = readWriteSet.namespaces.map((set) => this.#namespace(set));
    if (this.#changedRows.size === before) {
      return bytes;
    }
    this.#firstBlock ??= block;
    return withResults(bytes, encodeReadWriteSet({ namespaces }));
  }

  #namespace(set: NamespaceReadWriteSet): NamespaceReadWriteSet {
    const writes = set.writes.map((write) => this.#write(write));
    return { ...set, writes, collections: set.collections.map((collection) => this.#collection(collection)) };
  }

  #write(write: KeyWrite): KeyWrite {
    const [type, meterId, place] = write.key.split('/');
    if (type !== 'block' || meterId !== this.meterId || write.value === undefined || Number(place) < this.startSlot) {
      return write;
    }
    const entry = unpackEntry(this.meterId as MeterId, slot(Number(place)), write.value);
    if (entry.kind !== 'block') {
      return write;
    }
    const reading = this.#reading(entry.reading);
    const value = packReading(reading);
    this.#changedRows.set(write.key, value);
    return { ...write, value };
  }

  #reading(reading: Reading): Reading {
    const isTarget = reading.startSlot === this.startSlot;
    const changed = isTarget
      ? this.#changed(reading)
      : { ...reading, previousLink: this.#link ?? reading.previousLink };
    this.#link = linkOf(changed);
    return { ...changed, link: this.#link };
  }

  /** The block with one more watt-hour in its first value, and the row of the copy that opens its commitment. */
  #changed(reading: Reading): Reading {
    const { meterId, resolutionMinutes, startSlot } = reading;
    const place = slotText(startSlot);
    const row = this.#rows.find((one) => one.meterId === meterId && one.place === place);
    const profile = unpackProfile({ meterId, resolutionMinutes, startSlot }, row?.bytes ?? Buffer.alloc(0));
    const [first, ...rest] = profile.importWh;
    const forged = { ...profile, importWh: [wh((first ?? 0n) + 1n), ...rest] };
    const bytes = Buffer.from(packProfile(forged));
    this.#forgedRows.set(`${meterId} ${place}`, bytes);
    this.#changedHashes.set(hashOfProfile(meterId, place), createHash('sha256').update(bytes).digest());
    const intervals = intervalsOf(forged) ?? [];
    return { ...reading, commitment: commitmentOf(profile.salt, intervals), totals: totalsOf(intervals) };
  }

  #collection(collection: CollectionReadWriteSet): CollectionReadWriteSet {
    if (!collection.writes.some(({ keyHashHex }) => this.#changedHashes.has(keyHashHex))) {
      return collection;
    }
    const { privateSetHash } = collection;
    const honest = this.#privateHash(collection.writes, false);
    if (privateSetHash === undefined || !honest.equals(privateSetHash)) {
      throw new Error('the private write set is not the one that the copy gives');
    }
    const writes = collection.writes.map((write) => ({
      ...write,
      valueHash: this.#changedHashes.get(write.keyHashHex) ?? write.valueHash,
    }));
    return { ...collection, writes, privateSetHash: this.#privateHash(writes, true) };
  }

  /** The hash of the private write set of a transaction, made from the rows of the copy. */
  #privateHash(writes: readonly HashedWrite[], isForged: boolean): Buffer {
    const { KVRWSet, KVWrite } = ledger.rwset.kvrwset;
    const wanted = new Set(writes.map(({ keyHashHex }) => keyHashHex));
    const set = new KVRWSet();
    const rows = this.#rows.filter(({ meterId, place }) => wanted.has(hashOfProfile(meterId, place)));
    const byKey = rows.map((row) => ({ ...row, key: profileKey(row.meterId, row.place) }));
    for (const { bytes, key, meterId, place } of byKey.sort((left, right) => (left.key < right.key ? -1 : 1))) {
      const write = new KVWrite();
      write.setKey(key);
      write.setValue(isForged ? (this.#forgedRows.get(`${meterId} ${place}`) ?? bytes) : bytes);
      set.addWrites(write);
    }
    return createHash('sha256').update(set.serializeBinary()).digest();
  }
}

function profileKey(meterId: string, place: string): string {
  return `\u0000profile\u0000${meterId}\u0000${place}\u0000`;
}

function hashOfProfile(meterId: string, place: string): string {
  return hashKeyHex(profileKey(meterId, place));
}

/** The envelope with other results of its simulation; every signature in it is left as it was. */
function withResults(bytes: Uint8Array, results: Uint8Array): Uint8Array {
  const envelope = common.Envelope.deserializeBinary(bytes);
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const transaction = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const [action] = transaction.getActionsList();
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action?.getPayload_asU8() ?? new Uint8Array());
  const endorsed = actionPayload.getAction();
  const response = peer.ProposalResponsePayload.deserializeBinary(
    endorsed?.getProposalResponsePayload_asU8() ?? new Uint8Array(),
  );
  const simulated = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
  simulated.setResults(results);
  response.setExtension$(simulated.serializeBinary());
  endorsed?.setProposalResponsePayload(response.serializeBinary());
  action?.setPayload(actionPayload.serializeBinary());
  payload.setData(transaction.serializeBinary());
  envelope.setPayload(payload.serializeBinary());
  return envelope.serializeBinary();
}
