import { foldPostingSets, postingSetCodec, rowCodec, sum, type JsonObject } from '@flexledger/domain';
import { callers, type Signer } from '../../testing/actors';
import { CoalitionHour, coalitionHour } from '../../testing/coalition-hour';

const { firstSlot, one, transferPriceMicroPerKwh, two } = coalitionHour;

const lineOf = ({ lines }: JsonObject, { participantId }: Signer): JsonObject =>
  (lines as JsonObject[]).find((line) => line.participantId === participantId) ?? {};

/** The statement of a member names the coalition, its slices, the rule of sharing and its own part, each with the keys of what it follows from. */
async function explains(made: CoalitionHour, paid: JsonObject): Promise<void> {
  const { ann, cyd } = made.people;
  const { coalitionId } = made;
  const { coalitions, lines, rule } = await made.statementOf(ann);
  const explained = {
    version: 1,
    slices: paid.slices,
    rule: 'pro-rata',
    appliedRule: 'pro-rata',
    line: lineOf(paid, ann),
  };
  expect(coalitions).toMatchObject([
    {
      coalitionId,
      kind: 'mfrr',
      direction: 'up',
      state: 'SETTLED',
      remuneration: explained,
      inputs: [`coalition/${coalitionId}`, `vpp-remuneration/${coalitionId}/0001`],
      postingSets: [`posting/vpp.${coalitionId}.0001`],
    },
  ]);
  expect((lines as JsonObject[])[1]?.inputs).toContain(`pool-delivery/${coalitionId}/0${one}`);
  expect((rule as string[]).join(' ')).toContain(`so transferred costs ${transferPriceMicroPerKwh} per kWh`);
  expect((rule as string[]).every((sentence) => sentence.length <= 200)).toBe(true);
  expect((await made.statementOf(cyd)).coalitions).toEqual([]);
}

describe('an hour that is traded and in which a coalition is called', () => {
  it('waits until what was called is verified, and pays no kWh twice', async () => {
    const made = await CoalitionHour.create();
    const { ann, bob } = made.people;
    expect(await made.code(() => made.settle('early'))).toBe('ACCOUNTS_COALITION_OPEN');
    await made.verify(one);
    expect(await made.code(() => made.settle('half'))).toBe('ACCOUNTS_COALITION_OPEN');
    await made.verify(two);
    await made.settle();

    // Bought 2,000, baseline 2,000, asked 500 less, metered 1,600: 400 delivered, corrected position 1,600, no imbalance.
    const { coalitionId } = made;
    const annLines = await made.linesOf(ann);
    expect(annLines[1]).toMatchObject({
      boughtWh: '2000',
      importWh: '1600',
      shortWh: '0',
      longWh: '0',
      coalitions: [{ coalitionId, slice: 0, direction: 'up', deliveredWh: '400' }],
    });
    expect(annLines[0]).toMatchObject({ importWh: '2000', shortWh: '0', longWh: '0' });
    expect(annLines[0]).not.toHaveProperty('coalitions');
    // Bob's battery gives 1,500 and moves 1,600 from its baseline; what was asked counts, and what it bought and did not take is left over.
    expect((await made.linesOf(bob))[2]).toMatchObject({
      exportWh: '1500',
      longWh: '100',
      shortWh: '0',
      coalitions: [{ coalitionId, direction: 'up', deliveredWh: '1500' }],
    });

    const paid = await made.pay();
    const transferred = (energyWh: bigint) => String((energyWh * transferPriceMicroPerKwh) / 1_000n);
    expect(lineOf(paid, ann).transferReceivedMicro).toBe(transferred(800n));
    expect(lineOf(paid, bob).transferReceivedMicro).toBe(transferred(3_000n));
    await explains(made, paid);
  });

  it('tells what was delivered in the delivery of a participant, as soon as it is verified', async () => {
    const made = await CoalitionHour.create();
    const { ann } = made.people;
    const asked = { participantId: ann.participantId, gridId: 'rural-1', fromSlot: one, slots: 1 };
    const delivery = async () => {
      const { slots } = await made.scene.vpp.ledger.evaluate(callers.community, 'accounts:getDelivery', asked);
      return (slots as JsonObject[])[0];
    };
    expect(await delivery()).toMatchObject({ longWh: '400' });
    await made.verify(one);
    expect(await delivery()).toMatchObject({ longWh: '0', coalitions: [{ deliveredWh: '400' }] });
  });

  it('transfers what a settled quarter hour was corrected by, though a later reading shows more', async () => {
    // Ann's meter has nothing of the two quarter hours when the first one is verified.
    const made = await CoalitionHour.create({}, firstSlot);
    const { ann } = made.people;
    await made.verify(one);
    await made.verify(two);
    // Now her readings come, before the hour is settled but after it was verified: she took 400 Wh less than she had bought.
    await made.recordAnn(firstSlot + 3, { [one]: 1_600n, [two]: 1_600n });
    await made.settle();
    const lines = await made.linesOf(ann);
    expect(lines[1]).toMatchObject({ status: 'OK', longWh: '400' });
    expect(lines[1]).not.toHaveProperty('coalitions');
    const first = await made.pay();
    expect(lineOf(first, ann)).toMatchObject({ deliveredWh: '0', transferReceivedMicro: '0' });
    // The late version pays for the service, and not for energy that was paid as a surplus.
    await made.verify(one, 'late');
    await made.verify(two, 'late');
    const second = await made.remunerate('late');
    expect(lineOf(second, ann)).toMatchObject({ deliveredWh: '800', transferReceivedMicro: '0' });
  });

  it('leaves what a later reading shows to the remuneration where the reading was missing when the hour was settled', async () => {
    const made = await CoalitionHour.create({}, firstSlot);
    const { ann } = made.people;
    await made.verify(one);
    await made.verify(two);
    await made.settle();
    expect((await made.linesOf(ann))[1]).toMatchObject({ status: 'MISSING', longWh: '0' });
    await made.recordAnn(firstSlot + 3, { [one]: 1_600n, [two]: 1_600n });
    await made.verify(one, 'late');
    await made.verify(two, 'late');
    const paid = await made.pay();
    expect(lineOf(paid, ann).transferReceivedMicro).toBe(String((800n * transferPriceMicroPerKwh) / 1_000n));
  });

  it('does not wait for ever: what nobody has verified by the deadline corrects nothing', async () => {
    const made = await CoalitionHour.create();
    const { ann } = made.people;
    await made.scene.vpp.flex.tickTo(firstSlot + 4 + 96);
    await made.settle();
    expect((await made.linesOf(ann))[1]).toMatchObject({ longWh: '400' });
    await made.verify(one);
    await made.verify(two);
    expect(lineOf(await made.pay(), ann)).toMatchObject({ deliveredWh: '800', transferReceivedMicro: '0' });
  });

  it('leaves the books balanced', async () => {
    const made = await CoalitionHour.create();
    await made.verify(one);
    await made.verify(two);
    await made.settle();
    await made.pay();
    const rows = made.scene.vpp.ledger.history.flat().filter(({ key }) => key.startsWith('\u0000posting\u0000'));
    const sets = rows.map(({ value }) =>
      rowCodec(postingSetCodec).decode(JSON.parse(Buffer.from(value).toString('utf8')) as JsonObject),
    );
    const { balances, issuedMicro, violations } = foldPostingSets(sets);
    expect(violations).toEqual([]);
    expect(sum([...balances.values()])).toBe(issuedMicro);
  });
});
