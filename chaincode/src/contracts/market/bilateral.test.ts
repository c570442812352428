import {
  requestDigestOf,
  signedCommandBytes,
  slot,
  verifySignature,
  type CommandId,
  type JsonObject,
} from '@flexledger/domain';
import { callers, channel, command, firstSlot, Signer } from '../../testing/actors';
import {
  bookedScene,
  contractRequest,
  contractSlots,
  offered,
  promised,
  send,
  termsOf,
  violations,
} from '../../testing/contract-scene';
import { MarketScene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { community, dso, market } = callers;
const { answerBySlot } = contractSlots;

describe('two participants', () => {
  it('agree by offer, counter-offer, counter to that, and acceptance; everything follows at once', async () => {
    const made = await bookedScene();
    const { ann, bob, cyd, ledger } = made;
    const { contractId } = await offered(made, { priceMicroPerKwh: '250000' });
    const cheaper = { contractId, answerBySlot, terms: termsOf(made, { priceMicroPerKwh: '150000' }) };
    expect((await send(made, ann, 'counterContract', cheaper)).response).toMatchObject({
      state: 'COUNTERED',
      round: 2,
    });
    const middle = { contractId, answerBySlot, terms: termsOf(made) };
    const { response: last } = await send(made, cyd, 'counterContract', middle);
    expect(last).toMatchObject({ round: 3, terms: { priceMicroPerKwh: '200000' } });
    const before = await made.available(ann);
    const accepted = await send(made, ann, 'acceptContract', { contractId, termsDigest: last.termsDigest ?? '' });
    // 3,333 Wh at 0.2 EUR/kWh are 666,600 micro-units exactly; the fee of 1 % is 6,666.
    expect(accepted.response).toMatchObject({
      state: 'ACCEPTED',
      accepted: { participantId: ann.participantId, priorityClass: 'trade', buyMicro: '1333200', feeMicro: '13332' },
    });
    expect(before - (await made.available(ann))).toBe(1_346_532n);
    expect(accepted.event?.facts).toEqual([
      { type: 'ContractAccepted', contractId, round: 3, termsDigest: last.termsDigest },
    ]);
    expect(await promised(made, cyd)).toMatchObject([
      { promiseId: contractId, direction: 'up', powersW: ['3333', '3333'] },
    ]);
    expect(await promised(made, ann)).toMatchObject([{ promiseId: contractId, direction: 'down' }]);
    const { rows } = await ledger.evaluate(market, 'market:getPositions', { participantId: cyd.participantId });
    expect(rows).toMatchObject([
      { sessionId: contractId, interval: 0, soldWh: '3333', boughtWh: '0', sellMicro: '666600' },
      { sessionId: contractId, interval: 1, soldWh: '3333', boughtWh: '0', sellMicro: '666600' },
    ]);
    for (const [signer, count] of [
      [ann, 1],
      [cyd, 1],
      [bob, 0],
    ] as const) {
      const listed = await ledger.evaluate(market, 'market:listContracts', { participantId: signer.participantId });
      expect(listed.rows).toHaveLength(count);
    }
    expect(violations(made)).toEqual([]);
  });

  it('have both signed what stands in the contract, which anyone can check from the row alone', async () => {
    const made = await bookedScene();
    const { contractId } = await offered(made);
    const counter = { contractId, answerBySlot, terms: termsOf(made, { energyWh: ['1000', '2000'] }) };
    const { termsDigest = '' } = (await send(made, made.ann, 'counterContract', counter)).response;
    const { response } = await send(made, made.cyd, 'acceptContract', { contractId, termsDigest });
    const { accepted, offer, terms } = response as unknown as Record<string, JsonObject & Signed>;
    const answers = [
      { signer: made.ann, part: offer, transaction: 'counterContract', said: { answerBySlot, contractId, terms } },
      { signer: made.cyd, part: accepted, transaction: 'acceptContract', said: { contractId, termsDigest } },
    ] as const;
    for (const { part, said, signer, transaction } of answers) {
      const { commandId, expirySlot, participantId, signature } = part!;
      const request = { commandId, participantId, expirySlot, ...said } as JsonObject;
      const bytes = signedCommandBytes({
        channel,
        commandId,
        contract: 'market',
        expirySlot: slot(expirySlot),
        requestDigest: requestDigestOf(request),
        transaction,
      });
      expect(verifySignature(signer.publicKey, bytes, signature)).toBe(true);
    }
  });

  it('get the same answer again for the same command, and it has one effect', async () => {
    const made = await bookedScene();
    const { contractId, termsDigest = '' } = await offered(made);
    const fields = { contractId, termsDigest };
    const request = contractRequest(made.ann, 'acceptContract', 'once', fields);
    const first = await made.ledger.submit(community, 'market:acceptContract', request);
    const state = made.ledger.snapshot();
    const second = await made.ledger.submit(community, 'market:acceptContract', request);
    expect(second.response).toEqual(first.response);
    expect(second.writes).toEqual([]);
    expect(made.ledger.snapshot()).toBe(state);
    const other = () => send(made, made.ann, 'acceptContract', { contractId, termsDigest: digestOfNothing });
    expect(await codeOf(made.ledger, other)).toBe('COMMAND_REUSED');
    expect(await codeOf(made.ledger, () => send(made, made.ann, 'acceptContract', fields, 'twice'))).toBe(
      'CONTRACT_CLOSED',
    );
  });

  it('can reject, withdraw or let an offer expire; then it is closed', async () => {
    const made = await bookedScene();
    const { ann, cyd, ledger } = made;
    const ends = [
      [ann, 'rejectContract', 'REJECTED'],
      [cyd, 'withdrawContract', 'WITHDRAWN'],
    ] as const;
    for (const [signer, transaction, state] of ends) {
      const { contractId, termsDigest = '' } = await offered(made, {}, cyd, transaction);
      expect((await send(made, signer, transaction, { contractId })).response).toMatchObject({ state });
      const late = () => send(made, ann, 'acceptContract', { contractId, termsDigest }, transaction);
      expect(await codeOf(ledger, late)).toBe('CONTRACT_CLOSED');
    }
    const { contractId, termsDigest = '' } = await offered(made);
    const expire = (label: string) =>
      ledger.submit(market, 'market:expireContract', { commandId: command(`expire ${label}`), contractId });
    expect(await codeOf(ledger, () => expire('early'))).toBe('CONTRACT_NOT_EXPIRED');
    await made.tickTo(answerBySlot);
    const late = () => send(made, ann, 'acceptContract', { contractId, termsDigest });
    expect(await codeOf(ledger, late)).toBe('CONTRACT_EXPIRED');
    expect((await expire('in time')).response).toMatchObject({ state: 'EXPIRED' });
    expect(await codeOf(ledger, () => expire('again'))).toBe('CONTRACT_CLOSED');
    expect(await ledger.evaluate(market, 'market:getContract', { contractId })).toMatchObject({
      contract: { state: 'EXPIRED' },
    });
  });
});

interface Signed {
  readonly commandId: CommandId;
  readonly expirySlot: number;
  readonly participantId: string;
  readonly signature: string;
}

const digestOfNothing = 'A'.repeat(43);

type Case = readonly [string, (made: MarketScene) => Promise<unknown>];

describe('an offer', () => {
  const propose = (made: MarketScene, changes: JsonObject, fields: JsonObject = {}, signer = made.cyd) =>
    send(made, signer, 'proposeContract', { answerBySlot, terms: termsOf(made, changes), ...fields });
  const cases: readonly Case[] = [
    ['SIGNATURE_EXPIRED', (made) => propose(made, {}, { expirySlot: firstSlot })],
    [
      'SIGNATURE_INVALID',
      (made) => {
        const fields = { answerBySlot, terms: termsOf(made) };
        const request = {
          ...contractRequest(made.bob, 'proposeContract', 'x', fields),
          participantId: made.cyd.participantId,
        };
        return made.ledger.submit(community, 'market:proposeContract', request);
      },
    ],
    ['PARTICIPANT_UNKNOWN', (made) => propose(made, { buyerParticipantId: new Signer().participantId })],
    ['GRID_UNKNOWN', (made) => propose(made, { gridId: 'nowhere' })],
    ['CONTRACT_NOT_PARTY', (made) => propose(made, {}, {}, made.bob)],
    ['CONTRACT_SELF', (made) => propose(made, { buyerParticipantId: made.cyd.participantId })],
    ['CONTRACT_BUS_UNKNOWN', (made) => propose(made, { sellerBus: 'bus-1' })],
    ['CONTRACT_BUS_UNKNOWN', (made) => propose(made, { buyerBus: 'bus-0' })],
    ['CONTRACT_PERIOD', (made) => propose(made, { firstSlot: contractSlots.firstSlot + 2 })],
    ['CONTRACT_SERIES', (made) => propose(made, { energyWh: ['1', '2', '3'] })],
    ['CONTRACT_SERIES', (made) => propose(made, { energyWh: ['0'] })],
    ['CONTRACT_DEADLINE', (made) => propose(made, {}, { answerBySlot: firstSlot })],
    ['CONTRACT_DEADLINE', (made) => propose(made, {}, { answerBySlot: contractSlots.firstSlot + 1 })],
    ['MARKET_PRICE_RANGE', (made) => propose(made, { priceMicroPerKwh: '4000100' })],
    ['MARKET_PRICE_TICK', (made) => propose(made, { priceMicroPerKwh: '200050' })],
    ['COMMITMENTS_CLASS_UNKNOWN', (made) => propose(made, { priorityClass: 'mine' })],
    ['INPUT_FIELD_INVALID', (made) => propose(made, { energyWh: ['-1'] })],
    ['INPUT_FIELD_INVALID', (made) => propose(made, { intervals: 97 })],
  ];

  it.each(cases)('is refused with %s (%#)', async (code, attempt) => {
    const made = await bookedScene();
    expect(await codeOf(made.ledger, () => attempt(made))).toBe(code);
  });

  it('reports the first of two faults in the order of the registry', async () => {
    const made = await bookedScene();
    const both = () => propose(made, { priceMicroPerKwh: '200050', firstSlot: contractSlots.firstSlot + 2 });
    expect(await codeOf(made.ledger, both)).toBe('CONTRACT_PERIOD');
  });

  it('is not taken where the rule set has no commitments book, nor to one who is suspended', async () => {
    const plain = await MarketScene.create();
    expect(await codeOf(plain.ledger, () => propose(plain, {}))).toBe('CONTRACT_NOT_OFFERED');
    const made = await bookedScene();
    const request = { commandId: command('suspend'), participantId: made.ann.participantId, reason: 'Unpaid bill' };
    await made.ledger.submit(dso, 'registry:suspendParticipant', request);
    expect(await codeOf(made.ledger, () => propose(made, {}))).toBe('PARTICIPANT_SUSPENDED');
  });
});

describe('an answer', () => {
  const cases: readonly (readonly [string, (made: MarketScene, open: Open) => Promise<unknown>])[] = [
    [
      'CONTRACT_UNKNOWN',
      (made, open) => send(made, made.ann, 'acceptContract', { ...open, contractId: command('none') }),
    ],
    ['CONTRACT_NOT_PARTY', (made, open) => send(made, made.bob, 'acceptContract', open)],
    ['CONTRACT_NOT_YOUR_TURN', (made, open) => send(made, made.cyd, 'acceptContract', open)],
    ['CONTRACT_NOT_YOUR_TURN', (made, { contractId }) => send(made, made.cyd, 'rejectContract', { contractId })],
    ['CONTRACT_NOT_OWN_OFFER', (made, { contractId }) => send(made, made.ann, 'withdrawContract', { contractId })],
    [
      'CONTRACT_NOT_YOUR_TURN',
      (made, { contractId }) =>
        send(made, made.cyd, 'counterContract', { contractId, answerBySlot, terms: termsOf(made) }),
    ],
    [
      'CONTRACT_PARTIES_CHANGED',
      (made, { contractId }) => {
        const terms = termsOf(made, { sellerParticipantId: made.bob.participantId });
        return send(made, made.ann, 'counterContract', { contractId, answerBySlot, terms });
      },
    ],
    [
      'CONTRACT_SERIES',
      (made, { contractId }) => {
        const terms = termsOf(made, { energyWh: ['0', '0'] });
        return send(made, made.ann, 'counterContract', { contractId, answerBySlot, terms });
      },
    ],
    [
      'SIGNATURE_INVALID',
      (made, open) => {
        const request = contractRequest(made.bob, 'acceptContract', 'x', open);
        const forged = { ...request, participantId: made.ann.participantId };
        return made.ledger.submit(community, 'market:acceptContract', forged);
      },
    ],
    [
      'SIGNATURE_INVALID',
      (made, open) => {
        const request = { ...contractRequest(made.ann, 'acceptContract', 'x', open), termsDigest: digestOfNothing };
        return made.ledger.submit(community, 'market:acceptContract', request);
      },
    ],
    [
      'LEDGER_REFUSED',
      (made, open) => {
        const request = contractRequest(made.ann, 'acceptContract', 'x', open);
        return made.ledger.submit(community, 'market:acceptContract', request, { collections: [] });
      },
    ],
  ];

  interface Open extends JsonObject {
    readonly contractId: string;
    readonly termsDigest: string;
  }

  it.each(cases)('is refused with %s (%#)', async (code, attempt) => {
    const made = await bookedScene();
    const { contractId, termsDigest } = await offered(made);
    expect(await codeOf(made.ledger, () => attempt(made, { contractId, termsDigest: String(termsDigest) }))).toBe(code);
  });

  it('is not taken for terms that were offered before the last ones', async () => {
    const made = await bookedScene();
    const { contractId, termsDigest = '' } = await offered(made);
    const counter = (signer: Signer, priceMicroPerKwh: string) =>
      send(made, signer, 'counterContract', { contractId, answerBySlot, terms: termsOf(made, { priceMicroPerKwh }) });
    await counter(made.ann, '150000');
    await counter(made.cyd, '260000');
    const attempt = () => send(made, made.ann, 'acceptContract', { contractId, termsDigest });
    expect(await codeOf(made.ledger, attempt)).toBe('CONTRACT_TERMS_CHANGED');
  });

  it('ends after 20 offers', async () => {
    const made = await bookedScene();
    const { contractId } = await offered(made);
    const counter = (round: number) =>
      send(
        made,
        round % 2 === 0 ? made.ann : made.cyd,
        'counterContract',
        { contractId, answerBySlot, terms: termsOf(made) },
        `${round}`,
      );
    for (let round = 2; round <= 20; round += 1) {
      await counter(round);
    }
    expect(await codeOf(made.ledger, () => counter(21))).toBe('CONTRACT_ROUNDS_TOO_MANY');
  });
});
