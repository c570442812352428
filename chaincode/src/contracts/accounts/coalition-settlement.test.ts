import {
  exampleVppRules,
  foldPostingSets,
  postingSetCodec,
  rowCodec,
  sum,
  type JsonObject,
  type SessionId,
} from '@flexledger/domain';
import { callers, idOf, Signer } from '../../testing/actors';
import { CoalitionScene, coalitionSlots } from '../../testing/coalition-scene';
import { contentOf } from '../../testing/market-scene';
import { hourStatement, registerSupplier, settleHour, tradeHour } from '../../testing/trade-hour';

const { firstSlot } = coalitionSlots;
const [one, two] = [firstSlot + 1, firstSlot + 2];
const hour = { sessionId: idOf<SessionId>('hour of the coalition'), firstSlot, gateCloseSlot: firstSlot - 8 } as const;
const transferPriceMicroPerKwh = 250_000n;

/** What ann and bob have bought for each quarter hour, and what ann's heat pump usually takes. */
const annWh = 2_000n;
const bobWh = 100n;

/**
 * An hour that ann and bob have bought and in which their coalition is called for 8 kW in two quarter hours: bob's battery gives the 6 kW (1,500 Wh)
 * that are asked of it, ann's heat pump 1,600 Wh less 2,000 of the 500 Wh less that are asked, as in the design's example.
 */
class CoalitionHour {
  public coalitionId = '';
  private activationId = '';

  private constructor(public readonly scene: CoalitionScene) {}

  public static async create(
    annMeasured: Readonly<Record<number, bigint>> = {},
    annUntil = firstSlot + 3,
  ): Promise<CoalitionHour> {
    const made = new CoalitionHour(await CoalitionScene.create());
    await made.trade();
    await made.call();
    await made.measure(annMeasured, annUntil);
    return made;
  }

  public get people() {
    return this.scene.vpp.made;
  }

  public verify(at: number, label = 'once') {
    return this.scene.vpp.submit(
      callers.tso,
      'verifyDelivery',
      { coalitionId: this.coalitionId, slot: at },
      `${label} ${at}`,
    );
  }

  public settle(label = 'once') {
    return settleHour(this.scene.vpp.ledger, hour, label);
  }

  public code(attempt: () => Promise<unknown>): Promise<string> {
    return this.scene.vpp.code(attempt);
  }

  public statementOf(signer: Signer): Promise<JsonObject> {
    return hourStatement(this.scene.vpp.ledger, hour, signer);
  }

  /** Ends the measuring and pays the coalition. */
  public async pay(): Promise<JsonObject> {
    const { vpp } = this.scene;
    await vpp.submit(callers.tso, 'completeActivation', { activationId: this.activationId });
    await vpp.flex.tickTo(coalitionSlots.endSlot);
    await vpp.submit(callers.tso, 'verifyCoalition', { coalitionId: this.coalitionId });
    return this.remunerate();
  }

  public async remunerate(label = 'once'): Promise<JsonObject> {
    const { coalitionId, scene } = this;
    return (await scene.vpp.submit(callers.tso, 'remunerate', { coalitionId }, label)).response;
  }

  public async linesOf(signer: Signer): Promise<readonly JsonObject[]> {
    return ((await this.statementOf(signer)).lines as JsonObject[]).map(({ line }) => line as JsonObject);
  }

  public async recordAnn(until: number, others: Readonly<Record<number, bigint>> = {}): Promise<void> {
    const measured = Object.fromEntries(Object.entries(others).map(([at, energyWh]) => [at, [energyWh, 0n] as const]));
    await this.scene.measureTo(this.people.meters.ann, until, [annWh, 0n], measured);
  }

  private async trade(): Promise<void> {
    const { vpp } = this.scene;
    const supplier = new Signer();
    await registerSupplier(vpp.ledger, supplier);
    const vppRules = { ...exampleVppRules, transferPriceMicroPerKwh: transferPriceMicroPerKwh.toString() };
    await vpp.flex.changeRules({ vpp: vppRules, balancingParticipantId: supplier.participantId }, 4);
    this.coalitionId = await this.scene.accepted();
    const { ann, bob, cyd } = vpp.made;
    await tradeHour(vpp.flex, {
      ...hour,
      supplier,
      orders: [
        [ann, contentOf('ann', ['buy', 0, 4n * annWh, 400_000n])],
        [bob, contentOf('bob', ['buy', 0, 4n * bobWh, 400_000n])],
        [cyd, contentOf('cyd', ['sell', 0, 4n * (annWh + bobWh), 200_000n])],
        [supplier, contentOf('supplier', ['sell', 0, 1_000n, 320_000n])],
      ],
    });
  }

  private async call(): Promise<void> {
    const { battery, pump } = this.scene.vpp.assetIds;
    await this.scene.vpp.flex.tickTo(firstSlot);
    const { response } = await this.scene.activate(this.coalitionId, { powerW: '8000' });
    this.activationId = String(response.activationId);
    await this.scene.dispatch(this.activationId, { [battery]: '6000', [pump]: '2000' });
  }

  private async measure(annMeasured: Readonly<Record<number, bigint>>, annUntil: number): Promise<void> {
    const { meters } = this.people;
    const end = firstSlot + 3;
    await this.scene.vpp.flex.tickTo(firstSlot + 5);
    const given = [0n, 1_500n] as const;
    await this.scene.measureTo(meters.bob, end, [bobWh, 0n], { [one]: given, [two]: given });
    await this.scene.measureTo(meters.cyd, end, [0n, annWh + bobWh]);
    await this.recordAnn(annUntil, { [one]: 1_600n, [two]: 1_600n, ...annMeasured });
  }
}

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
