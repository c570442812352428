import { slot, type JsonObject } from '@flexledger/domain';
import { callers, command, type Signer } from './actors';
import { EventScene, eventSlots, usualWh } from './event-scene';
import { signed } from './market-scene';
import type { CallOutcome, MemoryCaller } from './memory-ledger';

/** Deadlines of disputes that a test can wait for: a day to raise, one to two hours to answer, two hours to rule. */
export const disputeRules = {
  raiseWithinSlots: 96,
  answerSlotsMin: 4,
  answerSlotsMax: 8,
  ruleWithinSlots: 8,
} as const;

/** The slot in which the clock stands once the order of the scene is over, and the first deadline of an answer that is not too early. */
export const overSlot = eventSlots.lastSlot + 1;
export const answerBySlot = overSlot + disputeRules.answerSlotsMin;

const evidenceDigest = 'A'.repeat(43);

/** An order that was settled as version 1, and everybody who can dispute it. */
export class SettledScene {
  private constructor(public readonly scene: EventScene) {}

  /** Ann and bob have opted in; who is silent has sent no readings of the event. The fund holds 10 EUR, the order costs 5. */
  public static async create(isBobSilent = false): Promise<SettledScene> {
    const scene = await EventScene.create({}, { disputes: disputeRules });
    const { ann, bob, meters } = scene.made;
    await scene.called();
    await scene.answer(ann, 'optIn');
    await scene.answer(bob, 'optIn');
    await scene.flex.tickTo(overSlot);
    for (const agent of [meters.ann, meters.bob]) {
      await scene.measure(agent, eventSlots.firstSlot - eventSlots.noticeSlot, () => usualWh);
    }
    await scene.measure(meters.ann, 4, () => 1_000n);
    if (!isBobSilent) {
      await scene.measure(meters.bob, 4, () => 750n);
    }
    const made = new SettledScene(scene);
    await made.settle('first');
    return made;
  }

  /** Completes the events and settles the order. */
  public async settle(label: string): Promise<JsonObject> {
    const { made, orderId } = this.scene;
    await this.scene.watch('completeEvents', [made.ann, made.bob], {}, label);
    const request = { commandId: command(`settle ${label}`), orderId };
    return (await made.ledger.submit(callers.aggregator, 'flexibility:settleFlexibility', request)).response;
  }

  /** Folds what a source has credited. */
  public fold({ participantId }: Signer, source: JsonObject, label = 'once'): Promise<CallOutcome> {
    const commandId = command(`fold ${label} ${JSON.stringify(source)} ${participantId}`);
    const request = { commandId, participantId, sources: [source] };
    return this.scene.made.ledger.submit(callers.community, 'accounts:foldBalance', request);
  }

  /** A posting set of the order's settlement, as a dispute names it. */
  public about(version = 1): JsonObject {
    return { kind: 'flexibility', orderId: this.scene.orderId, version };
  }

  /** The request of a dispute about the first settlement, with the aggregator unless it says otherwise; signed. */
  public claim(signer: Signer, changes: JsonObject = {}, label = 'once'): JsonObject {
    const { participantId } = this.scene.made.aggregator;
    const fields = {
      about: [this.about()],
      respondent: { kind: 'participant', participantId },
      text: 'My meter shows more.',
      evidenceDigest,
      answerBySlot,
      ...changes,
    };
    return this.signing(signer, 'raiseDispute', fields, label);
  }

  /** Raises a dispute through the community and answers its id. */
  public async raised(signer: Signer, changes: JsonObject = {}, label = 'once'): Promise<string> {
    const request = this.claim(signer, changes, label);
    const { response } = await this.scene.made.ledger.submit(callers.community, 'accounts:raiseDispute', request);
    return String(response.disputeId);
  }

  /** Sends what a participant says about a dispute. */
  public say(
    signer: Signer,
    transaction: 'respondToDispute' | 'withdrawDispute',
    fields: JsonObject,
    label = 'once',
  ): Promise<CallOutcome> {
    const request = this.signing(signer, transaction, fields, label);
    return this.scene.made.ledger.submit(callers.community, `accounts:${transaction}`, request);
  }

  /** Sends what an operator, the regulator or anybody does with a dispute. */
  public act(
    caller: MemoryCaller,
    transaction: 'respondAsOperator' | 'ruleDispute' | 'expireDispute',
    fields: JsonObject,
    label = 'once',
  ): Promise<CallOutcome> {
    const commandId = command(`${transaction} ${label} ${JSON.stringify(fields)}`);
    return this.scene.made.ledger.submit(caller, `accounts:${transaction}`, { commandId, ...fields });
  }

  /** What a participant can dispose of. */
  public async available({ participantId }: Signer): Promise<bigint> {
    const answer = await this.scene.made.ledger.evaluate(callers.market, 'accounts:getBalance', { participantId });
    return BigInt(String(answer.availableMicro));
  }

  private signing(signer: Signer, transaction: string, fields: JsonObject, label: string): JsonObject {
    const { participantId } = signer;
    const commandId = command(`${transaction} ${label} ${participantId}`);
    const request = { commandId, participantId, expirySlot: slot(overSlot + 200), ...fields };
    return signed(signer, 'accounts', transaction, request);
  }
}
