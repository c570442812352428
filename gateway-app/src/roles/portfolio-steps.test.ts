import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { JsonObject } from '@flexledger/domain';
import type { MeterFleet } from '../agents/meter-fleet';
import type { Ledger } from '../client/ledger';
import { planDay } from '../day/plan';
import { decideEvents } from './enrolment-steps';
import { requestSplit, signalSplit } from './order-delivery-steps';
import { fileDPrognosis } from './portfolio-steps';
import { PreparedStore } from './prepared-store';
import type { StepArguments } from './protocol';
import { participantIdOfLabel } from './registration-steps';
import { RoleContext, type RoleStep } from './role-context';

const plan = planDay('seed', { flexibility: true });
const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-portfolio-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const orderId = '01f1ex0rder000000000000000';
const programmeId = '01pr0gramme000000000000000';
const assetOf = (index: number): string => `0asset${index}`.padEnd(26, '0');
const LABELS = ['prosumer-00', 'prosumer-01', 'prosumer-02'];

/** A ledger with an order of the aggregator `north`, that keeps what it is sent; three prosumers are enrolled with an asset each. */
class FakeLedger {
  public readonly channel = 'community';
  public readonly sent: { readonly transaction: string; readonly request: JsonObject }[] = [];
  public states: readonly string[] = [];
  public called: readonly number[] = [];

  public evaluate(_contract: string, transaction: string, request: JsonObject): Promise<unknown> {
    const page = (rows: readonly unknown[]) => ({ rows, bookmark: null });
    const answers: Readonly<Record<string, () => unknown>> = {
      listProgrammes: () =>
        page([
          { programmeId, aggregatorId: idOf('north'), state: 'OPEN' },
          { programmeId: orderId, aggregatorId: idOf('south'), state: 'OPEN' },
          { programmeId: orderId, aggregatorId: idOf('north'), state: 'CLOSED' },
        ]),
      listEnrolments: () =>
        page(LABELS.map((label, index) => ({ participantId: idOf(label), assets: [{ assetId: assetOf(index) }] }))),
      listFlexEvents: () => page(this.states.map((state, index) => this.event(state, index))),
      getDisaggregation: () => ({ request: { state: 'ANSWERED' } }),
      getPositions: () =>
        page(
          request.participantId === idOf('prosumer-00')
            ? [{ firstSlot: plan.deliverySlot, intervalSlots: 4, boughtWh: 1_000n, soldWh: 3_000n }]
            : [],
        ),
    };
    return Promise.resolve(answers[transaction]?.());
  }

  public submit(_contract: string, transaction: string, request: JsonObject): Promise<unknown> {
    this.sent.push({ transaction, request });
    const plans = LABELS.map((_, index) => ({
      assetId: assetOf(index),
      calls: this.called.includes(index) ? [{}] : [],
    }));
    const events = [{ state: 'NOTIFIED' }];
    return Promise.resolve({ response: { source: 'oracle', plans, events }, transactionId: 'id', blockNumber: 1n });
  }

  private event(state: string, index: number): unknown {
    const isps = [{ slot: plan.deliverySlot, direction: 'increase', energyWh: 500n * BigInt(index + 1) }];
    return { participantId: idOf(LABELS[index] ?? ''), orderId, state, assets: [{ assetId: assetOf(index), isps }] };
  }
}

function context(ledger: FakeLedger): RoleContext {
  const prepared = new PreparedStore(mkdtempSync(path.join(folder, 'prepared-')));
  return new RoleContext({ plan, ledger: ledger as unknown as Ledger, prepared, fleet: {} as MeterFleet });
}

function idOf(label: string): string {
  return participantIdOfLabel({ plan } as RoleContext, label);
}

async function sentBy(step: RoleStep, stepArguments: StepArguments, ledger = new FakeLedger()) {
  const answer = await step(context(ledger), { aggregator: 'north', orderId, revision: 1, ...stepArguments });
  return { answer, sent: ledger.sent };
}

describe('the app of an aggregator', () => {
  it('files what it expects, or the mean power of what its participants have traded in each hour', async () => {
    const quartersW = ['1000', '-2500', '0'];
    const { sent } = await sentBy(fileDPrognosis, { quartersW });
    expect(sent).toMatchObject([
      {
        transaction: 'fileDPrognosis',
        request: {
          congestionPointId: 'congestion-transformer',
          isps: [
            { startSlot: plan.deliverySlot - 4, importW: 1_000n, exportW: 0n },
            { importW: 0n, exportW: 2_500n },
            { importW: 0n, exportW: 0n },
          ],
        },
      },
    ]);
    const traded = await sentBy(fileDPrognosis, { owners: ['prosumer-00', 'prosumer-01'] });
    const isps = traded.sent[0]?.request.isps as readonly JsonObject[];
    expect(isps).toHaveLength(96);
    expect(isps.slice(3, 9).map(({ exportW }) => exportW)).toEqual([0n, 2_000n, 2_000n, 2_000n, 2_000n, 0n]);
  });

  it('has an order split without those who have opted out or failed', async () => {
    const ledger = new FakeLedger();
    ledger.states = ['OPTED_OUT', 'FAILED', 'ACKNOWLEDGED'];
    const { answer, sent } = await sentBy(requestSplit, { answerBySlot: plan.deliverySlot }, ledger);
    expect(answer).toEqual({ isAnswered: true });
    const excludedIds = ['prosumer-00', 'prosumer-01'].map(idOf);
    expect(sent).toMatchObject([
      { transaction: 'requestDisaggregation', request: { programmeIds: [programmeId], excludedIds } },
    ]);
  });

  it('signals those whom a plan calls, and cancels the events of those whom it calls no more', async () => {
    const ledger = new FakeLedger();
    ledger.states = ['OPTED_OUT', 'ACKNOWLEDGED', 'ACKNOWLEDGED'];
    ledger.called = [2];
    const { answer, sent } = await sentBy(signalSplit, { noticeSlot: plan.deliverySlot }, ledger);
    expect(answer).toEqual({ source: 'oracle', states: ['NOTIFIED'] });
    expect(sent).toMatchObject([
      { transaction: 'planDisaggregation' },
      { transaction: 'cancelEvents', request: { participantIds: [idOf('prosumer-01')], reason: 'REPLANNED' } },
      { transaction: 'signalEvents', request: { programmeId, participantIds: [idOf('prosumer-02')] } },
    ]);
  });
});

describe('the agents of prosumers', () => {
  it('opt out where they are asked for too much, and opt in only to the last plan', async () => {
    const ledger = new FakeLedger();
    ledger.states = ['ACKNOWLEDGED', 'ACKNOWLEDGED', 'CANCELLED'];
    const mostWh = { 'prosumer-01': '900', 'prosumer-02': '900' };
    const first = await sentBy(decideEvents, { mostWh, isLast: false }, ledger);
    expect(first.answer).toEqual(['prosumer-01']);
    expect(first.sent).toMatchObject([{ transaction: 'optOut', request: { reason: 'DECLINED' } }]);
    ledger.states = ['ACKNOWLEDGED', 'OPTED_OUT', 'CANCELLED'];
    const last = await sentBy(decideEvents, { mostWh, isLast: true }, ledger);
    expect(last.sent.at(-1)).toMatchObject({ transaction: 'optIn', request: { participantId: idOf('prosumer-00') } });
  });
});
