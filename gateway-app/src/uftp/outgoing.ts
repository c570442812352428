import type { DPrognosis, FlexOffer, FlexOrder, FlexPlace, FlexRequest, Reservation, Slot } from '@flexledger/domain';
import type { MessageOf } from './messages';
import { addressOfPoint, domainOfAggregator, domainOfOperator, type UftpSettings } from './settings';
import { derivedUuid, uuidOf } from './uuid';
import { amountOf, dateOf, dateTimeOf, factorOf, ispOf, signedPower } from './values';

/** The version of the specification whose messages are written. */
export const UFTP_VERSION = '3.1.0';

/** What a message needs that the ledger does not know. */
export interface Outgoing {
  readonly settings: UftpSettings;
  /** When the message is written, as UFTP writes moments. */
  readonly timeStamp: string;
}

type FlexAttributes = Pick<
  MessageOf<'FlexRequest'>,
  | 'Version'
  | 'SenderDomain'
  | 'RecipientDomain'
  | 'TimeStamp'
  | 'MessageID'
  | 'ConversationID'
  | 'ISP-Duration'
  | 'TimeZone'
  | 'Period'
  | 'CongestionPoint'
>;

interface Envelope {
  readonly from: string;
  readonly to: string;
  readonly messageId: string;
  readonly conversationId: string;
}

function flexAttributes(
  place: FlexPlace,
  { conversationId, from, messageId, to }: Envelope,
  { settings, timeStamp }: Outgoing,
): FlexAttributes {
  return {
    Version: UFTP_VERSION,
    SenderDomain: from,
    RecipientDomain: to,
    TimeStamp: timeStamp,
    MessageID: messageId,
    ConversationID: conversationId,
    'ISP-Duration': 'PT15M',
    TimeZone: settings.timeZone,
    Period: dateOf(place.periodSlot, settings.timeZone),
    CongestionPoint: addressOfPoint(settings, place),
  };
}

/** A request as the system operator sends it to an aggregator. */
export function flexRequestMessage(request: FlexRequest, to: string, outgoing: Outgoing): MessageOf<'FlexRequest'> {
  const { answerBySlot, contractId, gridId, isps, periodSlot, requestId, revision, serviceType } = request;
  const from = domainOfOperator(outgoing.settings, gridId);
  const messageId = uuidOf(requestId);
  return {
    ...flexAttributes(request, { from, to, messageId, conversationId: messageId }, outgoing),
    Revision: String(revision),
    ExpirationDateTime: dateTimeOf(answerBySlot),
    ...(contractId === undefined ? {} : { ContractID: contractId }),
    ...(serviceType === undefined ? {} : { ServiceType: serviceType }),
    ISP: isps.map(({ againstMaxW = 0n, direction, disposition, maxW, minW, slots, startSlot }) => {
      const isReduce = direction === 'reduce';
      const near = minW > 0n ? minW : 0n - againstMaxW;
      return {
        Disposition: disposition === 'requested' ? ('Requested' as const) : ('Available' as const),
        MinPower: (isReduce ? 0n - maxW : near).toString(),
        MaxPower: (isReduce ? 0n - near : maxW).toString(),
        ...ispOf(periodSlot, startSlot, slots),
      };
    }),
  };
}

/** A D-prognosis as its aggregator sends it. Its message id follows from what it is, because it has no other on the ledger. */
export function dPrognosisMessage(prognosis: DPrognosis, outgoing: Outgoing): MessageOf<'D-Prognosis'> {
  const { aggregatorId, gridId, isps, periodSlot, revision } = prognosis;
  const messageId = prognosisMessageId(prognosis, aggregatorId, revision);
  const from = domainOfAggregator(outgoing.settings, aggregatorId);
  const to = domainOfOperator(outgoing.settings, gridId);
  return {
    ...flexAttributes(prognosis, { from, to, messageId, conversationId: messageId }, outgoing),
    Revision: String(revision),
    ISP: isps.map(({ exportW, importW, slots, startSlot }) => ({
      Power: (importW - exportW).toString(),
      ...ispOf(periodSlot, startSlot, slots),
    })),
  };
}

function prognosisMessageId(place: FlexPlace, aggregatorId: string, revision: number): string {
  const { congestionPointId, gridId, periodSlot } = place;
  return derivedUuid(['d-prognosis', gridId, congestionPointId, periodSlot, aggregatorId, revision].join('/'));
}

/** An offer as its aggregator sends it to the system operator. */
export function flexOfferMessage(offer: FlexOffer, outgoing: Outgoing): MessageOf<'FlexOffer'> {
  const { aggregatorId, gridId, offerId, options, orderBySlot, periodSlot, requestId } = offer;
  const messageId = uuidOf(offerId);
  const from = domainOfAggregator(outgoing.settings, aggregatorId);
  const to = domainOfOperator(outgoing.settings, gridId);
  const conversationId = requestId === undefined ? messageId : uuidOf(requestId);
  return {
    ...flexAttributes(offer, { from, to, messageId, conversationId }, outgoing),
    ExpirationDateTime: dateTimeOf(orderBySlot),
    Unsolicited: requestId === undefined ? 'true' : 'false',
    ...(requestId === undefined ? {} : { FlexRequestMessageID: uuidOf(requestId) }),
    ...referencesOf(offer),
    Currency: outgoing.settings.currency,
    OfferOption: options.map(({ isps, minActivationFactorPpm, optionRef, priceMicro }) => ({
      OptionReference: optionRef,
      Price: amountOf(priceMicro),
      MinActivationFactor: factorOf(minActivationFactorPpm),
      ISP: isps.map((run) => ({ Power: signedPower(run), ...ispOf(periodSlot, run.startSlot, run.slots) })),
    })),
  };
}

function referencesOf(row: Pick<FlexOffer, 'contractId' | 'prognosisRevision' | 'aggregatorId'> & FlexPlace) {
  const { aggregatorId, contractId, prognosisRevision } = row;
  return {
    ...(contractId === undefined ? {} : { ContractID: contractId }),
    ...(prognosisRevision === undefined
      ? {}
      : { 'D-PrognosisMessageID': prognosisMessageId(row, aggregatorId, prognosisRevision) }),
  };
}

/** The revocation of an offer as its aggregator sends it. */
export function flexOfferRevocationMessage(
  { aggregatorId, gridId, offerId, requestId }: FlexOffer,
  { settings, timeStamp }: Outgoing,
): MessageOf<'FlexOfferRevocation'> {
  return {
    Version: UFTP_VERSION,
    SenderDomain: domainOfAggregator(settings, aggregatorId),
    RecipientDomain: domainOfOperator(settings, gridId),
    TimeStamp: timeStamp,
    MessageID: derivedUuid(`revocation/${offerId}`),
    ConversationID: uuidOf(requestId ?? offerId),
    FlexOfferMessageID: uuidOf(offerId),
  };
}

/** An order as the system operator sends it: the ISPs of the offer, each for itself. */
export function flexOrderMessage(order: FlexOrder, outgoing: Outgoing): MessageOf<'FlexOrder'> {
  const { activationFactorPpm, aggregatorId, gridId, isps, offerId, optionRef, orderId } = order;
  const { orderReference, periodSlot, priceMicro, requestId } = order;
  const from = domainOfOperator(outgoing.settings, gridId);
  const to = domainOfAggregator(outgoing.settings, aggregatorId);
  const conversationId = uuidOf(requestId ?? offerId);
  return {
    ...flexAttributes(order, { from, to, messageId: uuidOf(orderId), conversationId }, outgoing),
    Unsolicited: 'false',
    FlexOfferMessageID: uuidOf(offerId),
    ...referencesOf(order),
    Price: amountOf(priceMicro),
    Currency: outgoing.settings.currency,
    OrderReference: orderReference ?? orderId,
    OptionReference: optionRef,
    ActivationFactor: factorOf(activationFactorPpm),
    ISP: isps.map((isp) => ({ Power: signedPower(isp), ...ispOf(periodSlot, isp.slot, 1) })),
  };
}

/** What of a contract is still reserved, as the system operator sends it. @throws RangeError before its first update */
export function reservationMessage(reservation: Reservation, outgoing: Outgoing): MessageOf<'FlexReservationUpdate'> {
  const { aggregatorId, contractId, contractedIsps, gridId, periodSlot, reservedIsps, revision } = reservation;
  if (reservedIsps === undefined) throw new RangeError('nothing of this contract has been reserved yet');
  const key = `reservation/${gridId}/${reservation.congestionPointId}/${periodSlot}/${contractId}`;
  const envelope = {
    from: domainOfOperator(outgoing.settings, gridId),
    to: domainOfAggregator(outgoing.settings, aggregatorId),
    messageId: derivedUuid(`${key}/${revision}`),
    conversationId: derivedUuid(key),
  };
  // A message has at least one ISP; where all are released they are said to be zero.
  const isps = reservedIsps.length > 0 ? reservedIsps : contractedIsps.map((run) => ({ ...run, powerW: 0n }));
  return {
    ...flexAttributes(reservation, envelope, outgoing),
    ContractID: contractId,
    Reference: `${contractId}-${revision}`,
    ISP: isps.map((run) => ({ Power: signedPower(run), ...ispOf(periodSlot, run.startSlot, run.slots) })),
  };
}

/** What one quarter hour of a meter came to. */
export interface MeteredSlot {
  readonly slot: Slot;
  readonly importWh: bigint;
  readonly exportWh: bigint;
}

/** The readings of a meter on a day: power, and energy in both directions. 2.0 kWh in and 0.5 out in a quarter hour are 6 kW. */
export function meteringMessage(
  metered: readonly MeteredSlot[],
  about: {
    readonly periodSlot: Slot;
    readonly ean: string;
    readonly from: string;
    readonly to: string;
    readonly revision: number;
  },
  { settings, timeStamp }: Outgoing,
): MessageOf<'Metering'> {
  const { ean, from, periodSlot, revision, to } = about;
  const messageId = derivedUuid(`metering/${ean}/${periodSlot}/${revision}/${to}`);
  const isps = (value: (at: MeteredSlot) => bigint) =>
    metered.map((at) => ({ Start: String(at.slot - periodSlot + 1), Value: thousandths(value(at)) }));
  return {
    Version: UFTP_VERSION,
    SenderDomain: from,
    RecipientDomain: to,
    TimeStamp: timeStamp,
    MessageID: messageId,
    ConversationID: messageId,
    Revision: String(revision),
    'ISP-Duration': 'PT15M',
    TimeZone: settings.timeZone,
    Period: dateOf(periodSlot, settings.timeZone),
    EAN: ean,
    Profile: [
      { ProfileType: 'Power', Unit: 'kW', ISP: isps(({ exportWh, importWh }) => 4n * (importWh - exportWh)) },
      { ProfileType: 'ImportEnergy', Unit: 'kWh', ISP: isps(({ importWh }) => importWh) },
      { ProfileType: 'ExportEnergy', Unit: 'kWh', ISP: isps(({ exportWh }) => exportWh) },
    ],
  };
}

/** Watts as kilowatts, watt-hours as kilowatt-hours. */
function thousandths(value: bigint): string {
  const digits = value < 0n ? -value : value;
  return `${value < 0n ? '-' : ''}${digits / 1_000n}.${(digits % 1_000n).toString().padStart(3, '0')}`;
}
