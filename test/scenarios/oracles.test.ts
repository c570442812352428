import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { playOracles, type OraclesReport } from './support/oracles/play';

/*
 * Three oracle processes of three organisations over the network: one alters its answers by one Wh, one is killed at a moment of each request and
 * started again, one takes seconds for each answer. The rules ask for two equal answers. NETWORK=native plays it on real Fabric.
 */

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-oracles-'));
const RUN_TIMEOUT_MS = 600_000;
let report: OraclesReport;

beforeAll(async () => {
  report = await playOracles({ folder, thousands: 39, say: () => undefined });
}, RUN_TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('three oracles, of which one lies, one is killed and one is slow', () => {
  test('answer every request once, and rightly', () => {
    expect(report.requests).toHaveLength(4);
    for (const { answers, isRight, state } of report.requests) {
      expect({ state, isRight }).toEqual({ state: 'ANSWERED', isRight: true });
      expect(answers).toMatchObject({ DsoMSP: true, TsoMSP: true });
    }
  });

  test('have the lies on the record beside the right answers, and never in their place', () => {
    const lies = report.requests.filter(({ answers }) => answers.RegulatorMSP === false);
    expect(lies.length).toBeGreaterThan(0);
    expect(report.requests.filter(({ isDisagreement }) => isDisagreement)).toEqual(lies);
    expect(report.requests.map(({ answeredBy }) => answeredBy)).not.toContain('RegulatorMSP');
  });

  test('double nothing, although one was killed with SIGKILL at some moment of every request', () => {
    expect(report.kills).toBe(4);
    for (const { answers, filed } of report.requests) {
      expect(filed).toEqual(Object.fromEntries(Object.keys(answers).map((mspId) => [mspId, 1])));
    }
  });

  test('refuse on the record what none of them offers, which then expires as soon as an answer is out of reach', () => {
    const { reasons, state } = report.unknown;
    expect(state).toBe('EXPIRED');
    // With the second refusal two equal answers are out of reach; the third oracle may or may not be heard before the request is closed.
    expect(Object.keys(reasons).length).toBeGreaterThanOrEqual(2);
    expect(new Set(Object.values(reasons))).toEqual(new Set(['ORACLE_SERVICE_NOT_OFFERED']));
  });

  test('tell their operator how they are', () => {
    expect(report.operations).toEqual({ health: 200, answered: 4 });
  });

  test('leave a ledger on which every invariant holds', () => {
    expect(report.broken).toEqual([]);
  });
});
