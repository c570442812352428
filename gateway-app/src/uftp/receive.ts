import {
  requestDigestOf,
  signedCommandBytes,
  slot,
  type CommandId,
  type FlexOrder,
  type JsonObject,
  type MeterId,
  type ParticipantId,
  type Slot,
} from '@flexledger/domain';
import { rejectionOf, responseTo, type Received } from './answer';
import { transactionOf, type AskedTransaction, type TransactionUftpMessage } from './incoming';
import { ASKING, readMessage, writeMessage, type AskingName, type MessageOf, type UftpMessage } from './messages';
import { meteringMessage, type MeteredSlot } from './outgoing';
import { UftpRefusal } from './refusal';
import { participantOf, pointOfAddress, roleOf, type UftpSettings } from './settings';
import { answerSettlement } from './settlement';
import { periodSlotOf } from './values';

/** What a received message is checked with and carried out by. */
export interface UftpReceiver {
  readonly settings: UftpSettings;
  /** When the answer is written, as UFTP writes moments. */
  readonly timeStamp: string;
  /** Sends a transaction and waits for its commit. @throws LedgerError where it is refused or fails */
  readonly submit: (asked: AskedTransaction) => Promise<unknown>;
  /** What a meter counted on a day, as the ledger has it. */
  readonly metered: (meterId: MeterId, periodSlot: Slot) => Promise<readonly MeteredSlot[]>;
  /** The orders at a congestion point on a day, as the ledger has them. */
  readonly ordersOf: (place: OrdersPlace) => Promise<readonly FlexOrder[]>;
}

/** A congestion point and a local day. */
export type OrdersPlace = Pick<FlexOrder, 'gridId' | 'congestionPointId' | 'periodSlot'>;

type AskingMessage = Extract<UftpMessage, { readonly name: AskingName }>;

/**
 * Carries out a message and answers with its response. Messages with readings and settlements change
 * nothing there: they are accepted exactly if they say what is on the ledger, or what follows from it.
 *
 * @throws UftpRefusal where the text is no message that asks for a response, so that there is nothing to answer to
 */
export async function receiveMessage(xml: string, receiver: UftpReceiver): Promise<string> {
  const message = readMessage(xml);
  if (!isAsking(message)) throw new UftpRefusal('Invalid Message', `${message.name} asks for no response`);
  if (message.name === 'FlexSettlement') return receiveSettlement(message, receiver);
  const received = await attempt(() => carryOut(message, receiver));
  const response = responseTo(message, received, receiver.timeStamp);
  return writeMessage(`${message.name}Response`, response, receiver.settings.release);
}

/** The request of a transaction with the signature of its participant. */
export function signedRequest(
  { contract, request, transaction }: AskedTransaction,
  signing: {
    readonly participantId: ParticipantId;
    readonly sign: (bytes: Uint8Array) => string;
    readonly channel: string;
    /** The slot from whose begin on the command is not accepted any more. */
    readonly expirySlot: number;
  },
): JsonObject {
  const { channel, expirySlot, participantId, sign } = signing;
  const unsigned = { ...request, participantId, expirySlot };
  const bytes = signedCommandBytes({
    channel,
    contract,
    transaction,
    commandId: request.commandId as CommandId,
    expirySlot: slot(expirySlot),
    requestDigest: requestDigestOf(unsigned),
  });
  return { ...unsigned, signature: sign(bytes) };
}

async function attempt(work: () => Promise<void>): Promise<Received> {
  try {
    await work();
    return { result: 'Accepted' };
  } catch (error) {
    return rejectionOf(error);
  }
}

async function carryOut(
  message: TransactionUftpMessage | Extract<UftpMessage, { readonly name: 'Metering' }>,
  receiver: UftpReceiver,
): Promise<void> {
  if (message.name === 'Metering') return checkMetering(message.content, receiver);
  await receiver.submit(transactionOf(message, receiver.settings));
}

async function checkMetering(content: MessageOf<'Metering'>, receiver: UftpReceiver): Promise<void> {
  const { settings } = receiver;
  roleOf(settings, content.SenderDomain, 'Invalid Sender');
  const known = settings.meters.find(({ ean }) => ean.toUpperCase() === content.EAN.toUpperCase());
  if (known === undefined) throw new UftpRefusal('Unknown Reference', 'the EAN is that of no meter here');
  const periodSlot = periodSlotOf(content.Period, content.TimeZone);
  const about = { periodSlot, ean: content.EAN, from: content.SenderDomain, to: content.RecipientDomain, revision: 1 };
  const metered = await receiver.metered(known.meterId as MeterId, periodSlot);
  const own = meteringMessage(metered, about, receiver);
  for (const profile of content.Profile) {
    const values = own.Profile.find(({ ProfileType }) => ProfileType === profile.ProfileType)?.ISP ?? [];
    const byIsp = new Map(values.map(({ Start, Value }) => [Number(Start), Number(Value)]));
    const other = profile.ISP.find(({ Start, Value }) => byIsp.get(Number(Start)) !== Number(Value));
    if (other !== undefined) {
      throw new UftpRefusal(
        'Power Value Rejection',
        `${profile.ProfileType} of ISP ${other.Start} differs on the ledger`,
      );
    }
  }
}

async function receiveSettlement(
  message: Extract<UftpMessage, { readonly name: 'FlexSettlement' }>,
  receiver: UftpReceiver,
): Promise<string> {
  const { content } = message;
  let status: MessageOf<'FlexSettlementResponse'>['FlexOrderSettlementStatus'] = [];
  const received = await attempt(async () => {
    status = answerSettlement(content, await settledOrders(content, receiver), receiver.settings);
  });
  // The schema demands a status for each answer; a message that is rejected as a whole disputes all.
  const disputed = content.FlexOrderSettlement.map(({ OrderReference }) => ({
    ...(OrderReference === undefined ? {} : { OrderReference }),
    Disposition: 'Disputed' as const,
  }));
  const response = {
    ...responseTo(message, received, receiver.timeStamp),
    FlexOrderSettlementStatus: status.length === 0 ? disputed : status,
  };
  return writeMessage('FlexSettlementResponse', response, receiver.settings.release);
}

/** The orders of the aggregator at the congestion points and on the days that a settlement names. */
async function settledOrders(
  content: MessageOf<'FlexSettlement'>,
  { ordersOf, settings }: UftpReceiver,
): Promise<readonly FlexOrder[]> {
  if (roleOf(settings, content.SenderDomain, 'Invalid Sender') !== 'DSO') {
    throw new UftpRefusal('Invalid Sender', 'a settlement is sent by the system operator');
  }
  const aggregatorId = participantOf(settings, content.RecipientDomain);
  const places = new Map<string, OrdersPlace>();
  for (const { CongestionPoint, Period } of content.FlexOrderSettlement) {
    const place = {
      ...pointOfAddress(settings, CongestionPoint),
      periodSlot: periodSlotOf(Period, settings.timeZone),
    };
    places.set(`${CongestionPoint} ${Period}`, place);
  }
  const orders = await Promise.all([...places.values()].map((place) => ordersOf(place)));
  return orders.flat().filter((order) => order.aggregatorId === aggregatorId);
}

function isAsking(message: UftpMessage): message is AskingMessage {
  return ASKING.some((name) => name === message.name);
}
