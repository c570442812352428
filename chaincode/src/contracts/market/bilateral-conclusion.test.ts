import type { JsonObject } from '@flexledger/domain';
import { callers, command, idOf, MeterAgent, registerMeters } from '../../testing/actors';
import {
  anchor,
  bookedScene,
  concludedContract,
  contractSlots,
  openContractSession,
  promised,
  refusedAcceptance,
  violations,
} from '../../testing/contract-scene';
import { contentOf, scene, type MarketScene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { dso, market } = callers;

describe('an acceptance', () => {
  const accept = (made: MarketScene, changes: JsonObject, label = 'accept') =>
    concludedContract(made, changes, [made.cyd, made.ann], label);
  const refused = (made: MarketScene, changes: JsonObject, label = 'refused') =>
    refusedAcceptance(made, changes, [made.cyd, made.ann], label);

  it('takes the money of the whole at once, or nothing happens', async () => {
    const made = await bookedScene();
    const dear = { priceMicroPerKwh: '4000000', energyWh: ['30000'], intervals: 2 };
    expect(await refused(made, dear)).toBe('ACCOUNTS_BALANCE_TOO_LOW');
    expect(made.ledger.rows('commitment-day').size + made.ledger.rows('contract-flow').size).toBe(0);
  });

  it('promises nothing twice: neither by contracts, nor beside sealed orders, on either side (B33)', async () => {
    const made = await bookedScene();
    await accept(made, { energyWh: ['20000'] });
    const more = { buyerParticipantId: made.bob.participantId, energyWh: ['10001'] };
    expect(await refusedAcceptance(made, more, [made.cyd, made.bob], 'again')).toBe('COMMITMENTS_CAPACITY');
    const bought = { sellerParticipantId: made.bob.participantId, energyWh: ['10001'] };
    expect(await refusedAcceptance(made, bought, [made.bob, made.ann], 'twice')).toBe('COMMITMENTS_CAPACITY');
    await made.place(made.bob, [contentOf('bob', ['sell', 0, 20_000n, 100_000n])]);
    await anchor(made, scene.sessionId, [made.ann]);
    const sealed = { sellerParticipantId: made.bob.participantId, energyWh: ['10001'], firstSlot: scene.sessionSlot };
    expect(await refusedAcceptance(made, sealed, [made.bob, made.ann], 'beside')).toBe('COMMITMENTS_CAPACITY');
    const fitting = { ...sealed, energyWh: ['10000'] };
    await expect(concludedContract(made, fitting, [made.bob, made.ann], 'fits')).resolves.toBeDefined();
    await registerSecondGrid(made, '90000');
    const sessionId = await openContractSession(made, 'rural-2');
    const order = contentOf('cyd', ['sell', 0, 10_001n, 100_000n]);
    const attempt = () => made.placeIn(sessionId, made.cyd, [order]);
    expect(await codeOf(made.ledger, attempt)).toBe('COMMITMENTS_CAPACITY');
  });

  it('is for those who have locked a reserve for their deviation in the day-ahead session of every slot', async () => {
    const made = await bookedScene();
    const later = { firstSlot: contractSlots.firstSlot + 4 };
    expect(await refused(made, later)).toBe('MARKET_NOT_IN_DAY_AHEAD');
    await expect(accept(made, { ...later, intervals: 1 })).resolves.toBeDefined();
  });

  it('keeps the limits of the grid, both ways for themselves', async () => {
    const made = await bookedScene();
    await registerSecondGrid(made, '20000');
    const { bob, supplier } = made;
    await anchor(made, await openContractSession(made, 'rural-2'), [bob, supplier]);
    const away = { gridId: 'rural-2', sellerBus: 'bus-0', sellerParticipantId: supplier.participantId };
    const from = { ...away, buyerParticipantId: bob.participantId };
    const buys = (energyWh: string) => ({ ...from, energyWh: [energyWh] });
    const parties = [supplier, bob] as const;
    expect(await refusedAcceptance(made, buys('20001'), parties, 'too much')).toBe('CONTRACT_GRID_LIMIT');
    await concludedContract(made, buys('15000'), parties, 'most');
    expect(await refusedAcceptance(made, buys('5001'), parties, 'rest')).toBe('CONTRACT_GRID_LIMIT');
    await concludedContract(made, buys('5000'), parties, 'rest that fits');
    const sells = (energyWh: string) => ({
      gridId: 'rural-2',
      sellerParticipantId: bob.participantId,
      buyerParticipantId: supplier.participantId,
      buyerBus: 'bus-0',
      energyWh: [energyWh],
    });
    expect(await refusedAcceptance(made, sells('20001'), [bob, supplier], 'back')).toBe('CONTRACT_GRID_LIMIT');
    await expect(concludedContract(made, sells('20000'), [bob, supplier], 'back fits')).resolves.toBeDefined();
    expect(violations(made)).toEqual([]);
  });

  it('keeps the voltage bands of the grid, of which what flows the other way frees nothing', async () => {
    const made = await bookedScene();
    // 0.2 ohm to the house: 410 V from 400 V is 20,250 W, 390 V is 19,750 W; whole Wh of a quarter hour: 5,062 and 4,937.
    const band = { busId: 'bus-2', minimumMillivolt: 390_000, maximumMillivolt: 410_000 };
    const voltages = { slackMillivolt: 400_000, buses: [band] };
    await registerSecondGrid(made, '90000', { resistanceMicroOhm: 200_000 }, { voltages });
    const { bob, supplier } = made;
    await anchor(made, await openContractSession(made, 'rural-2'), [bob, supplier]);
    const [up, down] = [
      { gridId: 'rural-2', buyerBus: 'bus-0', buyerParticipantId: supplier.participantId },
      { gridId: 'rural-2', sellerBus: 'bus-0', sellerParticipantId: supplier.participantId },
    ];
    const sells = (energyWh: string) => ({ ...up, sellerParticipantId: bob.participantId, energyWh: [energyWh] });
    const buys = (energyWh: string) => ({ ...down, buyerParticipantId: bob.participantId, energyWh: [energyWh] });
    expect(await refusedAcceptance(made, sells('20249'), [bob, supplier], 'too high')).toBe('CONTRACT_GRID_LIMIT');
    await concludedContract(made, sells('15000'), [bob, supplier], 'up');
    await concludedContract(made, sells('5248'), [bob, supplier], 'up to the band');
    expect(await refusedAcceptance(made, sells('4'), [bob, supplier], 'one more')).toBe('CONTRACT_GRID_LIMIT');
    expect(await refusedAcceptance(made, buys('19749'), [supplier, bob], 'too low')).toBe('CONTRACT_GRID_LIMIT');
    await expect(concludedContract(made, buys('19748'), [supplier, bob], 'down')).resolves.toBeDefined();
    expect(violations(made)).toEqual([]);
  });

  it('waits while a session of its hours is between gate and clearing', async () => {
    const made = await bookedScene({ gridLimits: 'tree' });
    await anchor(made, scene.sessionId, [made.ann, made.cyd]);
    const meets = { firstSlot: scene.sessionSlot, energyWh: ['100'] };
    await accept(made, meets, 'before the gate');
    await made.tickTo(scene.gateCloseSlot);
    expect(await refused(made, meets, 'at the gate')).toBe('CONTRACT_SESSION_PENDING');
    await expect(accept(made, {}, 'other hours')).resolves.toBeDefined();
    await made.step('closeSession');
    expect(await refused(made, meets, 'closed')).toBe('CONTRACT_SESSION_PENDING');
    await made.tickTo(scene.publishDeadlineSlot);
    const expirySlot = scene.publishDeadlineSlot + 1;
    await made.step('requestClearing', { expirySlot });
    await made.tickTo(expirySlot);
    await made.step('clear');
    await expect(accept(made, meets, 'cleared')).resolves.toBeDefined();
  });
});

describe('an acceptance beside an intraday session', () => {
  it('waits too, also where the session began long before the slot that both have', async () => {
    const products = [
      { kind: 'day-ahead', intervalSlots: 4, intervalsMax: 25 },
      { kind: 'intraday', intervalSlots: 2, intervalsMax: 8 },
    ];
    const made = await bookedScene({ gridLimits: 'tree', products });
    const firstSlot = contractSlots.firstSlot - 14;
    await made.openSession({ kind: 'intraday', sessionId: idOf('intraday'), firstSlot, intervals: 8 });
    await concludedContract(made, { energyWh: ['100'] }, [made.cyd, made.ann], 'before the gate');
    await made.tickTo(scene.gateCloseSlot);
    const refused = await refusedAcceptance(made, { energyWh: ['100'] }, [made.cyd, made.ann], 'at the gate');
    expect(refused).toBe('CONTRACT_SESSION_PENDING');
    const later = { energyWh: ['100'], firstSlot: contractSlots.firstSlot + 4, intervals: 1 };
    await expect(concludedContract(made, later, [made.cyd, made.ann], 'later')).resolves.toBeDefined();
  });
});

describe('a promise of a higher class', () => {
  const urgent = (made: MarketScene, changes: JsonObject) => ({
    buyerParticipantId: made.bob.participantId,
    energyWh: ['28000', '0'],
    priorityClass: 'need',
    ...changes,
  });

  it('displaces a lower one for its price: money back, compensation, facts, positions, book and grid', async () => {
    const made = await bookedScene();
    const { ann, bob, cyd, ledger } = made;
    const first = await concludedContract(made, { energyWh: ['20000', '9000'] }, [cyd, ann], 'first');
    const { contractId } = first.response;
    const [before, paid] = [await made.available(ann), await made.available(bob)];
    const outcome = await concludedContract(made, urgent(made, { preemptionMicroMax: '400000' }), [cyd, bob], 'urgent');
    // 20,000 Wh at 0.2 EUR/kWh are 4 EUR: the compensation is 10 % of it, and the fee comes back as well.
    expect(outcome.event?.facts).toEqual([
      {
        type: 'ContractDisplaced',
        contractId,
        byContractId: outcome.response.contractId,
        firstSlots: [contractSlots.firstSlot],
        compensationMicro: '400000',
      },
      expect.objectContaining({ type: 'ContractAccepted' }),
    ]);
    expect(paid - (await made.available(bob))).toBe(5_600_000n + 56_000n + 400_000n);
    const source = { kind: 'contract', contractId: outcome.response.contractId };
    const fold = { commandId: command('fold'), participantId: ann.participantId, sources: [source] };
    await ledger.submit(market, 'accounts:foldBalance', fold as JsonObject);
    expect((await made.available(ann)) - before).toBe(4_000_000n + 40_000n + 400_000n);
    expect(await promised(made, cyd)).toMatchObject([{ powersW: ['0', '9000'] }, { powersW: ['28000', '0'] }]);
    expect(await promised(made, ann)).toMatchObject([{ powersW: ['0', '9000'] }]);
    const { rows } = await ledger.evaluate(market, 'market:getPositions', { participantId: ann.participantId });
    expect(rows).toMatchObject([{ boughtWh: '0', buyMicro: '0' }, { boughtWh: '9000' }]);
    expect(await ledger.evaluate(market, 'market:getContract', { contractId: contractId ?? '' })).toMatchObject({
      contract: { state: 'ACCEPTED', displaced: [0] },
    });
    expect(violations(made)).toEqual([]);
  });

  it.each([
    ['COMMITMENTS_CAPACITY', {}],
    ['CONTRACT_PREEMPTION_TOO_DEAR', { preemptionMicroMax: '399999' }],
    ['COMMITMENTS_CAPACITY', { preemptionMicroMax: '400000', priorityClass: 'trade' }],
  ] as const)('does not displace for less, unasked, or from the same class: %s (%#)', async (code, changes) => {
    const made = await bookedScene();
    await concludedContract(made, { energyWh: ['20000', '9000'] }, [made.cyd, made.ann], 'first');
    expect(await refusedAcceptance(made, urgent(made, changes), [made.cyd, made.bob], 'urgent')).toBe(code);
  });
});

/** The example grid once more, with a line of another limit, and a meter of bob in it. */
async function registerSecondGrid(
  made: MarketScene,
  limitW: string,
  line: JsonObject = {},
  more: JsonObject = {},
): Promise<void> {
  const [grid] = [...made.ledger.rows('grid').values()] as JsonObject[];
  const { v: _format, lines, ...fields } = grid ?? {};
  const changed = (lines as JsonObject[]).map((each) => ({ ...each, ...line, limitW }));
  const request = { commandId: command('second grid'), ...fields, gridId: 'rural-2', lines: changed, ...more };
  await made.ledger.submit(dso, 'registry:registerGrid', request);
  await registerMeters(made.ledger, made.bob, [new MeterAgent('bob 2', { gridId: 'rural-2' })]);
}
