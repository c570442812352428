import {
  manifest,
  requestDigestOf,
  siteReportBytes,
  siteReportCodec,
  slot,
  specByFunctionName,
  verifySignature,
  verifySignedCommand,
  type CommandId,
} from '@flexledger/domain';
import { SigningKey } from '../client/keys';
import { LedgerFlexibility, type VtnLedger } from './ledger-port';
import type { SiteReportContent } from './port';
import {
  CURRENT_SLOT,
  enrolmentRow,
  eventRow,
  FIRST_SLOT,
  idOf,
  METER,
  meterRow,
  PROGRAMME,
  programmeRow,
  supportRow,
} from './testing/memory-flexibility';

const key = SigningKey.generate();
const event = eventRow(key.address, { kind: 'SIMPLE', level: 2 });
const calls: unknown[][] = [];

/** What the ledger answers, by transaction; each call is remembered, and its request must be one that the manifest takes. */
function portOf(answers: Readonly<Record<string, (request: Record<string, unknown>) => unknown>>): LedgerFlexibility {
  calls.length = 0;
  const call = async (
    contract: string,
    transaction: string,
    request: Record<string, unknown>,
    ...options: readonly unknown[]
  ): Promise<unknown> => {
    const encoded = specByFunctionName(manifest, `${contract}:${transaction}`).request.encode(request);
    calls.push([transaction, encoded, ...options]);
    return answers[transaction]?.(request);
  };
  return new LedgerFlexibility({ channel: 'energy', evaluate: call, submit: call } as unknown as VtnLedger);
}

const clock = () => ({ clock: { firstSlot: 0, lastSlot: CURRENT_SLOT } });

test('lists are read to their last page', async () => {
  const pages = [
    { rows: [programmeRow()], bookmark: PROGRAMME },
    { rows: [programmeRow(idOf('2'))], bookmark: null },
  ];
  const port = portOf({ listProgrammes: () => pages.shift() });
  expect((await port.programmes()).map(({ programmeId }) => programmeId)).toEqual([PROGRAMME, idOf('2')]);
  expect(calls).toEqual([
    ['listProgrammes', {}],
    ['listProgrammes', { bookmark: PROGRAMME }],
  ]);
});

test('an enrolment that is none is undefined', async () => {
  const port = portOf({ getEnrolment: () => ({ enrolment: null }) });
  expect(await port.enrolment(PROGRAMME, key.address)).toBeUndefined();
  const row = enrolmentRow(key.address, idOf('asset'));
  expect(await portOf({ getEnrolment: () => ({ enrolment: row }) }).enrolment(PROGRAMME, key.address)).toBe(row);
});

test('the events of a prosumer are those that began within a week or begin within a month', async () => {
  const place = { orderId: event.orderId, participantId: key.address, firstSlot: FIRST_SLOT };
  const port = portOf({
    getClock: clock,
    listEventsOf: () => ({ rows: [place, { ...place, orderId: idOf('g0ne') }] }),
    getFlexEvent: ({ orderId }) => ({ event: orderId === event.orderId ? event : null }),
  });
  expect(await port.events(key.address)).toEqual([event]);
  expect(calls[1]).toEqual([
    'listEventsOf',
    { participantId: key.address, fromSlot: CURRENT_SLOT - 672, toSlot: CURRENT_SLOT + 2_976 },
  ]);
});

test('voltage support is looked for where a prosumer has enrolled for it, and is told once', async () => {
  const [row, { curve, ...view }] = [enrolmentRow(key.address, idOf('asset')), supportRow(key.address)];
  const { aggregatorId: _, assetId, participantId, programmeId, ...rest } = view;
  const support = { ...rest, target: { kind: 'asset', assetId, participantId, programmeId }, control: curve };
  const others = [
    { ...support, supportId: idOf('2'), target: { ...support.target, participantId: idOf('neighb0r') } },
    { ...support, supportId: idOf('3'), target: { kind: 'equipment', elementId: 'bus-4' } },
  ];
  const programme = programmeRow();
  const ledger = {
    getClock: clock,
    listProgrammes: () => ({
      rows: [{ ...programme, terms: { ...programme.terms, direction: 'voltage', rewardMicroPerKvarh: 1n } }],
      bookmark: null,
    }),
    getEnrolment: () => ({ enrolment: row }),
    listVoltageSupport: () => ({ supports: [support, ...others] }),
  };
  expect(await portOf(ledger).supports(key.address)).toEqual([supportRow(key.address)]);
  const asked = calls.filter(([transaction]) => transaction === 'listVoltageSupport');
  expect(asked).toHaveLength(9);
  expect(asked[8]?.[1]).toEqual({ gridId: 'rural-1', bus: 'bus-4', slot: CURRENT_SLOT + 8 });
  const none = portOf({ ...ledger, listProgrammes: () => ({ rows: [programme], bookmark: null }) });
  expect(await none.supports(key.address)).toEqual([]);
  expect(calls).toHaveLength(1);
});

test('before the first tick no slot has begun', async () => {
  expect(await portOf({ getClock: () => ({ clock: null }) }).currentSlot()).toBe(0);
});

test.each([
  { transaction: 'acknowledgeEvent' },
  { transaction: 'optIn' },
  { transaction: 'optOut', reason: 'DECLINED' },
] as const)('an answer %p is signed as its contract verifies it, and is sent as it was signed', async (answer) => {
  const port = portOf({ getClock: clock });
  const commandId = idOf('c0mmand') as CommandId;
  const signed = await port.sign(event, answer, key, commandId);
  const { signature, ...unsigned } = signed.request;
  const command = {
    channel: 'energy',
    commandId,
    contract: 'flexibility',
    transaction: answer.transaction,
    expirySlot: slot(CURRENT_SLOT + 4),
    requestDigest: requestDigestOf(unsigned),
  };
  expect(() => verifySignedCommand(command, key.publicKey, String(signature))).not.toThrow();
  await port.send(signed);
  expect(calls.at(-1)).toEqual([answer.transaction, signed.request]);
  expect(signed.request).toMatchObject({ orderId: event.orderId, participantId: key.address });
});

test('a report from the site is signed as its contract verifies it, and its values go to the collection only', async () => {
  const port = portOf({});
  const content = {
    meterId: METER,
    keyVersion: 1,
    startSlot: slot(CURRENT_SLOT - 1),
    slots: 1,
    devices: [{ assetId: idOf('asset'), importWh: [250n], exportWh: [0n] }],
  } as unknown as SiteReportContent;
  const signed = await port.signSiteReport(content, key, idOf('c0mmand'));
  const report = siteReportCodec.decode(signed.confidential ?? null, '');
  expect(verifySignature(key.publicKey, siteReportBytes('energy', report), report.signature)).toBe(true);
  expect(signed.request).toEqual({ commandId: idOf('c0mmand'), meterId: METER, startSlot: CURRENT_SLOT - 1 });
  await port.send(signed);
  expect(calls).toEqual([['fileSiteReport', signed.request, { transient: report }]]);
});

test('when a prosumer cannot be called is signed as its contract verifies it', async () => {
  const port = portOf({ getClock: clock });
  const unavailable = [{ fromSlot: CURRENT_SLOT, toSlot: CURRENT_SLOT + 3 }];
  const signed = await port.signAvailability({ programmeId: PROGRAMME, unavailable }, key, idOf('c0mmand'));
  const { signature, ...unsigned } = signed.request;
  const command = {
    channel: 'energy',
    commandId: idOf('c0mmand') as CommandId,
    contract: 'flexibility',
    transaction: 'setAvailability',
    expirySlot: slot(CURRENT_SLOT + 4),
    requestDigest: requestDigestOf(unsigned),
  };
  expect(() => verifySignedCommand(command, key.publicKey, String(signature))).not.toThrow();
  await port.send(signed);
  expect(calls.at(-1)).toEqual(['setAvailability', signed.request]);
});

test('prices are in the currency of the rule set in force, and events have the rank of its class for demand response', async () => {
  const priorityClasses = [{ name: 'grid', rank: 40, purposes: ['flexibility'] }];
  const ledger = { getGovernance: () => ({ governance: { ruleSet: { currency: 'CHF', priorityClasses } } }) };
  expect(await portOf(ledger).tradeTerms()).toEqual({ currency: 'CHF', eventRank: 40 });
  const unfounded = portOf({ getGovernance: () => ({ governance: null }) });
  await expect(unfounded.tradeTerms()).rejects.toThrow('not founded');
});

test('a meter is found by its id, and one that is not there is undefined', async () => {
  const row = meterRow(key.address, key);
  const ledger = { listMeters: () => ({ rows: [row], bookmark: null }) };
  expect(await portOf(ledger).meter(METER)).toBe(row);
  expect(await portOf(ledger).meter(idOf('0ther'))).toBeUndefined();
});
