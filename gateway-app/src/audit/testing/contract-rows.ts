import {
  commitmentDayCodec,
  commitmentParts,
  concludeContract,
  connectionCapacity,
  contractAssets,
  contractCodec,
  contractCostMicro,
  contractFlowCodec,
  contractFlowRows,
  contractIdOf,
  contractPositions,
  contractPromises,
  contracts,
  contractSet,
  contractTermsCodec,
  dayStart,
  limitRowCodec,
  micro,
  move,
  participantAccount,
  participantCodec,
  positionCodec,
  postingSetCodec,
  postingSetId,
  proposeContract,
  requestDigestOf,
  reserve,
  rowCodec,
  ruleSetCodec,
  signedCommandBytes,
  slot,
  slotText,
  termsDigestOf,
  w,
  type AssetId,
  type CommandId,
  type ConcludedContract,
  type JsonObject,
  type ParticipantId,
  type PostingSet,
  type PromiseAsked,
} from '@flexledger/domain';
import { SigningKey } from '../../client/keys';
import { ROW_TYPES } from '../row-types';
import type { MemoryRows } from './memory-rows';
import { SAMPLE_CHANNEL, SAMPLE_RULE_SET } from './sample-ledger';

const FIRST_SLOT = 9_796;
const EXPIRY_SLOT = slot(9_790);
const CONNECTION_W = w(30_000n);
const FUNDED_MICRO = 20_000_000n;

/**
 * Two participants with money, and a contract between them of two hours, concluded as the rules say; every row that this makes.
 *
 * @param rules what the rule set says beside that of the sample
 */
export function putContract(rows: MemoryRows, rules: JsonObject = {}): ConcludedContract {
  const [seller, buyer] = [putParticipant(rows, 'c'), putParticipant(rows, 'd')];
  const concluded = conclude(seller, buyer, rules);
  rows.put(rowCodec(contractCodec), concluded, ROW_TYPES.contract, concluded.contractId);
  for (const flow of contractFlowRows(concluded)) {
    const { contractId, hour } = flow;
    rows.put(
      rowCodec(contractFlowCodec),
      flow,
      ROW_TYPES.contractFlow,
      concluded.terms.gridId,
      slotText(hour),
      contractId,
    );
  }
  const promises = contractPromises(concluded);
  const assets = contractAssets(concluded);
  putPromise(rows, assets.seller, promises.seller);
  putPromise(rows, assets.buyer, promises.buyer);
  putSet(rows, contractSet(concluded, []));
  for (const position of contractPositions(concluded)) {
    const { firstSlot, participantId, sessionId } = position;
    const place = `${slotText(firstSlot)}.${sessionId}`;
    rows.put(rowCodec(positionCodec), position, ROW_TYPES.position, participantId, place);
  }
  putLimit(rows, seller.address, FUNDED_MICRO);
  putLimit(rows, buyer.address, FUNDED_MICRO - contractCostMicro(concluded));
  return concluded;
}

/** Signs a command of a participant for the sample's channel. */
function signedBy(key: SigningKey, transaction: string, commandId: CommandId, request: JsonObject): string {
  const requestDigest = requestDigestOf(request);
  const command = { channel: SAMPLE_CHANNEL, contract: 'market', transaction, commandId, requestDigest };
  return key.sign(signedCommandBytes({ ...command, expirySlot: EXPIRY_SLOT }));
}

function conclude(seller: SigningKey, buyer: SigningKey, rules: JsonObject): ConcludedContract {
  const { acceptContract, proposeContract: proposal } = contracts.market;
  const terms = contractTermsCodec.decode(
    {
      gridId: 'grid',
      sellerParticipantId: seller.address,
      buyerParticipantId: buyer.address,
      sellerBus: 'bus',
      buyerBus: 'bus',
      firstSlot: FIRST_SLOT,
      intervalSlots: 4,
      intervals: 2,
      energyWh: ['3333', '2000'],
      priceMicroPerKwh: '200500',
      delivery: { kind: 'prorata' },
    },
    '',
  );
  const unsigned = { expirySlot: EXPIRY_SLOT, signature: 'A'.repeat(86) };
  const offerId = id('6');
  const offered = { ...unsigned, participantId: seller.address, commandId: offerId, answerBySlot: EXPIRY_SLOT };
  const offer = {
    ...offered,
    signature: signedBy(
      seller,
      'proposeContract',
      offerId,
      proposal.request.encode({ ...offered, terms }) as JsonObject,
    ),
  };
  const contract = proposeContract(contractIdOf(offerId), terms, offer);
  const acceptId = id('5');
  const { contractId } = contract;
  const accepting = { ...unsigned, participantId: buyer.address, commandId: acceptId };
  const request = acceptContract.request.encode({ ...accepting, contractId, termsDigest: termsDigestOf(terms) });
  const signature = signedBy(buyer, 'acceptContract', acceptId, request as JsonObject);
  return concludeContract(
    contract,
    { ...accepting, signature },
    ruleSetCodec.decode({ ...SAMPLE_RULE_SET, ...rules }, ''),
  );
}

function id(name: string): CommandId {
  return name.padStart(26, '0') as CommandId;
}

function putParticipant(rows: MemoryRows, name: string): SigningKey {
  const key = SigningKey.generate();
  const participant = participantCodec.decode(
    {
      participantId: key.address,
      publicKey: key.publicKey,
      kind: 'prosumer',
      custodial: false,
      connectionLimitW: CONNECTION_W.toString(),
      mspId: 'CommunityMSP',
      state: 'ACTIVE',
    },
    '',
  );
  rows.put(rowCodec(participantCodec), participant, ROW_TYPES.participant, key.address);
  const cause = { kind: 'fund', commandId: id(name) } as const;
  putSet(rows, { cause, entries: move('bank', participantAccount(key.address), FUNDED_MICRO, 'fund') });
  return key;
}

function putPromise(rows: MemoryRows, assetId: AssetId, promise: PromiseAsked): void {
  const commitments = reserve([], commitmentParts(promise), connectionCapacity(CONNECTION_W));
  const day = dayStart(promise.firstSlot);
  rows.put(
    rowCodec(commitmentDayCodec),
    { assetId, day, commitments },
    ROW_TYPES.commitmentDay,
    assetId,
    slotText(day),
  );
}

function putSet(rows: MemoryRows, set: PostingSet): void {
  rows.put(rowCodec(postingSetCodec), set, ROW_TYPES.posting, postingSetId(set.cause));
}

function putLimit(rows: MemoryRows, participantId: ParticipantId, availableMicro: bigint): void {
  const limit = { participantId, availableMicro: micro(availableMicro) };
  rows.put(rowCodec(limitRowCodec), limit, ROW_TYPES.limit, participantId);
}
