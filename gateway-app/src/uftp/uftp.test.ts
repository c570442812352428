import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  contracts,
  flexOfferCodec,
  flexOrderCodec,
  flexRequestCodec,
  dPrognosisCodec,
  reservationCodec,
  slot,
  wh,
  type JsonObject,
} from '@flexledger/domain';
import { REPOSITORY_ROOT } from '../paths';
import { transactionOf, type TransactionUftpMessage } from './incoming';
import { readMessage, writeMessage, type MessageName, type MessageOf, type UftpMessage } from './messages';
import {
  dPrognosisMessage,
  flexOfferMessage,
  flexOfferRevocationMessage,
  flexOrderMessage,
  flexRequestMessage,
  meteringMessage,
  reservationMessage,
} from './outgoing';
import { receiveMessage, type UftpReceiver } from './receive';
import { exampleRows, exampleSettings } from './testing/example-rows';
import { REASON_OF_CODE } from './refusal';
import { derivedUuid, idOfUuid, uuidOf } from './uuid';
import { amountOf, dateOf, factorOf, microOf, periodSlotOf, ppmOfFactor } from './values';

const about = { settings: exampleSettings, timeStamp: '2016-05-16T12:00:00Z' };
const rows = exampleRows();

function receiver(changes: Partial<UftpReceiver> = {}): UftpReceiver {
  return {
    ...about,
    submit: () => Promise.resolve({}),
    metered: () => Promise.resolve([]),
    ordersOf: () => Promise.resolve([]),
    ...changes,
  };
}

function asked(name: MessageName, content: MessageOf<MessageName>): JsonObject {
  const message = readMessage(writeMessage(name, content)) as TransactionUftpMessage;
  return transactionOf(message, exampleSettings).request;
}

describe('a message of a row, read back', () => {
  it('asks for the request that the row was made by', () => {
    const request = flexRequestCodec.encode(rows.request) as JsonObject;
    const { commandId, ispMinutes, timeZone, ...fields } = asked(
      'FlexRequest',
      flexRequestMessage(rows.request, 'agg.example', about),
    );
    expect(commandId).toBe(rows.request.requestId);
    expect({ ispMinutes, timeZone }).toEqual({ ispMinutes: 15, timeZone: 'Europe/Berlin' });
    const { periodIsps: _isps, requestId: _id, state: _state, ...expected } = request;
    expect(fields).toEqual(expected);
    contracts.flexibility.requestFlexibility.request.decode(
      { commandId: String(commandId), ispMinutes: 15, timeZone: 'Europe/Berlin', ...fields },
      '',
    );
  });

  it('asks for the D-prognosis, the offer, its revocation, the order and the reservation', () => {
    const prognosis = dPrognosisCodec.encode(rows.prognosis) as JsonObject;
    expect(asked('D-Prognosis', dPrognosisMessage(rows.prognosis, about))).toMatchObject({
      revision: prognosis.revision,
      isps: prognosis.isps,
    });
    const offer = flexOfferCodec.encode(rows.offer) as JsonObject;
    expect(asked('FlexOffer', flexOfferMessage(rows.offer, about))).toMatchObject({
      commandId: rows.offer.offerId,
      requestId: rows.request.requestId,
      options: offer.options,
      orderBySlot: offer.orderBySlot,
    });
    expect(asked('FlexOfferRevocation', flexOfferRevocationMessage(rows.offer, about))).toMatchObject({
      offerId: rows.offer.offerId,
    });
    const order = flexOrderCodec.encode(rows.order) as JsonObject;
    const { activationFactorPpm, isps, offerId, optionRef, priceMicro } = order;
    expect(asked('FlexOrder', flexOrderMessage(rows.order, about))).toMatchObject({
      commandId: rows.order.orderId,
      ...{ activationFactorPpm, isps, offerId, optionRef, priceMicro },
      orderReference: rows.order.orderId,
    });
    const reservation = reservationCodec.encode(rows.reservation) as JsonObject;
    expect(asked('FlexReservationUpdate', reservationMessage(rows.reservation, about))).toMatchObject({
      contractId: 'evening',
      isps: reservation.reservedIsps,
    });
  });

  it('is signed by the aggregator where one sends it, and by nobody where the operator does', () => {
    const signer = (name: MessageName, content: MessageOf<MessageName>) =>
      transactionOf(readMessage(writeMessage(name, content)) as TransactionUftpMessage, exampleSettings).signer;
    expect(signer('FlexOffer', flexOfferMessage(rows.offer, about))).toBe(rows.offer.aggregatorId);
    expect(signer('FlexOrder', flexOrderMessage(rows.order, about))).toBeUndefined();
  });
});

describe('readings', () => {
  const metered = [
    { slot: slot(1_626_040), importWh: wh(2_000n), exportWh: wh(500n) },
    { slot: slot(1_626_041), importWh: wh(0n), exportWh: wh(1n) },
  ];
  const day = {
    periodSlot: slot(1_626_040),
    ean: 'E1234567890123456',
    from: 'dso.example',
    to: 'agg.example',
    revision: 1,
  };
  const message = meteringMessage(metered, day, about);

  it('of 2.0 kWh in and 0.5 kWh out in a quarter hour are 6 kW', () => {
    expect(message.Profile[0]).toMatchObject({ ProfileType: 'Power', Unit: 'kW' });
    expect(message.Profile[0]?.ISP.map(({ Value }) => Value)).toEqual(['6.000', '-0.004']);
  });

  it('are accepted exactly if they are those of the ledger', async () => {
    const known = receiver({ metered: () => Promise.resolve(metered) });
    const same = readMessage(await receiveMessage(writeMessage('Metering', message), known));
    expect(same).toMatchObject({ name: 'MeteringResponse', content: { Result: 'Accepted' } });
    const other = meteringMessage([{ ...metered[0]!, importWh: wh(2_001n) }], day, about);
    const differs = readMessage(await receiveMessage(writeMessage('Metering', other), known));
    expect(differs.content).toMatchObject({
      Result: 'Rejected',
      RejectionReason: expect.stringContaining('Power of ISP 1'),
    });
  });
});

describe('a received message is refused', () => {
  const good = flexRequestMessage(rows.request, 'agg.example', about);
  const answered = async (content: Partial<MessageOf<'FlexRequest'>>): Promise<UftpMessage['content']> => {
    const xml = writeMessage('FlexRequest', { ...good, ...content });
    return readMessage(await receiveMessage(xml, receiver())).content;
  };
  const isp = good.ISP[0]!;

  it.each<readonly [string, string, Partial<MessageOf<'FlexRequest'>>]>([
    ['Invalid Sender', 'an unknown sender', { SenderDomain: 'stranger.example' }],
    ['Invalid Sender', 'an aggregator that requests', { SenderDomain: 'agg.example', RecipientDomain: 'dso.example' }],
    ['Unknown Recipient', 'an unknown recipient', { RecipientDomain: 'stranger.example' }],
    ['Unknown Recipient', 'an operator that requests of itself', { RecipientDomain: 'dso.example' }],
    ['Invalid Congestion Point', 'another congestion point', { CongestionPoint: 'ean.123456789012' }],
    ['TimeZone Rejected', 'a time zone that does not exist', { TimeZone: 'Europe/Atlantis' }],
    ['Period Out Of Bounds', 'a date that does not exist', { Period: '2016-02-30' }],
    ['ISPs Out Of Bounds', 'an ISP that no day has', { ISP: [{ ...isp, Start: '101' }] }],
    ['Power Discrepancy', 'bounds the wrong way round', { ISP: [{ ...isp, MinPower: '1', MaxPower: '0' }] }],
    ['Subordinate Sequence Number', 'revision 0', { Revision: '0' }],
  ])('with %s for %s', async (reason, _what, content) => {
    expect(await answered(content)).toMatchObject({
      Result: 'Rejected',
      RejectionReason: expect.stringMatching(`^${reason}`),
    });
  });

  it('in the conversation and with the id of the message', async () => {
    expect(await answered({ Revision: '0' })).toMatchObject({
      SenderDomain: 'agg.example',
      RecipientDomain: 'dso.example',
      ConversationID: good.ConversationID,
      ReferenceMessageID: good.MessageID,
    });
  });
});

describe('a document is refused', () => {
  const xml = writeMessage('FlexRequest', flexRequestMessage(rows.request, 'agg.example', about));
  const bomb = (body: string) => `<?xml version="1.0"?><!DOCTYPE x [${body}]>${xml.split('\n').slice(1).join('\n')}`;

  it.each([
    ['entities that expand', bomb('<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">')],
    ['an external entity', bomb('<!ENTITY a SYSTEM "file:///etc/passwd">')],
    [
      'an external document type',
      xml.replace('<FlexRequest', '<!DOCTYPE FlexRequest SYSTEM "http://x.example/x.dtd"><FlexRequest'),
    ],
    ['an attribute that the schema does not have', xml.replace('Revision=', 'Owner="me" Revision=')],
    ['an attribute twice', xml.replace('Revision=', 'Revision="9" Revision=')],
    ['an element that the schema does not have', xml.replace('</FlexRequest>', '<Extra/></FlexRequest>')],
    ['text where there is none', xml.replace('</FlexRequest>', 'text</FlexRequest>')],
    ['no ISP', xml.replace(/\s*<ISP [^>]*>/g, '')],
    ['a power that is no integer', xml.replace(/MinPower="[^"]*"/, 'MinPower="1e3"')],
    ['an unknown message', xml.replaceAll('FlexRequest', 'FlexWish')],
    ['two roots', `${xml}${xml.split('\n').slice(1).join('\n')}`],
    ['a missing end', xml.replace('</FlexRequest>', '')],
    [
      'a response',
      writeMessage('FlexRequestResponse', {
        Version: '3.1.0',
        SenderDomain: 'agg.example',
        RecipientDomain: 'dso.example',
        TimeStamp: about.timeStamp,
        MessageID: derivedUuid('a'),
        ConversationID: derivedUuid('b'),
        ReferenceMessageID: derivedUuid('c'),
        Result: 'Accepted',
      }),
    ],
  ])('with %s', async (_what, text) => {
    await expect(receiveMessage(text, receiver())).rejects.toMatchObject({
      name: 'UftpRefusal',
      reason: 'Invalid Message',
    });
  });

  it('and the five entities of XML itself are read and written', () => {
    const order = { ...flexOrderMessage(rows.order, about), OrderReference: `a<b>&"c'` };
    const read = readMessage(writeMessage('FlexOrder', order));
    expect(read.content).toMatchObject({ OrderReference: `a<b>&"c'` });
  });
});

describe('values', () => {
  it('keep money, factors and ids exact in both directions', () => {
    expect([amountOf(40_000_000n), microOf('40.0000'), amountOf(-12_345_600n), microOf('-12.3456')]).toEqual([
      '40.0000',
      40_000_000n,
      '-12.3456',
      -12_345_600n,
    ]);
    expect([factorOf(800_000n), ppmOfFactor('0.8'), ppmOfFactor('.05'), factorOf(1_000_000n)]).toEqual([
      '0.80',
      800_000n,
      50_000n,
      '1.00',
    ]);
    const uuid = 'ffffffff-ffff-8fff-bfff-ffffffffffff';
    expect(uuidOf(idOfUuid(uuid))).toBe(uuid);
  });

  it('give the date of a local day also where the clock changes', () => {
    for (const [date, first] of [
      ['2016-03-27', '2016-03-26T23:00:00Z'],
      ['2016-10-30', '2016-10-29T22:00:00Z'],
      ['2016-05-17', '2016-05-16T22:00:00Z'],
    ] as const) {
      const periodSlot = slot(Date.parse(first) / 900_000);
      expect(dateOf(periodSlot, 'Europe/Berlin')).toBe(date);
      expect(periodSlotOf(date, 'Europe/Berlin')).toBe(periodSlot);
    }
  });
});

describe('the reasons of UFTP', () => {
  it('stand in the documentation with exactly the codes that they are given for', () => {
    const page = readFileSync(path.join(REPOSITORY_ROOT, 'docs', 'demand-response.md'), 'utf8');
    const [, table = ''] = page.split('| reason of UFTP');
    const rows = table.split('\n').filter((line) => line.includes('`'));
    const documented = rows
      .slice(
        0,
        rows.findIndex((line) => !line.startsWith('| ')),
      )
      .flatMap((line) => {
        const [, reason = '', codes = ''] = line.split('|').map((cell) => cell.trim());
        return [...codes.matchAll(/`([A-Z_]+)`/g)].map(([, code = '']) => [code, reason] as const);
      });
    expect(Object.fromEntries(documented)).toEqual(REASON_OF_CODE);
  });
});
