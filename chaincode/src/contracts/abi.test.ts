import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifest } from '@flexledger/domain';
import { registeredAbi } from '../testing/abi';

interface Registered {
  readonly name: string;
  readonly tag: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly schema: { readonly type: string } }[];
  readonly returns: { readonly type: string };
}

const registered = Object.entries(registeredAbi()).flatMap(([contract, transactions]) =>
  (transactions as Registered[]).map((transaction) => ({ contract, ...transaction })),
);

describe('what the contract API registers', () => {
  it('equals the golden copy; a wanted change is written by "npm run abi"', () => {
    const golden: unknown = JSON.parse(readFileSync(join(__dirname, '..', '..', 'expected-metadata.json'), 'utf8'));
    expect(registeredAbi()).toEqual(golden);
  });

  it('is exactly the transactions of the manifest, each as submit or evaluate', () => {
    const names = (entries: readonly string[]) => [...entries].sort((a, b) => (a < b ? -1 : 1));
    expect(names(registered.map(({ contract, name, tag }) => `${contract}:${name} ${tag[0]?.toLowerCase()}`))).toEqual(
      names(manifest.map(({ contract, name, mode }) => `${contract}:${name} ${mode}`)),
    );
  });

  it('takes one string and returns one, whatever the transaction', () => {
    for (const transaction of registered) {
      expect(transaction).toMatchObject({
        parameters: [{ name: 'request', schema: { type: 'string' } }],
        returns: { type: 'string' },
      });
      expect(transaction.parameters).toHaveLength(1);
    }
  });
});
