import {
  checkLimits,
  foldPostingSets,
  limitRowCodec,
  postingSetCodec,
  rowCodec,
  type CommandId,
  type ContractId,
  type JsonObject,
  type SessionId,
  type Violation,
} from '@flexledger/domain';
import { callers, command, firstSlot, idOf, type Signer } from './actors';
import { contentOf, MarketScene, signed } from './market-scene';
import type { CallOutcome } from './memory-ledger';
import { codeOf } from './refusal';

/** The slots of the contracts of the tests: two hours, after those of the scene's session. */
export const contractSlots = { answerBySlot: firstSlot + 36, firstSlot: firstSlot + 60 } as const;

/**
 * A market whose rule set keeps the commitments book; 1 % fee, and a class for what is needed before trade. All have placed an order in
 * the day-ahead session of the contracts' hours.
 */
export async function bookedScene(changes: JsonObject = {}): Promise<MarketScene> {
  const made = await MarketScene.create({
    commitments: true,
    feePpm: '10000',
    priorityClasses: [
      { name: 'trade', rank: 1, purposes: ['bilateral', 'market'] },
      { name: 'need', rank: 9, purposes: ['bilateral'] },
    ],
    preemptionCompensationPpm: '100000',
    ...changes,
  });
  const session = await openContractSession(made, 'rural-1');
  await anchor(made, session, [made.ann, made.bob, made.cyd]);
  return made;
}

/** Opens the day-ahead session of the contracts' hours on a grid. */
export async function openContractSession(made: MarketScene, gridId: string): Promise<SessionId> {
  const sessionId = idOf<SessionId>(`contracts ${gridId}`);
  const { firstSlot: first } = contractSlots;
  await made.openSession({
    sessionId,
    gridId,
    firstSlot: first,
    gateCloseSlot: first - 20,
    publishDeadlineSlot: first - 10,
  });
  return sessionId;
}

/** Has participants place a small purchase in a session, without which they can conclude no contract for its hours. */
export async function anchor(made: MarketScene, sessionId: SessionId, signers: readonly Signer[]): Promise<void> {
  for (const signer of signers) {
    const content = contentOf(`${sessionId} ${signer.participantId}`, ['buy', 0, 10n, 100_000n]);
    const collateralMicro = signer === made.supplier ? '2000000000' : '100000000';
    await made.fund(signer, collateralMicro, sessionId);
    await made.placeIn(sessionId, signer, [content], collateralMicro);
  }
}

/** Terms of a contract: cyd sells 2 x 3,333 Wh to ann at 0.2 EUR per kWh. */
export function termsOf(made: MarketScene, changes: JsonObject = {}): JsonObject {
  return {
    gridId: 'rural-1',
    sellerParticipantId: made.cyd.participantId,
    buyerParticipantId: made.ann.participantId,
    sellerBus: 'bus-2',
    buyerBus: 'bus-2',
    firstSlot: contractSlots.firstSlot,
    intervalSlots: 4,
    intervals: 2,
    energyWh: ['3333'],
    priceMicroPerKwh: '200000',
    delivery: { kind: 'prorata' },
    ...changes,
  };
}

/** The request of a transaction about contracts, signed by a participant. */
export function contractRequest(
  signer: Signer,
  transaction: string,
  label: string,
  fields: JsonObject,
): JsonObject & { readonly commandId: CommandId } {
  const request = {
    commandId: command(`${transaction} ${label} ${signer.participantId}`),
    participantId: signer.participantId,
    expirySlot: contractSlots.answerBySlot + 20,
    ...fields,
  };
  return { ...signed(signer, 'market', transaction, request), commandId: request.commandId };
}

/** Sends a transaction about contracts through the community. */
export function send(
  made: MarketScene,
  signer: Signer,
  transaction: string,
  fields: JsonObject,
  label = 'once',
): Promise<CallOutcome> {
  const request = contractRequest(signer, transaction, label, fields);
  return made.ledger.submit(callers.community, `market:${transaction}`, request);
}

/** An offer of cyd, or of whom is named; answers the contract. */
export async function offered(
  made: MarketScene,
  changes: JsonObject = {},
  signer: Signer = made.cyd,
  label = 'once',
): Promise<JsonObject & { readonly contractId: ContractId }> {
  const fields = { answerBySlot: contractSlots.answerBySlot, terms: termsOf(made, changes) };
  const { response } = await send(made, signer, 'proposeContract', fields, label);
  return response as JsonObject & { readonly contractId: ContractId };
}

/** An offer that the other side accepts at once. */
export async function concludedContract(
  made: MarketScene,
  changes: JsonObject,
  [from, to]: readonly [Signer, Signer],
  label: string,
): Promise<CallOutcome> {
  const { contractId, termsDigest = '' } = await offered(made, changes, from, label);
  return send(made, to, 'acceptContract', { contractId, termsDigest }, label);
}

/** The code with which the acceptance of an offer is refused; the offer itself is taken. */
export async function refusedAcceptance(
  made: MarketScene,
  changes: JsonObject,
  [from, to]: readonly [Signer, Signer],
  label: string,
): Promise<string> {
  const { contractId, termsDigest = '' } = await offered(made, changes, from, label);
  return codeOf(made.ledger, () => send(made, to, 'acceptContract', { contractId, termsDigest }, label));
}

/** The invariants of money that are broken, over all posting sets and limit rows: none. */
export function violations(made: MarketScene): readonly Violation[] {
  const sets = [...made.ledger.rows('posting').values()] as JsonObject[];
  const limits = [...made.ledger.rows('limit').values()] as JsonObject[];
  const books = foldPostingSets(sets.map((row) => rowCodec(postingSetCodec).decode(row)));
  return [
    ...books.violations,
    ...checkLimits(
      books,
      limits.map((row) => rowCodec(limitRowCodec).decode(row)),
    ),
  ];
}

/** What the connection of a participant has promised for the day of the contracts. */
export async function promised(made: MarketScene, signer: Signer): Promise<readonly JsonObject[]> {
  const asked = { assetId: signer.participantId, slot: contractSlots.firstSlot };
  return (await made.ledger.evaluate(callers.community, 'market:getCommitments', asked)).commitments as JsonObject[];
}
