import type { JsonObject } from '@flexledger/domain';
import { callers, command } from '../../testing/actors';
import { contentOf, scene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';
import { Street } from '../../testing/street-scene';

const setPoints = {
  triggerPpm: '950000',
  targetPpm: '800000',
  sharing: 'present-flow',
  importFloorW: '4200',
};
const curtailmentCompensation = { kind: 'fixed', priceMicroPerKwh: '100000' };
const measuredSlot = scene.sessionSlot - 2;

/** The same energy in some quarter hours. */
function steady(valueWh: bigint, quarters: number): readonly bigint[] {
  return Array.from({ length: quarters }, () => valueWh);
}

function money(street: Street, amountMicro: string, label = 'first') {
  const request = { commandId: command(`fund limits ${label}`), amountMicro, reference: 'Bank transfer' };
  return street.scene.ledger.submit(callers.market, 'accounts:fundCurtailment', request);
}

/**
 * Ann, bob and cyd give 30 kW each through a line of 90 kW. Ann has sold all of it for the first hour and bob a third; before that hour
 * begins the operator leaves each 24 kW for its four quarter hours. Ann and cyd obey, bob gives 26 kW.
 */
async function limitedHour(rules: JsonObject = {}, fundMicro = '90000000'): Promise<{ street: Street; limit: string }> {
  const street = await Street.create([7_500n, 7_500n, 7_500n], { setPoints, curtailmentCompensation, ...rules });
  const { scene: made } = street;
  const contents = [
    contentOf('ann', ['sell', 0, 30_000n, 100_000n]),
    contentOf('bob', ['sell', 0, 10_000n, 100_000n]),
    contentOf('cyd', ['sell', 1, 10n, 100_000n]),
    contentOf('supplier', ['buy', 0, 40_000n, 100_000n]),
  ] as const;
  await made.place(made.ann, [contents[0]]);
  await made.place(made.bob, [contents[1]]);
  await made.place(made.cyd, [contents[2]]);
  await made.place(made.supplier, [contents[3]], { collateralMicro: '5000000000' }, callers.market);
  await made.clearAll([...contents]);
  if (fundMicro !== '0') await money(street, fundMicro);
  await made.tickTo(scene.sessionSlot - 1);
  const agents = [made.meters.ann, made.meters.bob, made.meters.cyd] as const;
  for (const agent of agents) await made.measure(agent, steady(0n, 27), steady(7_500n, 27));
  await made.measure(street.feeder, steady(0n, 27), steady(22_500n, 27));
  const asked = street.asked(90_000n, { fromSlot: scene.sessionSlot, slots: 4, measuredSlot });
  const { limitationId } = await street.limit(asked);
  await made.tickTo(scene.sessionSlot + 4);
  for (const [index, given] of [6_000n, 6_500n, 6_000n].entries()) {
    await made.measure(agents[index]!, steady(0n, 5), [7_500n, ...steady(given, 4)]);
  }
  return { street, limit: String(limitationId) };
}

/** What the line of each participant says in the first settled slot. */
async function firstLines({ scene: made }: Street): Promise<readonly JsonObject[]> {
  const { rows } = await made.ledger.evaluate(callers.tso, 'accounts:listPostings', {});
  const sets = (rows as readonly JsonObject[]).filter(({ cause }) => (cause as JsonObject).kind === 'settlement');
  const lines = (sets[0]?.lines ?? []) as readonly JsonObject[];
  return [made.ann, made.bob, made.cyd].map(
    ({ participantId }) => lines.find((line) => line.participantId === participantId) ?? {},
  );
}

async function available({ scene: made }: Street): Promise<string> {
  const { availableMicro } = await made.ledger.evaluate(callers.tso, 'accounts:getCurtailmentFund', {});
  return String(availableMicro);
}

function release({ scene: made }: Street, limitationId: string, label = 'once') {
  const request = { commandId: command(`release ${label}`), limitationId };
  return made.ledger.submit(callers.dso, 'accounts:releaseCurtailment', request);
}

describe('settlement of a quarter hour with limits', () => {
  it('corrects the position of who had sold, and pays who had not, once for each kWh', async () => {
    const { street } = await limitedHour();
    await street.scene.settle();
    const [ann, bob, cyd] = await firstLines(street);
    expect(ann).toMatchObject({ soldWh: '7500', exportWh: '6000', shortWh: '0', shortMicro: '0' });
    expect(ann?.curtailments).toMatchObject([
      { possibleWh: '7500', limitWh: '6000', heldBackWh: '1500', correctedWh: '1500', compensationMicro: '0' },
    ]);
    expect(bob?.curtailments).toMatchObject([{ heldBackWh: '1000', correctedWh: '0', compensationMicro: '100000' }]);
    expect(cyd?.curtailments).toMatchObject([{ heldBackWh: '1500', correctedWh: '0', compensationMicro: '150000' }]);
  });

  it('pays the price of the session at the connection where the rule set says so, and feed-in where nothing was traded', async () => {
    const { street } = await limitedHour({ curtailmentCompensation: { kind: 'session' } });
    await street.scene.settle();
    const [, bob] = await firstLines(street);
    expect(bob?.curtailments).toMatchObject([{ priceMicroPerKwh: '100000', compensationMicro: '100000' }]);
  });

  it('tells delivery by the same rule before anything is settled', async () => {
    const { street } = await limitedHour();
    const { ann, ledger } = street.scene;
    const asked = { participantId: ann.participantId, gridId: 'rural-1', fromSlot: scene.sessionSlot, slots: 1 };
    const { slots } = await ledger.evaluate(callers.tso, 'accounts:getDelivery', asked);
    expect(slots).toMatchObject([{ heldBackWh: '1500', shortWh: '0', deliveredWh: '7500' }]);
  });

  it('pays nothing where the rule set does not say so, and deviations stay with their participants', async () => {
    const street = await Street.create([7_500n, 7_500n, 7_500n], { setPoints });
    const limitation = await street.limit(street.asked(90_000n));
    expect(limitation).not.toHaveProperty('coveredMicro');
    expect(await available(street)).toBe('0');
  });
});

describe('the fund of the system operator', () => {
  it('is set aside with the limits, and what is not needed is free again once all is settled', async () => {
    const { limit, street } = await limitedHour();
    // Three times 1.5 kWh at 0.35 in four quarter hours.
    expect(await available(street)).toBe('83700000');
    expect(await codeOf(street.scene.ledger, () => release(street, limit, 'early'))).toBe('ACCOUNTS_LIMITATION_OPEN');
    await street.scene.settle();
    // Four times 0.525 for what ann had sold, 0.10 and 0.15 for what bob and cyd had not.
    const { response } = await release(street, limit);
    expect(response).toMatchObject({ coveredMicro: '6300000', releasedMicro: '3200000' });
    expect(await available(street)).toBe('86900000');
    await release(street, limit, 'again');
    expect(await available(street)).toBe('86900000');
    const unknown = () => release(street, command('never'), 'unknown');
    expect(await codeOf(street.scene.ledger, unknown)).toBe('MARKET_LIMITATION_UNKNOWN');
  });

  it('does not keep connections from being limited where it is empty; what is not covered is said', async () => {
    const { street } = await limitedHour({}, '0');
    await street.scene.settle();
    const [ann, , cyd] = await firstLines(street);
    expect(ann).toMatchObject({ shortWh: '0', shortMicro: '0' });
    expect(ann?.curtailments).toMatchObject([{ takeoverCostMicro: '0', uncoveredMicro: '525000' }]);
    expect(cyd?.curtailments).toMatchObject([{ compensationMicro: '0', uncoveredMicro: '150000' }]);
  });

  it('takes only amounts above zero', async () => {
    const street = await Street.create([7_500n], { setPoints, curtailmentCompensation });
    expect(await codeOf(street.scene.ledger, () => money(street, '0'))).toBe('ACCOUNTS_AMOUNT_ZERO');
  });
});

describe('a statement over limited quarter hours', () => {
  it('says what was held back and what was paid for it, and by which rule', async () => {
    const { street } = await limitedHour();
    const { cyd, ledger } = street.scene;
    await street.scene.settle();
    await street.scene.tickTo(scene.endSlot);
    for (const agent of Object.values(street.scene.meters)) {
      await street.scene.measure(agent, steady(0n, 4), steady(7_500n, 4));
    }
    await street.scene.settle({ fromSlot: scene.sessionSlot + 4 });
    const period = { sessionId: scene.sessionId, run: 1 };
    const issue = {
      commandId: command('statements'),
      ...period,
      firstSlot: scene.sessionSlot,
      slots: scene.slots,
      participantIds: [cyd.participantId],
    };
    await ledger.submit(callers.market, 'accounts:statement', issue);
    const asked = { ...period, participantId: cyd.participantId };
    const { rule, statement } = await ledger.evaluate(callers.tso, 'accounts:getStatement', asked);
    expect((statement as JsonObject).totals).toMatchObject({ heldBackWh: '6000', compensationMicro: '600000' });
    expect(rule).toContain(
      'Held back export that was not sold, and held back import that was bought, is paid 100000 per kWh, rounded down.',
    );
  });
});
