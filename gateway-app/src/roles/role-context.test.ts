import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { MeterFleet } from '../agents/meter-fleet';
import { RuleRejected } from '../client/errors';
import { GatewayFailure } from '../client/gateway-failure';
import type { Ledger } from '../client/ledger';
import { planDay } from '../day/plan';
import { tick } from './authority-steps';
import { PreparedStore } from './prepared-store';
import type { RoleMessage } from './protocol';
import { RoleContext } from './role-context';
import { RoleProcess } from './role-process';

const plan = planDay('seed');
const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-role-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function refusal(transient: boolean): RuleRejected {
  const failure = new GatewayFailure({ stage: 'endorse', grpcCode: 10, summary: 'refused' });
  return new RuleRejected(
    { code: 'CLOCK_NOT_CONTINUOUS', sentence: 'Not yet.', details: {}, transient, broken: false },
    failure,
  );
}

/** A ledger in memory that refuses the first calls with what it is given, then commits each in the next block. */
function ledgerThatRefuses(refusals: Error[]): { ledger: Ledger; requests: unknown[] } {
  const requests: unknown[] = [];
  const ledger = {
    mspId: 'TsoMSP',
    channel: 'community',
    counters: { submitted: 3, refused: 1, retried: 0, latenciesMs: [5], lastBlock: 9n },
    awaitTransaction: () => Promise.resolve(1n),
    submit: (_contract: string, _transaction: string, request: unknown) => {
      requests.push(request);
      const error = refusals.shift();
      if (error !== undefined) return Promise.reject(error);
      const response = { fromSlot: 1, toSlot: 4 };
      return Promise.resolve({ response, transactionId: `t${requests.length}`, blockNumber: BigInt(requests.length) });
    },
  };
  return { ledger: ledger as unknown as Ledger, requests };
}

function contextOf(ledger: Ledger, name: string): RoleContext {
  const prepared = new PreparedStore(path.join(folder, name));
  return new RoleContext({ plan, ledger, prepared, fleet: new MeterFleet(plan, 'community') });
}

describe('a step of a role', () => {
  test('sends the same command id whenever it is repeated, also by the next process', async () => {
    const { ledger, requests } = ledgerThatRefuses([]);
    await tick(contextOf(ledger, 'repeat'), { fromSlot: 1, toSlot: 4 });
    await tick(contextOf(ledger, 'repeat'), { fromSlot: 1, toSlot: 4 });
    await tick(contextOf(ledger, 'repeat'), { fromSlot: 5, toSlot: 8 });
    const ids = requests.map((request) => (request as { commandId: string }).commandId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test('waits for a refusal that may pass, and remembers the transaction that others must wait for', async () => {
    const { ledger, requests } = ledgerThatRefuses([refusal(true), refusal(true)]);
    const context = contextOf(ledger, 'patient');
    await tick(context, { fromSlot: 1, toSlot: 4 });
    expect(requests.length).toBe(3);
    expect(context.lastTransaction).toEqual({ transactionId: 't3', blockNumber: 3 });
  });

  test('gives up at once at a refusal that stays', async () => {
    const { ledger, requests } = ledgerThatRefuses([refusal(false)]);
    await expect(tick(contextOf(ledger, 'final'), { fromSlot: 1, toSlot: 4 })).rejects.toThrow('CLOCK_NOT_CONTINUOUS');
    expect(requests.length).toBe(1);
  });
});

describe('a role process', () => {
  function processWith(refusals: Error[], name: string): { role: RoleProcess; told: RoleMessage[] } {
    const told: RoleMessage[] = [];
    const role = new RoleProcess({
      role: 'tso',
      steps: { tick },
      plan,
      ledger: ledgerThatRefuses(refusals).ledger,
      prepared: new PreparedStore(path.join(folder, name)),
      follower: { counters: { received: 7, lastBlock: 9 } },
      tell: (message) => told.push(message),
      log: () => undefined,
    });
    return { role, told };
  }

  test('tells the outcome of a step with the transaction that it has written', async () => {
    const { role, told } = processWith([], 'process');
    await role.receive({ kind: 'step', id: 1, step: 'tick', arguments: { fromSlot: 1, toSlot: 4, after: 'earlier' } });
    expect(told).toEqual([
      { kind: 'done', id: 1, result: { value: null, last: { transactionId: 't1', blockNumber: 1 } } },
    ]);
  });

  test('tells what it has counted', async () => {
    const { role, told } = processWith([], 'counters');
    await role.receive({ kind: 'step', id: 2, step: 'counters', arguments: {} });
    const result = { submitted: 3, refused: 1, retried: 0, latenciesMs: [5], received: 7, lastBlock: 9 };
    expect(told).toEqual([{ kind: 'done', id: 2, result }]);
  });

  test.each([
    ['tick', { fromSlot: 1, toSlot: 4 }, 'CLOCK_NOT_CONTINUOUS'],
    ['tick', {}, 'ROLE_STEP_FAILED'],
    ['toString', {}, 'ROLE_STEP_FAILED'],
  ])('tells a failure of %s with %j by its code %s', async (step, values, code) => {
    const { role, told } = processWith([refusal(false)], `failure-${code}-${step}`);
    await role.receive({ kind: 'step', id: 3, step, arguments: values });
    expect(told).toMatchObject([{ kind: 'failed', id: 3, code }]);
  });
});
