import { activate, offerOptionCodec, type ContractName, type JsonObject, type ParticipantId } from '@flexledger/domain';
import type { AskingName, MessageOf, UftpMessage } from './messages';
import { UftpRefusal } from './refusal';
import { participantOf, pointOfAddress, roleOf, type UftpRole, type UftpSettings } from './settings';
import { idOfUuid } from './uuid';
import { directedPower, microOf, minutesOf, periodSlotOf, ppmOfFactor, slotOfDateTime, slotsOf } from './values';

/** A transaction that a message asks for: plain JSON, not yet signed. */
export interface AskedTransaction {
  readonly contract: ContractName;
  readonly transaction: string;
  readonly request: JsonObject & { readonly commandId: string };
  /** The participant who has to sign it; undefined where the system operator acts by its role. */
  readonly signer: ParticipantId | undefined;
}

/** The messages that become transactions; readings and settlements are compared with what is on the ledger. */
export type TransactionMessage = Exclude<AskingName, 'Metering' | 'FlexSettlement'>;

const SENDER: Readonly<Record<TransactionMessage, UftpRole>> = {
  'D-Prognosis': 'AGR',
  FlexReservationUpdate: 'DSO',
  FlexRequest: 'DSO',
  FlexOffer: 'AGR',
  FlexOfferRevocation: 'AGR',
  FlexOrder: 'DSO',
};

/** A message that becomes a transaction. */
export type TransactionUftpMessage = Extract<UftpMessage, { readonly name: TransactionMessage }>;

/**
 * The transaction that a message asks for. Its command id is the message's id, so that a message that is sent twice has one effect.
 *
 * @throws UftpRefusal where sender, recipient or content is refused before the ledger sees it
 */
export function transactionOf(message: TransactionUftpMessage, settings: UftpSettings): AskedTransaction {
  const { content, name } = message;
  const role = roleOf(settings, content.SenderDomain, 'Invalid Sender');
  if (role !== SENDER[name]) throw new UftpRefusal('Invalid Sender', `${name} is not sent by ${role}`);
  if (roleOf(settings, content.RecipientDomain, 'Unknown Recipient') === role) {
    throw new UftpRefusal('Unknown Recipient', `${name} is not sent to ${role}`);
  }
  const signer = role === 'AGR' ? participantOf(settings, content.SenderDomain) : undefined;
  const commandId = idOfUuid(content.MessageID);
  const asked = (transaction: string, fields: JsonObject): AskedTransaction => {
    return { contract: 'flexibility', transaction, request: { commandId, ...fields }, signer };
  };
  switch (name) {
    case 'D-Prognosis':
      return asked('fileDPrognosis', prognosisFields(message.content, settings));
    case 'FlexReservationUpdate':
      return asked('reserveFlexibility', reservationFields(message.content, settings));
    case 'FlexRequest':
      return asked('requestFlexibility', requestFields(message.content, settings));
    case 'FlexOffer':
      return asked('offerFlexibility', offerFields(message.content, settings));
    case 'FlexOfferRevocation':
      return asked('revokeFlexOffer', { offerId: idOfUuid(message.content.FlexOfferMessageID) });
    case 'FlexOrder':
      return asked('orderFlexibility', orderFields(message.content, settings));
  }
}

type FlexContent = Pick<MessageOf<'D-Prognosis'>, 'ISP-Duration' | 'TimeZone' | 'Period' | 'CongestionPoint'>;

function headerOf(content: FlexContent, settings: UftpSettings) {
  return {
    ...pointOfAddress(settings, content.CongestionPoint),
    periodSlot: periodSlotOf(content.Period, content.TimeZone),
    ispMinutes: minutesOf(content['ISP-Duration']),
    timeZone: content.TimeZone,
  };
}

type PowerIsps = MessageOf<'D-Prognosis'>['ISP'];
type Header = ReturnType<typeof headerOf>;

function runsOf({ periodSlot }: Header, isps: PowerIsps): JsonObject[] {
  return isps.map((isp) => {
    const { direction, powerW } = directedPower(isp.Power);
    return { ...slotsOf(periodSlot, isp), direction, powerW: powerW.toString() };
  });
}

function prognosisFields(content: MessageOf<'D-Prognosis'>, settings: UftpSettings): JsonObject {
  const header = headerOf(content, settings);
  const isps = content.ISP.map((isp) => {
    const { direction, powerW } = directedPower(isp.Power);
    const [importW, exportW] = direction === 'increase' ? [powerW, 0n] : [0n, powerW];
    return { ...slotsOf(header.periodSlot, isp), importW: importW.toString(), exportW: exportW.toString() };
  });
  return { ...header, revision: revisionOf(content.Revision), isps };
}

function reservationFields(content: MessageOf<'FlexReservationUpdate'>, settings: UftpSettings): JsonObject {
  const header = headerOf(content, settings);
  return { ...header, contractId: content.ContractID, isps: runsOf(header, content.ISP) };
}

function requestFields(content: MessageOf<'FlexRequest'>, settings: UftpSettings): JsonObject {
  const header = headerOf(content, settings);
  const { ContractID: contractId, ServiceType: serviceType } = content;
  return {
    ...header,
    revision: revisionOf(content.Revision),
    isps: content.ISP.map((isp) => ({
      ...slotsOf(header.periodSlot, isp),
      disposition: isp.Disposition === 'Requested' ? 'requested' : 'available',
      ...boundsOf(BigInt(isp.MinPower), BigInt(isp.MaxPower)),
    })),
    answerBySlot: slotOfDateTime(content.ExpirationDateTime),
    ...(contractId === undefined ? {} : { contractId }),
    ...(serviceType === undefined ? {} : { serviceType }),
  };
}

/** The bounds of a requested power with the direction in the name; where they allow both, the wider one leads. */
function boundsOf(least: bigint, most: bigint): JsonObject {
  if (least > most) throw new UftpRefusal('Power Discrepancy', 'MinPower is above MaxPower');
  if (most < 0n) return { direction: 'reduce', minW: (-most).toString(), maxW: (-least).toString() };
  if (least > 0n) return { direction: 'increase', minW: least.toString(), maxW: most.toString() };
  const isIncrease = most > -least;
  const [maxW, againstW] = isIncrease ? [most, -least] : [-least, most];
  const against = againstW === 0n ? {} : { againstMaxW: againstW.toString() };
  return { direction: isIncrease ? 'increase' : 'reduce', minW: '0', maxW: maxW.toString(), ...against };
}

function offerFields(content: MessageOf<'FlexOffer'>, settings: UftpSettings): JsonObject {
  const header = headerOf(content, settings);
  demandCurrency(content.Currency, settings);
  const { ContractID: contractId, FlexRequestMessageID: request } = content;
  if (request === undefined && !isTrue(content.Unsolicited)) {
    throw new UftpRefusal('Unknown Reference', 'a solicited FlexOffer names its FlexRequest');
  }
  return {
    ...header,
    ...(request === undefined ? {} : { requestId: idOfUuid(request) }),
    ...(contractId === undefined ? {} : { contractId }),
    options: content.OfferOption.map(({ ISP, MinActivationFactor = '1.00', OptionReference, Price }) => ({
      optionRef: OptionReference,
      isps: runsOf(header, ISP),
      priceMicro: priceOf(Price),
      minActivationFactorPpm: ppmOfFactor(MinActivationFactor).toString(),
    })),
    orderBySlot: slotOfDateTime(content.ExpirationDateTime),
  };
}

function orderFields(content: MessageOf<'FlexOrder'>, settings: UftpSettings): JsonObject {
  const header = headerOf(content, settings);
  demandCurrency(content.Currency, settings);
  const { FlexOfferMessageID: offer, OptionReference: optionRef } = content;
  if (offer === undefined || optionRef === undefined || isTrue(content.Unsolicited)) {
    throw new UftpRefusal('Unknown Reference', 'a FlexOrder names the FlexOffer and the option that it orders');
  }
  const option = offerOptionCodec.decode(
    { optionRef, isps: runsOf(header, content.ISP), priceMicro: '0', minActivationFactorPpm: '1000000' },
    '',
  );
  const isps = activate(option, option.minActivationFactorPpm).isps.map(({ direction, powerW, slot }) => {
    return { slot, direction, powerW: powerW.toString() };
  });
  return {
    offerId: idOfUuid(offer),
    optionRef,
    activationFactorPpm: ppmOfFactor(content.ActivationFactor ?? '1.00').toString(),
    isps,
    priceMicro: priceOf(content.Price),
    orderReference: content.OrderReference,
  };
}

function revisionOf(revision: string): number {
  const value = Number(revision);
  if (value < 1) throw new UftpRefusal('Subordinate Sequence Number', 'revisions begin with 1');
  return value;
}

function priceOf(amount: string): string {
  const micro = microOf(amount);
  if (micro < 0n) throw new UftpRefusal('Price Mismatch', 'a price is not below zero');
  return micro.toString();
}

function demandCurrency(currency: string, settings: UftpSettings): void {
  if (currency !== settings.currency)
    throw new UftpRefusal('Invalid Message', `the market counts in ${settings.currency}`);
}

function isTrue(value: string | undefined): boolean {
  return value === 'true' || value === '1';
}
