import {
  foldPostingSets,
  participantAccount,
  postingSetCodec,
  rowCodec,
  sum,
  type JsonObject,
} from '@flexledger/domain';
import { callers, type Signer } from '../../testing/actors';
import { eventSlots, usualWh } from '../../testing/event-scene';
import { MarketEventScene, missingWh, transferPriceMicroPerKwh } from '../../testing/market-event-scene';

const { firstSlot } = eventSlots;

const amount = (value: unknown): bigint => BigInt(String(value));

async function linesOf(made: MarketEventScene, signer: Signer): Promise<readonly JsonObject[]> {
  const { lines } = await made.statementOf(signer);
  return lines as JsonObject[];
}

async function deliveriesOf({ scene }: MarketEventScene, { participantId }: Signer): Promise<readonly JsonObject[]> {
  const asked = { participantId, gridId: 'rural-1', fromSlot: firstSlot, slots: 4 };
  const { slots } = await scene.made.ledger.evaluate(callers.community, 'accounts:getDelivery', asked);
  return slots as JsonObject[];
}

describe('an hour that is traded and called at once', () => {
  it('waits for what was delivered of flexibility', async () => {
    const made = await MarketEventScene.create();
    expect(await made.scene.code(() => made.settle('early'))).toBe('ACCOUNTS_FLEXIBILITY_OPEN');
    const [[signer] = []] = [...made.called];
    // Nothing is tracked: what was not taken looks like a surplus.
    const calledWh = made.called.get(signer!)!;
    expect((await deliveriesOf(made, signer!))[0]).toMatchObject({ longWh: String(calledWh - missingWh) });
    await made.track();
    await made.settle();
  });

  it('pays no kWh twice: what was delivered is neither sold as a surplus nor charged as missing', async () => {
    const made = await MarketEventScene.create();
    await made.track();
    await made.settle();
    expect([...made.called.values()].every((calledWh) => calledWh > missingWh)).toBe(true);
    const settlement = await made.settleOrder();
    for (const [signer, calledWh] of made.called) {
      const deliveredWh = calledWh - missingWh;
      const lines = await linesOf(made, signer);
      expect(lines).toHaveLength(4);
      for (const { inputs, line, slot } of lines as { inputs: string[]; line: JsonObject; slot: number }[]) {
        const { orderId } = made.scene;
        expect(line).toMatchObject({
          status: 'OK',
          boughtWh: usualWh.toString(),
          importWh: (usualWh - deliveredWh).toString(),
          flexibility: [{ orderId, direction: 'reduce', deliveredWh: deliveredWh.toString() }],
          shortWh: '0',
          longWh: '0',
        });
        expect(inputs).toContain(`performance/${orderId}/0${slot}/${signer.participantId}`);
      }
      const own = (settlement.prosumers as JsonObject[]).find((one) => one.participantId === signer.participantId);
      // Once, at the transfer price, and never as long energy.
      expect(amount(own?.transferReceivedMicro)).toBe((4n * deliveredWh * transferPriceMicroPerKwh) / 1_000n);
      expect(amount(own?.countedWh)).toBe(4n * deliveredWh);
      const { flexibility = null } = lines[0]?.line as JsonObject;
      const deliveries = await deliveriesOf(made, signer);
      expect(deliveries).toMatchObject([{ longWh: '0', shortWh: '0', flexibility: flexibility }, {}, {}, {}]);
    }
  });

  it('explains itself in the statement, with the transfer price', async () => {
    const made = await MarketEventScene.create();
    await made.track();
    await made.settle();
    const [[signer] = []] = [...made.called];
    const { rule } = await made.statementOf(signer!);
    expect((rule as string[]).join(' ')).toContain(`so transferred costs ${transferPriceMicroPerKwh} per kWh`);
    expect((rule as string[]).every((sentence) => sentence.length <= 200)).toBe(true);
  });

  it('leaves the books balanced, and everybody what the rule says and no more', async () => {
    const made = await MarketEventScene.create();
    await made.track();
    await made.settle();
    await made.settleOrder();
    const rows = made.scene.made.ledger.history.flat().filter(({ key }) => key.startsWith('\u0000posting\u0000'));
    const sets = rows.map(({ value }) =>
      rowCodec(postingSetCodec).decode(JSON.parse(Buffer.from(value).toString('utf8')) as JsonObject),
    );
    const { balances, issuedMicro, violations } = foldPostingSets(sets);
    expect(violations).toEqual([]);
    expect(sum([...balances.values()])).toBe(issuedMicro);
    const { bob } = made.scene.made;
    const deviations = sets
      .flatMap(({ entries }) => entries)
      .filter(({ account, reason }) => reason === 'deviation' && account === participantAccount(bob.participantId));
    expect(deviations).toEqual([]);
  });
});
