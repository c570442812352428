import {
  answerPieces,
  disaggregationAnswerCodec,
  disaggregationCaseCodec,
  exampleFlexibilityRules,
  limits,
  meritOrder,
  prepareCase,
  splitAnswerDigest,
  type JsonObject,
  type JsonValue,
  type OrderContent,
  type SessionId,
} from '@flexledger/domain';
import { callers, command, idOf, record, Signer } from './actors';
import { EventScene, eventSlots, usualWh } from './event-scene';
import { contentOf } from './market-scene';
import type { CallOutcome } from './memory-ledger';
import { hourStatement, registerSupplier, settleHour, tradeHour } from './trade-hour';

const { firstSlot, slots } = eventSlots;
const sessionId = idOf<SessionId>('hour of the event');
const gateCloseSlot = firstSlot - 12;
const signalSlot = firstSlot - 8;
const hour = { sessionId, firstSlot, gateCloseSlot } as const;

/** Rules by which the price of an order is set aside when it is placed. */
const covered = { ...exampleFlexibilityRules, prognosisRequired: false, cover: { penaltyPpm: '0' } } as const;

/** What each who is called falls short of in every slot of the event. */
export const missingWh = 100n;
/** What the energy that flexibility transfers costs. */
export const transferPriceMicroPerKwh = 250_000n;

/**
 * An hour that is traded and called at once: ann and bob have bought what they usually take from cyd's roof, and are then ordered to take less by a
 * split that was really asked for; nobody answered it, so that the merit order holds.
 */
export class MarketEventScene {
  public readonly sessionId = sessionId;
  /** Who is called, and for how much in every slot. */
  public called: ReadonlyMap<Signer, bigint> = new Map();

  private constructor(
    public readonly scene: EventScene,
    public readonly supplier: Signer,
  ) {}

  /**
   * The scene once the hour and its event are over and measured; nothing is tracked or settled yet.
   *
   * @param isAnswered whether the order is covered and an oracle proves its split, or neither
   */
  public static async create(rules: JsonObject = {}, isAnswered = false): Promise<MarketEventScene> {
    const scene = await EventScene.create({}, isAnswered ? { flexibility: covered } : {}, undefined, 16);
    const made = new MarketEventScene(scene, new Signer());
    await made.registerSupplier(rules, isAnswered ? 4 : 3);
    await made.trade();
    await made.call(isAnswered);
    await made.measure();
    return made;
  }

  /** Completes the events of all who were called. */
  public track(): Promise<CallOutcome> {
    return this.scene.watch('completeEvents', [...this.called.keys()]);
  }

  /** Settles the hour. */
  public settle(label = 'once'): Promise<CallOutcome> {
    return settleHour(this.ledger, hour, label);
  }

  /** Settles the order. */
  public async settleOrder(label = 'once'): Promise<JsonObject> {
    const request = { commandId: command(`settle order ${label}`), orderId: this.scene.orderId };
    return (await this.ledger.submit(callers.aggregator, 'flexibility:settleFlexibility', request)).response;
  }

  /** Issues the statement of a participant and answers it with its lines. */
  public statementOf(signer: Signer): Promise<JsonObject> {
    return hourStatement(this.ledger, hour, signer);
  }

  private get ledger() {
    return this.scene.made.ledger;
  }

  private async registerSupplier(rules: JsonObject, number: number): Promise<void> {
    const { supplier } = this;
    await registerSupplier(this.ledger, supplier);
    const price = transferPriceMicroPerKwh.toString();
    const flexibility = { ...exampleFlexibilityRules, prognosisRequired: false, transferPriceMicroPerKwh: price };
    const changes = { flexibility, balancingParticipantId: supplier.participantId, ...rules };
    await this.scene.flex.changeRules(changes, number);
  }

  private trade(): Promise<void> {
    const { ann, bob, cyd } = this.scene.made;
    const hourWh = 4n * usualWh;
    const orders: readonly (readonly [Signer, OrderContent])[] = [
      [ann, contentOf('ann', ['buy', 0, hourWh, 400_000n])],
      [bob, contentOf('bob', ['buy', 0, hourWh, 400_000n])],
      [cyd, contentOf('cyd', ['sell', 0, 2n * hourWh, 200_000n])],
      [this.supplier, contentOf('supplier', ['sell', 0, 1_000n, 320_000n])],
    ];
    return tradeHour(this.scene.flex, { ...hour, supplier: this.supplier, orders });
  }

  private async call(isAnswered: boolean): Promise<void> {
    const { made, orderId, programmeId } = this.scene;
    const fields = { orderId, programmeIds: [programmeId], excludedIds: [], fairnessMicroPerKwh: '0' };
    await made.send(made.aggregator, 'requestDisaggregation', { ...fields, answerBySlot: signalSlot });
    if (isAnswered) {
      await this.answer();
    }
    await this.scene.flex.tickTo(signalSlot);
    const plan = { commandId: command('plan hour'), orderId, revision: 1 };
    const { response } = await this.ledger.submit(callers.aggregator, 'flexibility:planDisaggregation', plan);
    const planned = new Set((response.plans as JsonObject[]).map(({ assetId }) => assetId));
    const signers = [made.ann, made.bob].filter((_, index) =>
      planned.has([made.assetIds.ann, made.assetIds.bob][index] ?? ''),
    );
    const { response: signalled } = await this.scene.signal(signers, { noticeSlot: signalSlot });
    const events = signalled.events as JsonObject[];
    this.called = new Map(signers.map((signer, index) => [signer, orderedWh(events[index] ?? {})]));
    for (const signer of signers) {
      await this.scene.answer(signer, 'optIn');
    }
  }

  /** Files the merit order as an oracle's answer: here it is proven to be the best. */
  private async answer(): Promise<void> {
    const place = { orderId: this.scene.orderId, revision: 1 };
    const known = await this.ledger.evaluate(callers.oracle, 'flexibility:getDisaggregation', place);
    const answer = meritOrder(prepareCase(disaggregationCaseCodec.decode(known.asked as JsonValue, '')));
    const { dataDigest = '' } = known.request as JsonObject;
    const pieces = answerPieces(disaggregationAnswerCodec, answer);
    const common = {
      ...place,
      solver: 'merit',
      dataDigest,
      answerDigest: splitAnswerDigest(answer),
      chunks: pieces.length,
    };
    for (const [chunk, piece] of pieces.entries()) {
      const request = { commandId: command(`answer ${chunk}`), ...common, chunk, piece };
      await this.ledger.submit(callers.oracle, 'flexibility:answerDisaggregation', request);
    }
  }

  /** Everybody as usual up to the event; in it who is called takes less, but for what it misses, and cyd gives what it has sold. */
  private async measure(): Promise<void> {
    const { scene } = this;
    const { ann, bob, meters } = scene.made;
    await scene.flex.tickTo(firstSlot + slots.length);
    for (const agent of Object.values(meters)) {
      await scene.measure(agent, 16, () => usualWh);
    }
    for (const [signer, agent] of [
      [ann, meters.ann],
      [bob, meters.bob],
    ] as const) {
      const called = this.called.get(signer);
      await scene.measure(agent, slots.length, () => (called === undefined ? usualWh : usualWh - called + missingWh));
    }
    const block = meters.cyd.next(
      slots.map(() => 0n),
      slots.map(() => 2n * usualWh),
    );
    await record(this.ledger, 'cyd gives', [block]);
  }
}

/** What an event asks for in its first slot, over all assets. */
function orderedWh({ assets }: JsonObject): bigint {
  const isps = (assets as JsonObject[]).flatMap((asset) => (asset.isps as JsonObject[]).slice(0, limits.eventSlotsMax));
  return isps.filter((isp) => isp.slot === firstSlot).reduce((total, isp) => total + BigInt(String(isp.energyWh)), 0n);
}
