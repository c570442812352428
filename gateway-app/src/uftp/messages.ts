import { z } from 'zod';
import { UftpRefusal } from './refusal';
import { readXml, writeXml, type XmlElement } from './xml';

const UUID = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/;
const uuid = z.string().regex(UUID);
const domain = z.string().regex(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}$/);
const zone = z.string().regex(/^(?:Africa|America|Australia|Europe|Pacific)\/[a-zA-Z0-9_/]{3,}$/);
const address = z.string().regex(/^(?:ea1\.[0-9]{4}-[0-9]{2}\..{1,244}:.{1,244}|ean\.[0-9]{12,34})$/);
const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const dateTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{0,9})?(?:[+-]\d{2}:\d{2}|Z)$/);
const currency = z.string().regex(/^[A-Z]{3}$/);
const amount = z.string().regex(/^-?\d{1,14}(?:\.\d{1,4})?$/);
const factor = z.string().regex(/^(?:0?\.(?:0[1-9]|[1-9]\d?)|1(?:\.0{1,2})?)$/);
const integer = z.string().regex(/^[+-]?\d{1,15}$/);
const positive = z.string().regex(/^\+?0{0,3}[1-9]\d{0,5}$/);
const boolean = z.enum(['true', 'false', '1', '0']);
const text = z.string().min(1).max(200);
const result = z.enum(['Accepted', 'Rejected']);

const payload = {
  Version: z.string().regex(/^\d+\.\d+\.\d+$/),
  SenderDomain: domain,
  RecipientDomain: domain,
  TimeStamp: dateTime,
  MessageID: uuid,
  ConversationID: uuid,
};
const flex = {
  ...payload,
  'ISP-Duration': z.string().regex(/^PT(?:\d{1,4}M|\d{1,2}H)$/),
  TimeZone: zone,
  Period: date,
  CongestionPoint: address,
};
const response = {
  ...payload,
  ReferenceMessageID: uuid,
  Result: result,
  RejectionReason: z.string().max(1_000).optional(),
};
const run = { Start: positive, Duration: positive.optional() };
const powerIsp = z.strictObject({ Power: integer, ...run });
const powerIsps = z.array(powerIsp).min(1).max(100);
const references = {
  ContractID: text.optional(),
  'D-PrognosisMessageID': uuid.optional(),
  BaselineReference: text.optional(),
};

const settlementIsp = z.strictObject({
  ...run,
  BaselinePower: integer,
  OrderedFlexPower: integer,
  ActualPower: integer,
  DeliveredFlexPower: integer,
  PowerDeficiency: integer.optional(),
});
const orderSettlement = z.strictObject({
  OrderReference: text.optional(),
  Period: date,
  ...references,
  CongestionPoint: address,
  Price: amount,
  Penalty: amount.optional(),
  NetSettlement: amount,
  ISP: z.array(settlementIsp).min(1).max(100),
});
const contractIsp = z.strictObject({
  ...run,
  ReservedPower: integer,
  RequestedPower: integer.optional(),
  AvailablePower: integer.optional(),
  OfferedPower: integer.optional(),
  OrderedPower: integer.optional(),
});
const contractPeriod = z.strictObject({ Period: date, ISP: z.array(contractIsp).min(1).max(100) });
const contractSettlement = z.strictObject({
  ContractID: text.optional(),
  Period: z.array(contractPeriod).min(1).max(400),
});

/** The messages between aggregator and system operator, by the name of their element; attributes stand under their own names. */
export const MESSAGES = {
  'D-Prognosis': z.strictObject({ ...flex, Revision: integer, ISP: powerIsps }),
  FlexReservationUpdate: z.strictObject({ ...flex, ContractID: text, Reference: text, ISP: powerIsps }),
  FlexRequest: z.strictObject({
    ...flex,
    Revision: integer,
    ExpirationDateTime: dateTime,
    ContractID: text.optional(),
    ServiceType: text.optional(),
    ISP: z
      .array(
        z.strictObject({
          Disposition: z.enum(['Available', 'Requested']).optional(),
          MinPower: integer,
          MaxPower: integer,
          ...run,
        }),
      )
      .min(1)
      .max(100),
  }),
  FlexOffer: z.strictObject({
    ...flex,
    ExpirationDateTime: dateTime,
    Unsolicited: boolean.optional(),
    FlexRequestMessageID: uuid.optional(),
    ...references,
    Currency: currency,
    OfferOption: z
      .array(
        z.strictObject({
          OptionReference: text,
          Price: amount,
          MinActivationFactor: factor.optional(),
          ISP: powerIsps,
        }),
      )
      .min(1)
      .max(20),
  }),
  FlexOfferRevocation: z.strictObject({ ...payload, FlexOfferMessageID: uuid }),
  FlexOrder: z.strictObject({
    ...flex,
    Unsolicited: boolean.optional(),
    FlexOfferMessageID: uuid.optional(),
    ServiceType: text.optional(),
    ...references,
    Price: amount,
    Currency: currency,
    OrderReference: text,
    OptionReference: text.optional(),
    ActivationFactor: factor.optional(),
    ISP: powerIsps,
  }),
  FlexSettlement: z.strictObject({
    ...payload,
    PeriodStart: date,
    PeriodEnd: date,
    Currency: currency,
    FlexOrderSettlement: z.array(orderSettlement).min(1).max(1_000),
    ContractSettlement: z.array(contractSettlement).min(1).max(1_000),
  }),
  Metering: z.strictObject({
    ...payload,
    Revision: integer,
    'ISP-Duration': flex['ISP-Duration'],
    TimeZone: zone,
    Currency: currency.optional(),
    Period: date,
    EAN: z.string().regex(/^[Ee][0-9]{16}$/),
    Profile: z
      .array(
        z.strictObject({
          ProfileType: z.enum(['Power', 'ImportEnergy', 'ExportEnergy', 'ImportMeterReading', 'ExportMeterReading']),
          Unit: z.enum(['kW', 'kWh']),
          ISP: z
            .array(z.strictObject({ Start: positive, Value: z.string().regex(/^-?\d{1,14}(?:\.\d{1,6})?$/) }))
            .min(1)
            .max(100),
        }),
      )
      .min(1)
      .max(5),
  }),
  'D-PrognosisResponse': z.strictObject({
    ...response,
    FlexOrderStatus: z.array(z.strictObject({ FlexOrderMessageID: uuid, IsValidated: boolean })).optional(),
  }),
  FlexReservationUpdateResponse: z.strictObject(response),
  FlexRequestResponse: z.strictObject(response),
  FlexOfferResponse: z.strictObject(response),
  FlexOfferRevocationResponse: z.strictObject(response),
  FlexOrderResponse: z.strictObject(response),
  FlexSettlementResponse: z.strictObject({
    ...response,
    FlexOrderSettlementStatus: z
      .array(
        z.strictObject({
          OrderReference: text.optional(),
          Disposition: z.enum(['Accepted', 'Disputed']),
          DisputeReason: text.optional(),
        }),
      )
      .min(1),
  }),
  MeteringResponse: z.strictObject(response),
} as const;

/** The name of a message's element. */
export type MessageName = keyof typeof MESSAGES;
/** The content of a message. */
export type MessageOf<N extends MessageName> = z.infer<(typeof MESSAGES)[N]>;
/** A message with its name. */
export type UftpMessage = { [N in MessageName]: { readonly name: N; readonly content: MessageOf<N> } }[MessageName];

/** The messages that ask for an answer; the answer's name is theirs with `Response`. */
export const ASKING = [
  'D-Prognosis',
  'FlexReservationUpdate',
  'FlexRequest',
  'FlexOffer',
  'FlexOfferRevocation',
  'FlexOrder',
  'FlexSettlement',
  'Metering',
] as const satisfies readonly MessageName[];
export type AskingName = (typeof ASKING)[number];

/**
 * Reads a message and checks it as the official schema would, and more strictly: attributes have bounds.
 *
 * @throws UftpRefusal Invalid Message
 */
export function readMessage(xml: string): UftpMessage {
  const { element, root } = readXml(xml);
  if (!isMessageName(root)) throw new UftpRefusal('Invalid Message', `${root} is no message that is known here`);
  const parsed = MESSAGES[root].safeParse(withReference(root, element));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UftpRefusal('Invalid Message', `${[root, ...(issue?.path ?? [])].join('/')}: ${issue?.message ?? ''}`);
  }
  return { name: root, content: parsed.data } as UftpMessage;
}

/**
 * How a response names the message that it answers: the release 3.1.0 by an attribute called after that message (`FlexRequestMessageID`), the
 * specification since then by `ReferenceMessageID`, as its schema has it. Both are read.
 */
export type UftpRelease = '3.1.0' | 'next';

/** Writes a message after checking it; what does not fit the schema is our own mistake. */
export function writeMessage<N extends MessageName>(
  name: N,
  content: MessageOf<N>,
  release: UftpRelease = 'next',
): string {
  const checked: unknown = MESSAGES[name].parse(content);
  const written = Object.entries(withoutAbsent(checked as Readonly<Record<string, unknown>>)).map(([key, value]) => {
    return [key === NEXT_REFERENCE && release === '3.1.0' ? releasedReference(name) : key, value] as const;
  });
  return writeXml(name, Object.fromEntries(written));
}

const NEXT_REFERENCE = 'ReferenceMessageID';

function releasedReference(name: MessageName): string {
  return `${name.replace(/Response$/, '')}MessageID`;
}

/** The element of a response with its reference under the name that the schema has now. */
function withReference(name: MessageName, element: unknown): unknown {
  const released = releasedReference(name);
  if (!name.endsWith('Response') || typeof element !== 'object' || element === null || !(released in element)) {
    return element;
  }
  const { [released]: reference, ...rest } = element as Readonly<Record<string, unknown>>;
  return NEXT_REFERENCE in rest ? element : { ...rest, [NEXT_REFERENCE]: reference };
}

function isMessageName(name: string): name is MessageName {
  return Object.hasOwn(MESSAGES, name);
}

function withoutAbsent(content: Readonly<Record<string, unknown>>): XmlElement {
  const present = Object.entries(content).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    present.map(([name, value]) => [
      name,
      typeof value === 'string' ? value : (value as readonly Readonly<Record<string, unknown>>[]).map(withoutAbsent),
    ]),
  );
}
