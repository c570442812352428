import {
  coalitionCaseCodec,
  coalitionDigest,
  coalitionPlanIdCodec,
  coalitionRequestCodec,
  decodeWhole,
  ppm,
  type CoalitionRequest,
  type JsonObject,
} from '@flexledger/domain';
import { Solver } from '@flexledger/solver';
import { answerCoalition, type CoalitionParts } from '../answer-coalition';
import { Oracle } from '../oracle';
import type { CoalitionAnswerRequest, CoalitionLedger } from '../ports';
import { ServiceCatalogue, type CoalitionService } from '../service';
import { MemoryCoalitionLedger } from '../testing/memory-coalition-ledger';
import { MemoryOracleLedger } from '../testing/memory-oracle-ledger';
import { coalition } from './coalition';

const solver = new Solver({ timeMsMax: 30_000, memoryBytesMax: 256 * 1_048_576 });
const searching = coalition(solver);
/** Every process finds the same answer, so that it is looked for once. */
let found: ReturnType<CoalitionService['run']> | undefined;
const service: CoalitionService = {
  ...searching,
  run: (input) => (found ??= searching.run(input)),
};
const services = new ServiceCatalogue([service]);
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

afterAll(() => solver.close());

const asset = (assetId: string, maxW: string, costMicroPerKwh: string): JsonObject => ({
  assetId,
  participantId: assetId,
  up: { minW: '0', maxW, costMicroPerKwh, keepMicroPerKwh: '1000', firmPpm: '900000' },
  activationSeconds: 30,
  runStepsMax: 2,
  restSteps: 0,
  startCostMicro: '0',
});

/** A bid of 1 kW that the battery alone is too small for; the car costs less than the boiler. */
const asked = decodeWhole(coalitionCaseCodec, {
  firstSlot: 1_000,
  stepSlots: 4,
  steps: 2,
  assets: [asset('battery', '800', '10000'), asset('boiler', '700', '90000'), asset('car', '700', '20000')],
  requests: [
    {
      requestId: 'mfrr',
      direction: 'up',
      firstStep: 0,
      sliceSteps: 1,
      slices: 2,
      activationSecondsMax: 300,
      minW: '1000',
      maxW: '2000',
      stepW: '1000',
      capacityPriceMicroPerKwh: '20000',
      energyPriceMicroPerKwh: '100000',
      activationPpm: '100000',
      marginPpm: '50000',
      holdPpm: '0',
      assetsMin: 1,
    },
  ],
  groups: [],
});
const planId = decodeWhole(coalitionPlanIdCodec, '01p1an0000000000000000000a');

function requestOf(changes: JsonObject = {}): CoalitionRequest {
  return decodeWhole(coalitionRequestCodec, {
    planId,
    service: 'coalition',
    version: '1',
    aggregatorId: '01part1c1pant0000000000000',
    requestIds: ['mfrr'],
    dataDigest: coalitionDigest(asked),
    gapPpmMax: '0',
    expirySlot: 996,
    state: 'OPEN',
    fallback: 'greedy',
    ...changes,
  });
}

const died = new Error('the process has died');

/** The same ledger for an oracle that dies at one of its calls, before or after the ledger has acted. */
function deadlyLedger(ledger: MemoryCoalitionLedger, death: number, when: 'before' | 'after'): CoalitionLedger {
  let calls = 0;
  const at = async <T>(run: () => Promise<T>): Promise<T> => {
    calls += 1;
    if (calls < death) return run();
    // Whoever is dead calls nobody: what comes after the call of its death fails too.
    if (calls === death && when === 'after') await run();
    throw died;
  };
  return {
    mspId: ledger.mspId,
    getCoalitionPlan: (id) => at(() => ledger.getCoalitionPlan(id)),
    openCoalitionRequests: () => at(() => ledger.openCoalitionRequests()),
    answerCoalition: (chunk) => at(() => ledger.answerCoalition(chunk)),
  };
}

/** An oracle of its own for one process; it deals with what is open, or ends at its death. */
function oracleOf(ledger: CoalitionLedger, parts: Partial<CoalitionParts> = {}): Oracle {
  return new Oracle({
    ledger: new MemoryOracleLedger(),
    services: new ServiceCatalogue([]),
    coalitions: { ledger, services, charactersMax: 1_000, ...parts },
    log: silent,
    pause: () => Promise.resolve(),
  });
}

describe('the service coalition', () => {
  it('sends an answer that the contract can prove, and the same one again', async () => {
    const ledger = new MemoryCoalitionLedger(asked, requestOf());
    const sent: CoalitionAnswerRequest[] = [];
    const keeping: CoalitionLedger = {
      mspId: ledger.mspId,
      getCoalitionPlan: (id) => ledger.getCoalitionPlan(id),
      openCoalitionRequests: () => ledger.openCoalitionRequests(),
      answerCoalition: async (chunk) => {
        sent.push(chunk);
        await ledger.answerCoalition(chunk);
      },
    };
    const parts = { ledger: keeping, services };
    expect(await answerCoalition(parts, silent, planId)).toMatchObject({ kind: 'answered', chunks: 1 });
    await answerCoalition(parts, silent, planId);
    expect(sent[1]).toEqual(sent[0]);
    expect(ledger.effects).toBe(1);
    const [answer] = ledger.answers;
    expect(answer?.boundNano).toBe(answer?.objectiveNano);
    // 1,050 firm W of two hours: 720 of the battery, the rest of the car.
    expect(answer?.assignments.map(({ assetId }) => assetId)).toEqual(['battery', 'car']);
    expect(answer?.served).toEqual([{ requestId: 'mfrr', slicesW: [1_000n, 1_000n] }]);
  });

  it('answers a request that it hears of', async () => {
    const ledger = new MemoryCoalitionLedger(asked, requestOf());
    const facts = [{ type: 'CoalitionRequested', planId }];
    async function* feed() {
      yield await Promise.resolve({ facts } as never);
    }
    await oracleOf(ledger).follow(feed());
    expect(ledger.request.state).toBe('ANSWERED');
  });

  it('leaves one proven answer after it has died at any call of the ledger and is back', async () => {
    const whole = new MemoryCoalitionLedger(asked, requestOf());
    await oracleOf(whole).catchUp();
    const chunks = whole.effects;
    expect(chunks).toBeGreaterThan(2);
    // It lists, reads, and sends the chunks.
    for (let death = 1; death <= 2 + chunks; death += 1) {
      for (const when of ['before', 'after'] as const) {
        const ledger = new MemoryCoalitionLedger(asked, requestOf());
        await oracleOf(deadlyLedger(ledger, death, when)).catchUp();
        const isDone = death === 2 + chunks && when === 'after';
        expect(ledger.request.state).toBe(isDone ? 'ANSWERED' : 'OPEN');
        await oracleOf(ledger).catchUp();
        expect({ death, when, state: ledger.request.state, effects: ledger.effects }).toEqual({
          death,
          when,
          state: 'ANSWERED',
          effects: chunks,
        });
        expect(ledger.answers).toEqual(whole.answers);
      }
    }
  }, 300_000);

  it('leaves a case that is not the frozen one, another version, and a request that is planned', async () => {
    const ledger = (changes: JsonObject): CoalitionLedger => {
      const memory = new MemoryCoalitionLedger(asked, requestOf());
      const request = requestOf({ dataDigest: memory.request.dataDigest, ...changes });
      return {
        mspId: memory.mspId,
        getCoalitionPlan: async () => Promise.resolve({ request, asked }),
        openCoalitionRequests: async () => Promise.resolve([request]),
        answerCoalition: (chunk) => memory.answerCoalition(chunk),
      };
    };
    const run = (changes: JsonObject, offered = services) =>
      answerCoalition({ ledger: ledger(changes), services: offered }, silent, planId);
    expect(await run({ dataDigest: coalitionDigest({ ...asked, steps: 3 }) })).toMatchObject({
      kind: 'refused',
      code: 'ORACLE_INPUTS_DIFFER',
    });
    expect(await run({ state: 'PLANNED' })).toEqual({ kind: 'closed', state: 'PLANNED' });
    const other = new ServiceCatalogue([{ ...service, version: '2' }]);
    expect(await run({}, other)).toMatchObject({ kind: 'refused', code: 'ORACLE_SERVICE_NOT_OFFERED' });
  });

  it('sends an answer that is not within the agreed gap to nobody', async () => {
    const late = coalition(solver, () => performance.now(), 0);
    const input = { asked, gapPpmMax: ppm(0n) };
    const worse = await late.run(input);
    expect(() => late.certificate(input, worse)).toThrow('ppm above the answer');
    const ledger = new MemoryCoalitionLedger(asked, requestOf());
    const parts = { ledger, services: new ServiceCatalogue([late]) };
    expect(await answerCoalition(parts, silent, planId)).toMatchObject({
      kind: 'refused',
      code: 'ORACLE_SERVICE_FAILED',
    });
    expect(ledger.effects).toBe(0);
  });
});
