import type { JsonObject } from '@flexledger/domain';
import { callers, command } from '../../testing/actors';
import { day, FlexScene, header, option, orderOf, place, requestFields } from '../../testing/flex-scene';

const peak = { startSlot: day.peakSlot, slots: 4 };
const wanted = { ...peak, disposition: 'requested', direction: 'reduce', minW: '20000', maxW: '60000' };
const run = { ...peak, direction: 'reduce', powerW: '20000' };
const prognosisRun = { startSlot: day.periodSlot, slots: 96, importW: '60000', exportW: '0' };
/** A dso whose organisation did not register the grid. */
const otherDso = { mspId: 'TsoMSP', role: 'dso' };

/** A reason to reject of UFTP, the changed fields of a message that is otherwise good, and the code. */
type Case = readonly [reason: string, changes: JsonObject, code: string];

const headerCases: readonly Case[] = [
  ['an unknown congestion point', { congestionPointId: 'nowhere' }, 'FLEX_CONGESTION_POINT_INVALID'],
  ['a grid that is not registered', { gridId: 'rural-9' }, 'FLEX_CONGESTION_POINT_INVALID'],
  ['ISPs of 30 minutes', { ispMinutes: 30 }, 'FLEX_ISP_DURATION'],
  ['another time zone', { timeZone: 'Europe/London' }, 'FLEX_TIME_ZONE'],
  ['a time zone that no rule knows', { timeZone: 'America/New_York' }, 'FLEX_TIME_ZONE'],
  ['a period that begins at no midnight', { periodSlot: day.periodSlot + 1 }, 'FLEX_PERIOD_OUT_OF_BOUNDS'],
];

describe('a D-prognosis is rejected', () => {
  let made: FlexScene;
  beforeAll(async () => (made = await FlexScene.create()));

  const cases: readonly Case[] = [
    ...headerCases,
    ['95 of 96 ISPs', { isps: [{ ...prognosisRun, slots: 95 }] }, 'FLEX_LACKING_ISPS'],
    ['97 ISPs in a day of 96', { isps: [{ ...prognosisRun, slots: 97 }] }, 'FLEX_ISPS_OUT_OF_BOUNDS'],
    [
      'an ISP of the day before',
      { isps: [{ ...prognosisRun, startSlot: day.periodSlot - 1 }] },
      'FLEX_ISPS_OUT_OF_BOUNDS',
    ],
    ['an ISP that stands twice', { isps: [prognosisRun, { ...prognosisRun, slots: 1 }] }, 'FLEX_ISP_CONFLICT'],
    [
      'kilowatts as watts times a thousand',
      { isps: [{ ...prognosisRun, importW: '60000000' }] },
      'FLEX_POWER_REJECTED',
    ],
    ['import and export at once', { isps: [{ ...prognosisRun, exportW: '1' }] }, 'FLEX_POWER_REJECTED'],
    [
      'a day that lies further ahead than the rules allow',
      { periodSlot: day.periodSlot + 8 * 96, isps: [{ ...prognosisRun, startSlot: day.periodSlot + 8 * 96 }] },
      'FLEX_PERIOD_OUT_OF_BOUNDS',
    ],
    [
      'a day that has begun',
      { periodSlot: day.periodSlot - 96, isps: [{ ...prognosisRun, startSlot: day.periodSlot - 96 }] },
      'FLEX_PERIOD_OUT_OF_BOUNDS',
    ],
  ];

  it.each(cases)('for %s', async (reason, changes, code) => {
    expect(await made.code(() => made.prognose(made.agg, changes, reason))).toBe(code);
  });

  it('from a producer, and from an organisation of another role', async () => {
    const fields = { ...header, revision: 1, isps: [prognosisRun] };
    const byProducer = () => made.sendSigned(made.producer, 'fileDPrognosis', fields, 'producer', callers.aggregator);
    expect(await made.code(byProducer)).toBe('FLEX_ROLE_MISMATCH');
    const byDso = () => made.sendSigned(made.agg, 'fileDPrognosis', fields, 'dso', callers.dso);
    expect(await made.code(byDso)).toBe('ACCESS_ROLE_REFUSED');
  });

  it('on the days of 92 and 100 ISPs unless it has exactly so many', async () => {
    for (const [iso, isps] of [
      ['2016-03-26T23:00:00Z', 92],
      ['2016-10-29T22:00:00Z', 100],
    ] as const) {
      const scene = await FlexScene.create({ periodDaysAheadMax: 60 }, Date.parse(iso) / 900_000 - 48);
      const periodSlot = Date.parse(iso) / 900_000;
      const file = (slots: number) => {
        const changes = {
          periodSlot,
          isps: [{ ...prognosisRun, startSlot: periodSlot, slots }],
          expirySlot: periodSlot,
        };
        return scene.prognose(scene.agg, changes, String(slots));
      };
      expect(await scene.code(() => file(96))).toBe(isps === 92 ? 'FLEX_ISPS_OUT_OF_BOUNDS' : 'FLEX_LACKING_ISPS');
      expect((await file(isps)).response).toMatchObject({ periodIsps: isps });
    }
  });
});

describe('a request is rejected', () => {
  let made: FlexScene;
  beforeAll(async () => {
    made = await FlexScene.create();
    await made.requested({ revision: 3 });
  });

  const cases: readonly Case[] = [
    ...headerCases,
    ['an ISP behind the day', { isps: [{ ...wanted, slots: 25 }] }, 'FLEX_ISPS_OUT_OF_BOUNDS'],
    ['ISPs that overlap', { isps: [wanted, { ...wanted, startSlot: day.peakSlot + 3 }] }, 'FLEX_ISP_CONFLICT'],
    ['ISPs that end before they begin', { isps: [{ ...wanted, slots: 0 }] }, 'INPUT_FIELD_INVALID'],
    ['no ISP', { isps: [] }, 'INPUT_FIELD_INVALID'],
    ['a wanted ISP without direction', { isps: [{ ...wanted, againstMaxW: '1' }] }, 'FLEX_REQUESTED_NO_DIRECTION'],
    ['bounds the wrong way round', { isps: [{ ...wanted, minW: '60001' }] }, 'FLEX_POWER_DISCREPANCY'],
    [
      'a least power where nothing is wanted',
      { isps: [{ ...wanted, disposition: 'available' }] },
      'FLEX_POWER_DISCREPANCY',
    ],
    ['zero volume', { isps: [{ ...wanted, minW: '0', maxW: '0' }] }, 'FLEX_ZERO_VOLUME'],
    ['nothing requested', { isps: [{ ...wanted, disposition: 'available', minW: '0' }] }, 'FLEX_LACKING_REQUESTED'],
    ['an expiry in the past', { answerBySlot: day.clockSlot }, 'FLEX_EXPIRY_OUT_OF_BOUNDS'],
    ['an expiry after its first ISP', { answerBySlot: day.peakSlot + 1 }, 'FLEX_EXPIRY_OUT_OF_BOUNDS'],
    ['a lower revision', { revision: 2 }, 'FLEX_REVISION_SUBORDINATE'],
    ['the same content again', { revision: 4 }, 'FLEX_ALREADY_SUBMITTED'],
    ['a contract that reserves nothing', { revision: 5, contractId: 'none' }, 'FLEX_REFERENCE_UNKNOWN'],
  ];

  it.each(cases)('for %s', async (reason, changes, code) => {
    expect(await made.code(() => made.send('requestFlexibility', requestFields(changes), reason))).toBe(code);
  });

  it('from an aggregator, and from the operator of another grid (B38)', async () => {
    const from = (caller: typeof otherDso) => () =>
      made.send('requestFlexibility', requestFields({ revision: 9 }), caller.mspId, caller);
    expect(await made.code(from(callers.aggregator))).toBe('ACCESS_ROLE_REFUSED');
    expect(await made.code(from(otherDso))).toBe('ACCESS_ORGANISATION_REFUSED');
    await made.grantDso(otherDso.mspId);
    expect(await made.code(from(otherDso))).toBe('FLEX_NOT_GRID_OPERATOR');
  });

  it('of a producer that wants less consumption', async () => {
    const send = () => made.sendSigned(made.producer, 'requestIncrease', requestFields());
    expect(await made.code(send)).toBe('FLEX_DIRECTION_REFUSED');
  });

  it('under the id of another message with other content', async () => {
    expect(await made.code(() => made.send('requestFlexibility', requestFields({ revision: 8 })))).toBe(
      'COMMAND_REUSED',
    );
    const { requestId } = await made.requested({ revision: 10, isps: [{ ...wanted, minW: '1' }] }, 'ten');
    // A command whose id differs from the first one's in those bits alone that the id of a request leaves out.
    const digits = '0123456789abcdefghjkmnpqrstvwxyz';
    const first = command('requestFlexibility ten');
    const twin = `${digits.charAt((digits.indexOf(first.charAt(0)) + 8) % 32)}${first.slice(1)}`;
    expect(twin.slice(1)).toBe(requestId.slice(1));
    const again = () =>
      made.ledger.submit(callers.dso, 'flexibility:requestFlexibility', {
        commandId: twin,
        ...requestFields({ revision: 11, isps: [{ ...wanted, minW: '2' }] }),
      });
    expect(await made.code(again)).toBe('FLEX_DUPLICATE_IDENTIFIER');
  });
});

describe('an offer is rejected', () => {
  let made: FlexScene;
  let requestId: string;
  beforeAll(async () => {
    made = await FlexScene.create();
    await made.prognose(made.agg);
    ({ requestId } = await made.requested());
  });

  const options = (...changes: JsonObject[]): JsonObject => ({
    options: changes.map((change, index) => option(`option-${index}`, change)),
  });
  const cases: readonly Case[] = [
    ...headerCases,
    [
      'another period than that of its request',
      {
        periodSlot: day.periodSlot + 96,
        orderBySlot: day.periodSlot + 96,
        ...options({ isps: [{ ...run, startSlot: day.peakSlot + 96 }] }),
      },
      'FLEX_REFERENCE_PERIOD',
    ],
    ['an ISP of the day after', options({ isps: [{ ...run, slots: 25 }] }), 'FLEX_ISPS_OUT_OF_BOUNDS'],
    ['an ISP that stands twice', options({ isps: [run, run] }), 'FLEX_ISP_CONFLICT'],
    ['zero volume', options({ isps: [{ ...run, powerW: '0' }] }), 'FLEX_ZERO_VOLUME'],
    ['an expiry in the past', { orderBySlot: day.clockSlot - 1 }, 'FLEX_EXPIRY_OUT_OF_BOUNDS'],
    ['an expiry after its first ISP', { orderBySlot: day.peakSlot + 1 }, 'FLEX_EXPIRY_OUT_OF_BOUNDS'],
    ['an unknown request', { requestId: '0'.repeat(26) }, 'FLEX_REFERENCE_UNKNOWN'],
    ['a contract that the request does not call', { contractId: 'none' }, 'FLEX_REFERENCE_UNKNOWN'],
    ['two options of one name', { options: [option('a'), option('a')] }, 'FLEX_OPTION_TWICE'],
    ['a factor of 0.005', options({ minActivationFactorPpm: '5000' }), 'FLEX_ACTIVATION_FACTOR'],
    ['a factor of 0.505', options({ minActivationFactorPpm: '505000' }), 'FLEX_ACTIVATION_FACTOR'],
    ['a factor above 1', options({ minActivationFactorPpm: '1000001' }), 'INPUT_FIELD_INVALID'],
    ['a price of five digits', options({ priceMicro: '5000010' }), 'FLEX_PRICE_PRECISION'],
    [
      'none of the requested ISPs',
      options({ isps: [{ ...run, startSlot: day.peakSlot + 12 }] }),
      'FLEX_REQUEST_MISMATCH',
    ],
    ['the other direction', options({ isps: [{ ...run, direction: 'increase' }] }), 'FLEX_REQUEST_MISMATCH'],
    ['more than the request can take', options({ isps: [{ ...run, powerW: '60001' }] }), 'FLEX_POWER_OUT_OF_BOUNDS'],
    [
      'more rebound than the grid can bear',
      options({ isps: [run, { ...run, startSlot: day.peakSlot + 12, direction: 'increase', powerW: '10001' }] }),
      'FLEX_POWER_OUT_OF_BOUNDS',
    ],
  ];

  it.each(cases)('for %s', async (reason, changes, code) => {
    const base = { ...header, requestId, options: [option('all')], orderBySlot: day.orderBySlot };
    const send = () => made.sendSigned(made.agg, 'offerFlexibility', { ...base, ...changes }, reason);
    expect(await made.code(send)).toBe(code);
  });

  it('without a baseline, unsolicited, from a producer and from an unknown or barred sender', async () => {
    expect(await made.code(() => made.offered(made.other, requestId))).toBe('FLEX_NO_BASELINE');
    const unsolicited = { ...header, options: [option('all')], orderBySlot: day.orderBySlot };
    const send = () => made.sendSigned(made.agg, 'offerFlexibility', unsolicited, 'unsolicited');
    expect(await made.code(send)).toBe('FLEX_UNSOLICITED_REFUSED');
    const base = { ...unsolicited, requestId };
    const producer = () => made.sendSigned(made.producer, 'offerFlexibility', base, 'producer', callers.aggregator);
    expect(await made.code(producer)).toBe('FLEX_ROLE_MISMATCH');
    const unknown = { ...base, participantId: '0'.repeat(26) };
    expect(await made.code(() => made.sendSigned(made.agg, 'offerFlexibility', unknown, 'unknown'))).toBe(
      'PARTICIPANT_UNKNOWN',
    );
    await made.suspend(made.other);
    expect(await made.code(() => made.offered(made.other, requestId, undefined, {}, 'barred'))).toBe(
      'PARTICIPANT_SUSPENDED',
    );
  });

  it('with several options where the rules take one', async () => {
    const scene = await FlexScene.create({ exclusiveOptions: false, prognosisRequired: false });
    const asked = await scene.requested();
    const two = [option('a'), option('b')];
    expect(await scene.code(() => scene.offered(scene.agg, asked.requestId, two))).toBe('FLEX_NO_EXCLUSIVE_OFFERS');
  });

  it('after the tenth of one aggregator to one request', async () => {
    const scene = await FlexScene.create({ prognosisRequired: false });
    const asked = await scene.requested();
    for (let number = 0; number < 10; number += 1) {
      await scene.offered(scene.agg, asked.requestId, undefined, {}, String(number));
    }
    const eleventh = () => scene.offered(scene.agg, asked.requestId, undefined, {}, 'eleventh');
    expect(await scene.code(eleventh)).toBe('FLEX_OFFERS_TOO_MANY');
    expect(await scene.offered(scene.other, asked.requestId)).toMatchObject({ state: 'OPEN' });
  });

  it('to a request that has expired, is closed or is revoked', async () => {
    for (const [end, code] of [
      ['CLOSED', 'FLEX_REFERENCE_CLOSED'],
      ['REVOKED', 'FLEX_REFERENCE_REVOKED'],
      ['EXPIRED', 'FLEX_REFERENCE_EXPIRED'],
    ] as const) {
      const scene = await FlexScene.create({ prognosisRequired: false });
      const asked = await scene.requested();
      if (end === 'EXPIRED') {
        const expire = (label: string) => scene.send('expireFlexRequest', { requestId: asked.requestId }, label);
        expect(await scene.code(() => expire('early'))).toBe('FLEX_NOT_EXPIRED');
        await scene.tickTo(day.answerBySlot);
        expect(await scene.code(() => scene.offered(scene.agg, asked.requestId, undefined, {}, 'late'))).toBe(code);
        expect((await expire('late')).response).toMatchObject({ state: 'EXPIRED' });
      } else {
        await scene.send('endFlexRequest', { requestId: asked.requestId, state: end });
      }
      expect(await scene.code(() => scene.offered(scene.agg, asked.requestId))).toBe(code);
    }
  });
});

describe('an order is rejected', () => {
  let made: FlexScene;
  let offerId: string;
  beforeAll(async () => {
    made = await FlexScene.create({ prognosisRequired: false });
    ({ offerId } = await made.offered(made.agg, (await made.requested()).requestId));
  });

  const cases: readonly (readonly [string, (order: JsonObject) => JsonObject, string])[] = [
    ['an unknown offer', () => ({ offerId: '0'.repeat(26) }), 'FLEX_REFERENCE_UNKNOWN'],
    ['an option that the offer does not have', () => ({ optionRef: 'none' }), 'FLEX_OPTION_UNKNOWN'],
    ['a factor below the smallest', () => orderOf(offerId, 'all', 49n), 'FLEX_ACTIVATION_FACTOR'],
    ['a factor above 1 (B39)', () => ({ activationFactorPpm: '1010000' }), 'INPUT_FIELD_INVALID'],
    ['an ISP less', ({ isps }) => ({ isps: (isps as JsonObject[]).slice(1) }), 'FLEX_ISP_MISMATCH'],
    ['another power', () => ({ isps: orderOf(offerId, 'all', 99n).isps ?? [] }), 'FLEX_POWER_MISMATCH'],
    ['another price', () => ({ priceMicro: '4999900' }), 'FLEX_PRICE_MISMATCH'],
  ];

  it.each(cases)('for %s', async (reason, changes, code) => {
    const order = orderOf(offerId, 'all');
    const send = () => made.send('orderFlexibility', { ...order, ...changes(order) }, reason);
    expect(await made.code(send)).toBe(code);
  });

  it('from an aggregator, from another operator, and from a producer who did not request', async () => {
    const order = orderOf(offerId, 'all');
    const from = (caller: typeof otherDso) => () => made.send('orderFlexibility', order, caller.mspId, caller);
    expect(await made.code(from(callers.aggregator))).toBe('ACCESS_ROLE_REFUSED');
    await made.grantDso(otherDso.mspId);
    expect(await made.code(from(otherDso))).toBe('FLEX_NOT_GRID_OPERATOR');
    expect(await made.code(() => made.sendSigned(made.producer, 'orderIncrease', order))).toBe('FLEX_NOT_PARTY');
  });

  it('after the offer is revoked, has expired, or when its request is revoked', async () => {
    const revoked = await made.offered(made.other, await firstRequest(made));
    await made.sendSigned(made.other, 'revokeFlexOffer', { offerId: revoked.offerId });
    const order = (label: string) => made.send('orderFlexibility', orderOf(revoked.offerId, 'all'), label);
    expect(await made.code(() => order('revoked'))).toBe('FLEX_REFERENCE_REVOKED');

    const scene = await FlexScene.create({ prognosisRequired: false });
    const asked = await scene.requested();
    const offer = await scene.offered(scene.agg, asked.requestId);
    await scene.tickTo(day.orderBySlot);
    const late = () => scene.send('orderFlexibility', orderOf(offer.offerId, 'all'), 'late');
    expect(await scene.code(late)).toBe('FLEX_REFERENCE_EXPIRED');

    const withdrawn = await FlexScene.create({ prognosisRequired: false });
    const request = await withdrawn.requested();
    const open = await withdrawn.offered(withdrawn.agg, request.requestId);
    await withdrawn.send('endFlexRequest', { requestId: request.requestId, state: 'REVOKED' });
    const send = () => withdrawn.send('orderFlexibility', orderOf(open.offerId, 'all'));
    expect(await withdrawn.code(send)).toBe('FLEX_REFERENCE_REVOKED');
  });

  it('with less notice than the rules give (B37)', async () => {
    const scene = await FlexScene.create({ prognosisRequired: false, noticeSlots: 8 });
    const { requestId } = await scene.requested();
    const offer = await scene.offered(scene.agg, requestId, undefined, { orderBySlot: day.peakSlot });
    await scene.tickTo(day.peakSlot - 8);
    const send = () => scene.send('orderFlexibility', orderOf(offer.offerId, 'all'));
    expect(await scene.code(send)).toBe('FLEX_NOTICE_SHORT');
  });

  it('twice, and is final: nothing is revoked or changed after it (B39, B44)', async () => {
    await made.send('orderFlexibility', orderOf(offerId, 'all', 60n));
    const again = () => made.send('orderFlexibility', orderOf(offerId, 'all', 100n), 'again');
    expect(await made.code(again)).toBe('FLEX_PROCURED');
    const revoke = () => made.sendSigned(made.agg, 'revokeFlexOffer', { offerId });
    expect(await made.code(revoke)).toBe('FLEX_PROCURED');
  });

  it('and a revocation by another aggregator is as well', async () => {
    const revoke = () => made.sendSigned(made.other, 'revokeFlexOffer', { offerId }, 'stranger');
    expect(await made.code(revoke)).toBe('FLEX_NOT_PARTY');
  });
});

async function firstRequest(made: FlexScene): Promise<string> {
  const { rows } = await made.ask('listFlexRequests', place);
  return String((rows as JsonObject[])[0]?.requestId);
}
