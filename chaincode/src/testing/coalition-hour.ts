import { exampleVppRules, type JsonObject, type SessionId } from '@flexledger/domain';
import { callers, idOf, Signer } from './actors';
import { CoalitionScene, coalitionSlots } from './coalition-scene';
import { contentOf } from './market-scene';
import type { CallOutcome } from './memory-ledger';
import { hourStatement, registerSupplier, settleHour, tradeHour } from './trade-hour';

const { firstSlot } = coalitionSlots;
const [one, two] = [firstSlot + 1, firstSlot + 2];
const hour = { sessionId: idOf<SessionId>('hour of the coalition'), firstSlot, gateCloseSlot: firstSlot - 8 } as const;

/** The first slot of the scene, the two in which the coalition is called, and what transferred energy costs. */
export const coalitionHour = { firstSlot, one, two, transferPriceMicroPerKwh: 250_000n } as const;
const { transferPriceMicroPerKwh } = coalitionHour;

/** What ann and bob have bought for each quarter hour, and what ann's heat pump usually takes. */
const annWh = 2_000n;
const bobWh = 100n;

/**
 * An hour that ann and bob have bought and in which their coalition is called for 8 kW in two quarter hours: bob's battery gives the 6 kW (1,500 Wh)
 * that are asked of it, ann's heat pump 1,600 Wh less 2,000 of the 500 Wh less that are asked, as in the design's example.
 */
export class CoalitionHour {
  public coalitionId = '';
  private activationId = '';

  private constructor(
    public readonly scene: CoalitionScene,
    private readonly setPointsW: readonly [string, string],
  ) {}

  /**
   * The scene once the hour is over and measured.
   *
   * @param annMeasured what ann's meter counts in some slots instead
   * @param annUntil the last slot of which her meter has told
   */
  public static async create(
    annMeasured: Readonly<Record<number, bigint>> = {},
    annUntil: number = firstSlot + 3,
  ): Promise<CoalitionHour> {
    const made = new CoalitionHour(await CoalitionScene.create(), ['6000', '2000']);
    await made.prepare();
    await made.measure(annMeasured, annUntil);
    return made;
  }

  /**
   * The scene with a plan that was really asked for; of the called 8 kW ann is asked for 3. Either an oracle has proven the plan, or nobody has, and
   * then bob's battery drops out while it is called and ann's meter has not told yet.
   */
  public static async chosen(isAnswered: boolean): Promise<CoalitionHour> {
    const made = new CoalitionHour(await CoalitionScene.create({}, { gapPpm: '1000000' }, {}, false), ['5000', '3000']);
    await made.scene.choose(isAnswered);
    await made.prepare();
    if (!isAnswered) {
      await made.dropOut();
    }
    await made.measure({}, isAnswered ? firstSlot + 3 : firstSlot);
    return made;
  }

  /** Who takes part. */
  public get people(): CoalitionScene['vpp']['made'] {
    return this.scene.vpp.made;
  }

  /** Verifies a quarter hour. */
  public verify(at: number, label = 'once'): Promise<CallOutcome> {
    return this.scene.vpp.submit(
      callers.tso,
      'verifyDelivery',
      { coalitionId: this.coalitionId, slot: at },
      `${label} ${at}`,
    );
  }

  /** Settles the hour. */
  public settle(label = 'once'): Promise<CallOutcome> {
    return settleHour(this.scene.vpp.ledger, hour, label);
  }

  /** The code with which something is refused. */
  public code(attempt: () => Promise<unknown>): Promise<string> {
    return this.scene.vpp.code(attempt);
  }

  /** Issues the statement of a participant and answers it. */
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

  /** Pays the coalition. */
  public async remunerate(label = 'once'): Promise<JsonObject> {
    const { coalitionId, scene } = this;
    return (await scene.vpp.submit(callers.tso, 'remunerate', { coalitionId }, label)).response;
  }

  /** The lines of a participant's statement. */
  public async linesOf(signer: Signer): Promise<readonly JsonObject[]> {
    return ((await this.statementOf(signer)).lines as JsonObject[]).map(({ line }) => line as JsonObject);
  }

  /** Records ann's meter up to a slot: as usual, but for others. */
  public async recordAnn(until: number, others: Readonly<Record<number, bigint>> = {}): Promise<void> {
    const measured = Object.fromEntries(Object.entries(others).map(([at, energyWh]) => [at, [energyWh, 0n] as const]));
    await this.scene.measureTo(this.people.meters.ann, until, [annWh, 0n], measured);
  }

  private async prepare(): Promise<void> {
    await this.trade();
    await this.call();
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
    const [batteryW, pumpW] = this.setPointsW;
    await this.scene.dispatch(this.activationId, { [battery]: batteryW, [pump]: pumpW });
  }

  private async dropOut(): Promise<void> {
    const { activationId, people, scene } = this;
    await scene.vpp.flex.tickTo(one);
    const change = { activationId, fromAssetId: scene.vpp.assetIds.battery, stopMinute: one * 15 + 3 };
    await scene.vpp.send(people.aggregator, 'handOver', change);
  }

  private async measure(annMeasured: Readonly<Record<number, bigint>>, annUntil: number): Promise<void> {
    const { meters } = this.people;
    const end = firstSlot + 3;
    await this.scene.vpp.flex.tickTo(firstSlot + 5);
    const given = [0n, BigInt(this.setPointsW[0]) / 4n] as const;
    await this.scene.measureTo(meters.bob, end, [bobWh, 0n], { [one]: given, [two]: given });
    await this.scene.measureTo(meters.cyd, end, [0n, annWh + bobWh]);
    await this.recordAnn(annUntil, { [one]: 1_600n, [two]: 1_600n, ...annMeasured });
  }
}
