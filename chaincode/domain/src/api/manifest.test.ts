import { errorRegistry } from '../errors';
import { isJsonObject } from '../json';
import { contracts, manifest, specOf } from './manifest';
import { functionName, specByFunctionName } from './transaction-spec';

const named = manifest.map((spec) => [functionName(spec), spec] as const);

describe('the manifest', () => {
  it('names every transaction once, under its own contract and key', () => {
    expect(new Set(named.map(([name]) => name)).size).toBe(manifest.length);
    for (const [contract, transactions] of Object.entries(contracts)) {
      for (const [name, spec] of Object.entries(transactions)) {
        expect(functionName(spec)).toBe(`${contract}:${name}`);
      }
    }
    expect(specOf('registry', 'tick').name).toBe('tick');
    expect(specByFunctionName(manifest, 'registry:tick').name).toBe('tick');
    expect(() => specByFunctionName(manifest, 'registry:tock')).toThrow(
      expect.objectContaining({ code: 'CALL_FUNCTION_UNKNOWN' }),
    );
  });

  it.each(named)('%s has an example that decodes and is encoded to itself', (_name, spec) => {
    expect(spec.request.encode(spec.request.decode(spec.example, ''))).toEqual(spec.example);
  });

  it.each(named)('%s lists its codes in precedence order', (_name, spec) => {
    const codes: readonly string[] = errorRegistry.map((row) => row.code);
    const places = spec.errors.map((code) => codes.indexOf(code));
    expect(places).toEqual([...places].sort((left, right) => left - right));
    expect(places).not.toContain(-1);
  });

  it.each(named)('%s carries a command id exactly if it writes, and then tells a fact', (_name, spec) => {
    const { properties } = spec.request.schema;
    const fields = isJsonObject(properties) ? Object.keys(properties) : [];
    expect(fields.includes('commandId')).toBe(spec.mode === 'submit');
    expect(spec.facts.length > 0).toBe(spec.mode === 'submit');
  });

  it.each(named)('%s says in one sentence what it does', (_name, spec) => {
    expect(spec.summary).toMatch(/^[A-Z].{10,160}\.$/);
  });
});
