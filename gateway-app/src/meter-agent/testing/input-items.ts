import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { InputItem, MeterInput } from '../measurement';

/** A folder for the files of one test suite. */
export class TestFolder {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-meter-'));

  /** Writes a file and answers its path. */
  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.#folder, name);
    writeFileSync(file, content);
    return file;
  }

  path(name: string): string {
    return path.join(this.#folder, name);
  }

  /** Copies a folder. */
  copy(name: string, to: string): void {
    cpSync(this.path(name), this.path(to), { recursive: true });
  }

  /** Puts another folder in the place of one. */
  replace(name: string, by: string): void {
    rmSync(this.path(name), { recursive: true });
    this.copy(by, name);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Everything that an input has after a position. */
export async function readAll(input: MeterInput, position?: string): Promise<InputItem[]> {
  const items: InputItem[] = [];
  for await (const item of input.read(position, new AbortController().signal)) items.push(item);
  return items;
}

/** The faults of items as `CODE at place`. */
export function faultsOf(items: readonly Pick<InputItem, 'faults'>[]): string[] {
  return items.flatMap(({ faults }) => faults.map(({ code, where }) => `${code} at ${where}`));
}

/** Seconds since 1970 of an ISO time. */
export function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
