import { slot, type JsonObject } from '@flexledger/domain';
import { callers, command, type Signer } from './actors';
import { eventSlots } from './event-scene';
import { MarketEventScene } from './market-event-scene';
import { signed } from './market-scene';
import type { CommittedRow } from './memory-ledger';

const overSlot = eventSlots.lastSlot + 1;
const rules = {
  disputes: { raiseWithinSlots: 96, answerSlotsMin: 4, answerSlotsMax: 8, ruleWithinSlots: 8 },
} as const;

/**
 * What transactions have written that trade and call an hour, settle both, and dispute and rule what was paid: the ledger that the audit of
 * flexibility is tried on. `chaincode/scripts/record-flexibility.js` keeps it in test/vectors.
 */
export async function recordFlexibility(isAnswered: boolean): Promise<readonly (readonly CommittedRow[])[]> {
  const made = await MarketEventScene.create(rules, isAnswered);
  const { aggregator, ledger } = made.scene.made;
  await made.track();
  await made.settle();
  const { orderId } = made.scene;
  await made.settleOrder();
  const source = { kind: 'flexibility', orderId, version: 1 };
  const { participantId } = aggregator;
  const fold = { commandId: command('fold'), participantId, sources: [source] };
  await ledger.submit(callers.community, 'accounts:foldBalance', fold);
  const [claimant] = [...made.called.keys()];
  if (claimant !== undefined) {
    await dispute(made, claimant);
  }
  return ledger.history;
}

async function dispute({ scene }: MarketEventScene, claimant: Signer): Promise<void> {
  const { made, orderId } = scene;
  const send = async (signer: Signer, transaction: string, fields: JsonObject): Promise<JsonObject> => {
    const commandId = command(transaction);
    const base = { commandId, participantId: signer.participantId, expirySlot: slot(overSlot + 50) };
    const request = signed(signer, 'accounts', transaction, { ...base, ...fields });
    return (await made.ledger.submit(callers.community, `accounts:${transaction}`, request)).response;
  };
  const { disputeId = '' } = await send(claimant, 'raiseDispute', {
    about: [{ kind: 'flexibility', orderId, version: 1 }],
    respondent: { kind: 'participant', participantId: made.aggregator.participantId },
    text: 'More was delivered.',
    evidenceDigest: 'A'.repeat(43),
    answerBySlot: overSlot + 4,
  });
  await send(made.aggregator, 'respondToDispute', { disputeId, position: 'CONTESTS', text: 'It was counted.' });
  const remedy = { kind: 'correction', amountMicro: '1000' };
  const ruling = { commandId: command('rule'), disputeId, outcome: 'PARTLY', reason: 'In part.', remedy };
  await made.ledger.submit(callers.regulator, 'accounts:ruleDispute', ruling);
}
