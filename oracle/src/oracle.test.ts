import { answerChunks, forecastMean, slot, type Fact, type RequestId, type Series } from '@flexledger/domain';
import type { FactsEvent } from '@flexledger/gateway-app';
import { Oracle } from './oracle';
import { ServiceCatalogue, type ClearingService, type ComputationService } from './service';
import { forecastDayAhead } from './services/forecast-day-ahead';
import { flatHistory, MemoryOracleLedger, testId } from './testing/memory-oracle-ledger';

const REQUEST = testId(1);

/** Every meter in a chunk of its own. */
function oneByOne(series: readonly Series[]): readonly (readonly Series[])[] {
  return series.map((one) => [one]);
}

function oracleOn(
  ledger: MemoryOracleLedger,
  services: readonly ComputationService[] = [forecastDayAhead],
  cut: typeof answerChunks = answerChunks,
) {
  const lines: { readonly fields: object; readonly message: string }[] = [];
  const write = (fields: object, message: string): void => void lines.push({ fields, message });
  const oracle = new Oracle({
    ledger,
    services: new ServiceCatalogue(services),
    log: { info: write, warn: write, error: write },
    pause: () => Promise.resolve(),
    cut,
  });
  return { oracle, lines };
}

async function* events(...facts: readonly Fact[]): AsyncGenerator<FactsEvent> {
  for (const fact of facts) {
    await Promise.resolve();
    yield {
      blockNumber: 1n,
      transactionId: 'tx',
      contract: 'oracle',
      transaction: 'requestComputation',
      commandId: testId(9) as string as FactsEvent['commandId'],
      ruleSet: 1,
      facts: [fact],
    };
  }
}

function requested(requestId: RequestId): Fact {
  return { type: 'ComputationRequested', requestId };
}

describe('an oracle', () => {
  test('answers a request that it hears of, with what the rule gives', async () => {
    const ledger = new MemoryOracleLedger();
    const history = [flatHistory(1, 30n), flatHistory(2, 7n)];
    const request = ledger.request(REQUEST, history);
    const { oracle } = oracleOn(ledger);
    await oracle.follow(events(requested(REQUEST)));
    expect(ledger.stateOf(REQUEST)).toBe('ANSWERED');
    expect(ledger.answersTo(REQUEST)).toEqual([forecastMean(history, request)]);
    expect(ledger.answersTo(REQUEST)[0]?.[0]?.importWh.p50[0]).toBe(120n);
    expect(oracle.counters).toEqual({ answered: 1, refused: 0, expired: 0 });
  });

  test('finds what was asked before it started, and does not answer twice what it also hears of', async () => {
    const ledger = new MemoryOracleLedger();
    ledger.request(REQUEST, [flatHistory(1, 30n)]);
    const { oracle } = oracleOn(ledger);
    await oracle.catchUp();
    await oracle.follow(events(requested(REQUEST), requested(REQUEST)));
    expect(ledger.effects).toBe(1);
    expect(ledger.answersTo(REQUEST).length).toBe(1);
  });

  test('sends a large answer in chunks under one digest', async () => {
    const ledger = new MemoryOracleLedger();
    const history = [flatHistory(1, 30n), flatHistory(2, 7n), flatHistory(3, 5n)];
    const request = ledger.request(REQUEST, history);
    await oracleOn(ledger, [forecastDayAhead], oneByOne).oracle.catchUp();
    expect(ledger.effects).toBe(3);
    expect(ledger.answersTo(REQUEST)).toEqual([forecastMean(history, request)]);
  });

  test('waits for a ledger that does not answer', async () => {
    const ledger = new MemoryOracleLedger();
    ledger.request(REQUEST, [flatHistory(1, 30n)]);
    ledger.unavailableCalls = 3;
    const { oracle, lines } = oracleOn(ledger);
    await oracle.follow(events(requested(REQUEST)));
    expect(ledger.stateOf(REQUEST)).toBe('ANSWERED');
    expect(lines.filter(({ message }) => message === 'will be tried again').length).toBe(3);
  });
});

describe('a request that cannot be answered', () => {
  test.each([
    ['names a service that is not offered', [], 'ORACLE_SERVICE_NOT_OFFERED'],
    [
      'makes the service fail',
      [
        {
          ...forecastDayAhead,
          run: () => {
            throw new Error('no solution');
          },
        },
      ],
      'ORACLE_SERVICE_FAILED',
    ],
    [
      'gets an answer of the wrong shape',
      [{ ...forecastDayAhead, run: () => ({ model: 'none', series: [] }) }],
      'ORACLE_ANSWER_SHAPE',
    ],
  ] as const)(
    'because it %s is refused, recorded and expired, and the next one is answered',
    async (_, services, code) => {
      const ledger = new MemoryOracleLedger();
      ledger.request(REQUEST, [flatHistory(1, 30n)]);
      const { oracle, lines } = oracleOn(ledger, services);
      await oracle.catchUp();
      expect(lines.map(({ fields }) => ('code' in fields ? fields.code : ''))).toContain(code);
      expect(oracle.counters.refused).toBe(1);
      expect(ledger.refusalOf(REQUEST)).toBe(code);
      ledger.nowSlot = 990;
      await oracle.follow(events({ type: 'ClockTicked', fromSlot: 980, toSlot: 989 }));
      expect(ledger.stateOf(REQUEST)).toBe('OPEN');
      await oracle.follow(events({ type: 'ClockTicked', fromSlot: 990, toSlot: 990 }));
      expect(ledger.stateOf(REQUEST)).toBe('EXPIRED');
      expect(oracle.counters.expired).toBe(1);
    },
  );

  test('because its readings differ from what was frozen is refused', async () => {
    const ledger = new MemoryOracleLedger();
    ledger.request(REQUEST, [flatHistory(1, 30n)], { dataDigest: 'A'.repeat(43) });
    const { oracle, lines } = oracleOn(ledger);
    await oracle.catchUp();
    expect(ledger.answersTo(REQUEST)).toEqual([]);
    expect(ledger.refusalOf(REQUEST)).toBe('ORACLE_INPUTS_DIFFER');
    expect(lines.map(({ fields }) => ('code' in fields ? fields.code : ''))).toContain('ORACLE_INPUTS_DIFFER');
  });

  test('expires at once where no other oracle is left, so that who has asked need not wait', async () => {
    const ledger = new MemoryOracleLedger();
    ledger.oracles = ['DsoMSP'];
    ledger.request(REQUEST, [flatHistory(1, 30n)]);
    const { oracle } = oracleOn(ledger, []);
    await oracle.catchUp();
    expect(ledger.stateOf(REQUEST)).toBe('EXPIRED');
    expect(oracle.counters).toEqual({ answered: 0, refused: 1, expired: 1 });
  });

  test('expires with its time where it was answered here, and not as often as it needs', async () => {
    const ledger = new MemoryOracleLedger();
    ledger.request(REQUEST, [flatHistory(1, 30n)], { answersNeeded: 2 });
    const { oracle } = oracleOn(ledger);
    await oracle.catchUp();
    expect(ledger.stateOf(REQUEST)).toBe('OPEN');
    ledger.nowSlot = 990;
    await oracle.follow(events({ type: 'ClockTicked', fromSlot: 990, toSlot: 990 }));
    expect(ledger.stateOf(REQUEST)).toBe('EXPIRED');
  });

  test('does not hold up requests of other kinds, however long its service takes', async () => {
    const ledger = new MemoryOracleLedger();
    ledger.request(REQUEST, [flatHistory(1, 30n)]);
    let release = (): void => undefined;
    const slow = {
      ...forecastDayAhead,
      run: () => new Promise<never>((_, reject) => (release = () => reject(new Error('late')))),
    };
    const session = 's'.repeat(26);
    const clearings = {
      ledger: {
        mspId: 'DsoMSP',
        getClearingRequest: () => Promise.resolve(undefined),
        openClearingRequests: () => Promise.resolve([]),
        sessionInputs: () => Promise.reject(new Error('nobody asks')),
        answerClearing: () => Promise.resolve(),
      },
      services: new ServiceCatalogue<ClearingService>([]),
    };
    const lines: string[] = [];
    const write = (fields: object, message: string): void => {
      lines.push(message);
      if ('sessionId' in fields) release();
    };
    const oracle = new Oracle({
      ledger,
      clearings,
      services: new ServiceCatalogue([slow]),
      log: { info: write, warn: write, error: write },
      pause: () => Promise.resolve(),
    });
    await oracle.follow(events(requested(REQUEST), { type: 'ClearingRequested', sessionId: session }));
    expect(lines).toEqual(['nothing to do: the request is closed', 'refused: the request is left to others']);
  });

  test('does not keep the process from going on when it is unknown, or closed in the meantime', async () => {
    const ledger = new MemoryOracleLedger();
    ledger.request(testId(2), [flatHistory(1, 30n)]);
    ledger.request(testId(3), [flatHistory(1, 30n)], { state: 'EXPIRED' });
    ledger.request(testId(4), [flatHistory(1, 30n)], { expirySlot: slot(5) });
    ledger.nowSlot = 6;
    const { oracle } = oracleOn(ledger);
    await oracle.follow(events(...[8, 3, 4, 2].map((number) => requested(testId(number)))));
    expect([2, 3, 4].map((number) => ledger.stateOf(testId(number)))).toEqual(['ANSWERED', 'EXPIRED', 'EXPIRED']);
  });
});

test('a catalogue refuses two services of the same name and version', () => {
  expect(() => new ServiceCatalogue([forecastDayAhead, forecastDayAhead])).toThrow(RangeError);
});
