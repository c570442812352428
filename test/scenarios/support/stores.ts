import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { ClassicLevel } from 'classic-level';

/** A record of a store, or a whole file that is in no store. */
export interface Stored {
  readonly where: string;
  readonly key: Buffer;
  readonly value: Buffer;
}

type Database = ClassicLevel<Buffer, Buffer>;

/** Folders below one that are LevelDB stores, and all other files. */
function below(folder: string): { readonly stores: readonly string[]; readonly files: readonly string[] } {
  if (existsSync(path.join(folder, 'CURRENT'))) {
    return { stores: [folder], files: [] };
  }
  const stores: string[] = [];
  const files: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      const inside = below(at);
      stores.push(...inside.stores);
      files.push(...inside.files);
    } else if (entry.isFile()) {
      files.push(at);
    }
  }
  return { stores, files };
}

async function open(folder: string): Promise<Database> {
  const options = { createIfMissing: false, keyEncoding: 'buffer', valueEncoding: 'buffer' };
  const database = new ClassicLevel<Buffer, Buffer>(folder, options);
  await database.open();
  return database;
}

/** Everything that the nodes of a network that has stopped keep below a folder: records of their stores, read from copies, and files. */
export async function* everythingStored(folder: string): AsyncGenerator<Stored, void, void> {
  const { files, stores } = below(folder);
  for (const file of files) {
    yield { where: path.relative(folder, file), key: Buffer.alloc(0), value: readFileSync(file) };
  }
  for (const store of stores) {
    const scratch = mkdtempSync(path.join(tmpdir(), 'flexledger-store-'));
    cpSync(store, scratch, { recursive: true });
    const database = await open(scratch);
    for await (const [key, value] of database.iterator()) {
      yield { where: path.relative(folder, store), key, value };
    }
    await database.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * Changes one byte of the private values of the embedded Fabric, with the checksum of the record, as somebody does who owns its disk.
 *
 * @param part the bytes of which the first one is changed, wherever they stand in a record of private values
 * @returns how many records have been changed
 */
export async function changePrivateByte(folder: string, part: Buffer): Promise<number> {
  let changed = 0;
  for (const store of below(folder).stores) {
    const database = await open(store);
    for await (const [key, sealed] of database.iterator()) {
      const at = sealed.indexOf(part);
      if (at >= 0 && key.includes('"private"')) {
        const value = Buffer.from(sealed.subarray(4));
        value[at - 4] = (value[at - 4] ?? 0) ^ 1;
        const checksum = Buffer.alloc(4);
        checksum.writeUInt32BE(crc32(value, crc32(key)));
        await database.put(key, Buffer.concat([checksum, value]), { sync: true });
        changed += 1;
      }
    }
    await database.close();
  }
  return changed;
}

/** How bytes can stand in text or in other bytes: themselves, hexadecimal, and base64 in both alphabets wherever they begin. */
export function formsOf(bytes: Buffer): readonly Buffer[] {
  const encoded = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64url');
    // The characters at both ends depend on what stands before and behind.
    const inner = text.slice(shift === 0 ? 0 : shift + 1, Math.floor(((bytes.length + shift) * 8) / 6));
    return [inner, inner.replaceAll('-', '+').replaceAll('_', '/')];
  });
  const hex = bytes.toString('hex');
  return [bytes, ...new Set([...encoded, hex, hex.toUpperCase()])].map((form) => Buffer.from(form as Buffer));
}

/** Where any of these forms stands. */
export function placesOf(forms: readonly Buffer[], { key, value, where }: Stored): readonly string[] {
  return forms.some((form) => value.includes(form) || key.includes(form)) ? [where] : [];
}
