import { foldPostingSets, limits, postingSetCodec, rowCodec, type JsonObject } from '@flexledger/domain';
import { callers, command, registerParticipants, Signer } from '../../testing/actors';
import type { MemoryCaller } from '../../testing/memory-ledger';
import { replay } from '../../testing/replay';
import { replayElsewhere } from '../../testing/replay-elsewhere';
import { answerBySlot, disputeRules, overSlot, SettledScene } from '../../testing/settled-scene';

const CONTESTS = { position: 'CONTESTS', text: 'It was counted.' };
const UPHELD = { outcome: 'UPHELD', reason: 'The reading was in time.' };
const ruleBySlot = answerBySlot + disputeRules.ruleWithinSlots;

function get({ scene }: SettledScene, disputeId: string): Promise<JsonObject> {
  return scene.made.ledger.evaluate(callers.regulator, 'accounts:getDispute', { disputeId });
}

function violations({ scene }: SettledScene) {
  const sets = [...scene.made.ledger.rows('posting').values()] as JsonObject[];
  return foldPostingSets(sets.map((row) => rowCodec(postingSetCodec).decode(row))).violations;
}

describe('a dispute', () => {
  it('is raised by a prosumer, answered by its aggregator, ruled, and the ruling is paid once', async () => {
    const made = await SettledScene.create();
    const { aggregator, ann, ledger } = made.scene.made;
    await made.fold(aggregator, made.about());
    const before = await made.available(aggregator);
    const disputeId = await made.raised(ann);
    expect(await get(made, disputeId)).toMatchObject({ dispute: { state: 'RAISED', ruleBySlot } });
    await made.say(aggregator, 'respondToDispute', { disputeId, ...CONTESTS });
    const remedy = { kind: 'correction', amountMicro: '100000' };
    const { event, response } = await made.act(callers.regulator, 'ruleDispute', { disputeId, ...UPHELD, remedy });
    expect(response).toMatchObject({ state: 'RULED', ruling: { ...UPHELD, remedy, mspId: 'RegulatorMSP' } });
    expect(event?.facts).toMatchObject([{ type: 'DisputeRuled', outcome: 'UPHELD', remedy: 'correction' }]);
    expect(await made.available(aggregator)).toBe(before - 100_000n);
    const source = { kind: 'dispute', disputeId };
    expect((await made.fold(ann, source)).response).toMatchObject({ availableMicro: '100000' });
    expect(await made.scene.code(() => made.fold(ann, source, 'twice'))).toBe('ACCOUNTS_SOURCE_FOLDED');
    expect(violations(made)).toEqual([]);
    const calls = ledger.log;
    const here = await replay(calls);
    expect(replayElsewhere(calls, { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
  });

  it('of an aggregator is answered by the system operator of the grid and paid out of its fund', async () => {
    const made = await SettledScene.create();
    const { aggregator, ledger } = made.scene.made;
    const disputeId = await made.raised(aggregator, { respondent: { kind: 'dso', gridId: 'rural-1' } });
    await made.act(callers.dso, 'respondAsOperator', { disputeId, position: 'ACCEPTS', text: 'So it was.' });
    const remedy = { kind: 'correction', amountMicro: '1000000' };
    await made.act(callers.regulator, 'ruleDispute', { disputeId, ...UPHELD, outcome: 'PARTLY', remedy });
    const fund = await ledger.evaluate(callers.dso, 'flexibility:getFlexibilityFund', { gridId: 'rural-1' });
    expect(fund).toMatchObject({ availableMicro: '4000000' });
    expect(violations(made)).toEqual([]);
  });

  it('has an order settled anew, and says which version has done so', async () => {
    const made = await SettledScene.create(true);
    const { bob, meters } = made.scene.made;
    const disputeId = await made.raised(bob);
    await made.scene.flex.tickTo(answerBySlot);
    const remedy = { kind: 'resettlement', orderId: made.scene.orderId };
    await made.act(callers.regulator, 'ruleDispute', { disputeId, ...UPHELD, remedy });
    expect(await get(made, disputeId)).toMatchObject({
      dispute: { ruling: { remedy: { ...remedy, afterVersion: 1 } } },
      resettledVersion: null,
    });
    await made.scene.measure(meters.bob, 4, () => 750n);
    expect(await made.settle('anew')).toMatchObject({ version: 2 });
    expect(await get(made, disputeId)).toMatchObject({ resettledVersion: 2 });
    // The new version is another set, about which there was no dispute.
    await made.raised(bob, { about: [made.about(2)], answerBySlot: answerBySlot + 4 }, 'second');
  });

  it('is listed for both sides, and for everybody', async () => {
    const made = await SettledScene.create();
    const { aggregator, ann, bob, cyd, ledger } = made.scene.made;
    const ids = [await made.raised(ann), await made.raised(bob)].sort();
    const listed = async (fields: JsonObject) => {
      const { rows } = await ledger.evaluate(callers.regulator, 'accounts:listDisputes', fields);
      return (rows as JsonObject[]).map((row) => row.disputeId);
    };
    expect(await listed({})).toEqual(ids);
    expect(await listed({ participantId: aggregator.participantId })).toEqual(ids);
    expect(await listed({ participantId: ann.participantId })).toHaveLength(1);
    expect(await listed({ participantId: cyd.participantId })).toEqual([]);
  });

  it('that nobody rules expires, and can be raised again; one that was withdrawn cannot', async () => {
    const made = await SettledScene.create();
    const { ann, bob } = made.scene.made;
    const [annsId, bobsId] = [await made.raised(ann), await made.raised(bob)];
    await made.say(bob, 'withdrawDispute', { disputeId: bobsId });
    expect(await made.scene.code(() => made.act(callers.tso, 'expireDispute', { disputeId: annsId }))).toBe(
      'DISPUTE_NOT_EXPIRED',
    );
    await made.scene.flex.tickTo(ruleBySlot);
    const late = { disputeId: annsId, ...UPHELD };
    expect(await made.scene.code(() => made.act(callers.regulator, 'ruleDispute', late))).toBe('DISPUTE_RULING_LATE');
    const { response } = await made.act(callers.tso, 'expireDispute', { disputeId: annsId });
    expect(response).toMatchObject({ state: 'EXPIRED' });
    const later = { answerBySlot: ruleBySlot + 4 };
    await made.raised(ann, later, 'again');
    expect(await made.scene.code(() => made.raised(bob, later, 'again'))).toBe('DISPUTE_TWICE');
  });
});

describe('a dispute is refused', () => {
  let made: SettledScene;
  beforeAll(async () => {
    made = await SettledScene.create();
  });

  it.each<readonly [string, (scene: SettledScene) => JsonObject, string]>([
    [
      'about a set that is not there',
      ({ scene }) => ({ about: [{ kind: 'flexibility', orderId: scene.orderId, version: 2 }] }),
      'DISPUTE_SUBJECT_UNKNOWN',
    ],
    [
      'about a ruling that is not there',
      () => ({ about: [{ kind: 'dispute', disputeId: command('x') }] }),
      'DISPUTE_SUBJECT_UNKNOWN',
    ],
    [
      'with oneself',
      ({ scene }) => ({ respondent: { kind: 'participant', participantId: scene.made.ann.participantId } }),
      'DISPUTE_RESPONDENT_UNRELATED',
    ],
    [
      'with a stranger',
      ({ scene }) => ({ respondent: { kind: 'participant', participantId: scene.made.cyd.participantId } }),
      'DISPUTE_RESPONDENT_UNRELATED',
    ],
    [
      'with the operator of another grid',
      () => ({ respondent: { kind: 'dso', gridId: 'elsewhere' } }),
      'DISPUTE_RESPONDENT_UNRELATED',
    ],
    ['about a set twice', (scene) => ({ about: [scene.about(), scene.about()] }), 'DISPUTE_TWICE'],
    ['with too little time to answer', () => ({ answerBySlot: answerBySlot - 1 }), 'DISPUTE_DEADLINE'],
    [
      'with too much time to answer',
      () => ({ answerBySlot: overSlot + disputeRules.answerSlotsMax + 1 }),
      'DISPUTE_DEADLINE',
    ],
    ['with a signature that has expired', () => ({ expirySlot: overSlot }), 'SIGNATURE_EXPIRED'],
    ['about nothing', () => ({ about: [] }), 'INPUT_FIELD_INVALID'],
    [
      'about too much',
      (scene) => ({ about: Array.from({ length: limits.disputedSetsMax + 1 }, () => scene.about()) }),
      'INPUT_FIELD_INVALID',
    ],
    ['without evidence', () => ({ evidenceDigest: '' }), 'INPUT_FIELD_INVALID'],
    ['with text that is none', () => ({ text: 'a\u202eb' }), 'INPUT_FIELD_INVALID'],
  ])('%s', async (_what, changes, code) => {
    const { ann } = made.scene.made;
    expect(await made.scene.code(() => made.raised(ann, changes(made), 'refused'))).toBe(code);
  });

  it('about the bill of somebody else', async () => {
    const { aggregator, cyd } = made.scene.made;
    const strange = () => made.raised(cyd);
    expect(await made.scene.code(strange)).toBe('DISPUTE_NOT_PARTY');
    const funding = { kind: 'fund', commandId: command('fundFlexibility once 10000000') };
    expect(await made.scene.code(() => made.raised(aggregator, { about: [funding] }))).toBe('DISPUTE_NOT_PARTY');
  });

  it('with the signature of somebody else, or of nobody that is known', async () => {
    const { ann, bob, ledger } = made.scene.made;
    const forged = { ...made.claim(bob), participantId: ann.participantId };
    const send = (request: JsonObject) => () => ledger.submit(callers.community, 'accounts:raiseDispute', request);
    expect(await made.scene.code(send(forged))).toBe('SIGNATURE_INVALID');
    expect(await made.scene.code(send(made.claim(new Signer())))).toBe('PARTICIPANT_UNKNOWN');
    // What was signed holds for these words only.
    expect(await made.scene.code(send({ ...made.claim(ann), text: 'Another text.' }))).toBe('SIGNATURE_INVALID');
  });

  it('twice, and about what a ruling has posted', async () => {
    const scene = await SettledScene.create();
    const { aggregator, ann } = scene.scene.made;
    await scene.fold(aggregator, scene.about());
    const disputeId = await scene.raised(ann);
    expect(await scene.scene.code(() => scene.raised(ann, {}, 'again'))).toBe('DISPUTE_TWICE');
    await scene.say(aggregator, 'respondToDispute', { disputeId, ...CONTESTS });
    const remedy = { kind: 'correction', amountMicro: '1' };
    await scene.act(callers.regulator, 'ruleDispute', { disputeId, ...UPHELD, remedy });
    const about = [{ kind: 'dispute', disputeId }];
    expect(await scene.scene.code(() => scene.raised(aggregator, { about }))).toBe('DISPUTE_FINAL');
  });

  it('once the time for raising it has passed', async () => {
    const scene = await SettledScene.create();
    const lateSlot = overSlot + disputeRules.raiseWithinSlots;
    await scene.scene.flex.tickTo(lateSlot);
    const late = { answerBySlot: lateSlot + disputeRules.answerSlotsMin };
    expect(await scene.scene.code(() => scene.raised(scene.scene.made.ann, late))).toBe('DISPUTE_TOO_LATE');
  });
});

describe('an answer or a ruling is refused', () => {
  let made: SettledScene;
  let disputeId: string;
  beforeAll(async () => {
    made = await SettledScene.create();
    disputeId = await made.raised(made.scene.made.ann);
  });

  it.each<readonly [string, 'bob' | 'aggregator' | 'ann', string]>([
    ['of somebody who was not asked', 'bob', 'DISPUTE_NOT_RESPONDENT'],
    ['of the one who has raised it', 'ann', 'DISPUTE_NOT_RESPONDENT'],
  ])('%s', async (_what, who, code) => {
    const answer = () => made.say(made.scene.made[who], 'respondToDispute', { disputeId, ...CONTESTS });
    expect(await made.scene.code(answer)).toBe(code);
  });

  it.each<readonly [string, MemoryCaller, 'respondAsOperator' | 'ruleDispute' | 'expireDispute', JsonObject, string]>([
    ['of an operator who was not asked', callers.dso, 'respondAsOperator', CONTESTS, 'DISPUTE_NOT_RESPONDENT'],
    [
      'of the market operator who was not asked',
      callers.market,
      'respondAsOperator',
      CONTESTS,
      'DISPUTE_NOT_RESPONDENT',
    ],
    ['of another role than the regulator', callers.tso, 'ruleDispute', UPHELD, 'ACCESS_ROLE_REFUSED'],
    ['before the answer', callers.regulator, 'ruleDispute', UPHELD, 'DISPUTE_ANSWER_OPEN'],
    ['before it has expired', callers.tso, 'expireDispute', {}, 'DISPUTE_NOT_EXPIRED'],
  ])('%s', async (_what, caller, transaction, fields, code) => {
    expect(await made.scene.code(() => made.act(caller, transaction, { disputeId, ...fields }))).toBe(code);
  });

  it('about a dispute that is not there', async () => {
    const unknown = { disputeId: command('nobody') };
    const { ann } = made.scene.made;
    expect(await made.scene.code(() => get(made, unknown.disputeId))).toBe('DISPUTE_UNKNOWN');
    const rule = () => made.act(callers.regulator, 'ruleDispute', { ...unknown, ...UPHELD });
    expect(await made.scene.code(rule)).toBe('DISPUTE_UNKNOWN');
    expect(await made.scene.code(() => made.say(ann, 'withdrawDispute', unknown))).toBe('DISPUTE_UNKNOWN');
    const answer = () => made.say(ann, 'respondToDispute', { ...unknown, ...CONTESTS });
    expect(await made.scene.code(answer)).toBe('DISPUTE_UNKNOWN');
  });

  it('that takes back what somebody else has raised', async () => {
    const withdraw = () => made.say(made.scene.made.aggregator, 'withdrawDispute', { disputeId });
    expect(await made.scene.code(withdraw)).toBe('DISPUTE_NOT_CLAIMANT');
  });

  it('with a remedy that the ruling, the dispute or the money does not allow', async () => {
    const scene = await SettledScene.create();
    const { aggregator, ann, bob } = scene.scene.made;
    const [ofAnn, ofBob] = [await scene.raised(ann), await scene.raised(bob, { respondent: { kind: 'market' } })];
    await scene.say(aggregator, 'respondToDispute', { disputeId: ofAnn, ...CONTESTS });
    await scene.act(callers.market, 'respondAsOperator', { disputeId: ofBob, ...CONTESTS });
    const refusal = (id: string, outcome: string, remedy: JsonObject) =>
      scene.scene.code(() =>
        scene.act(callers.regulator, 'ruleDispute', { disputeId: id, ...UPHELD, outcome, remedy }),
      );
    const correction = { kind: 'correction', amountMicro: '1' };
    expect(await refusal(ofAnn, 'REJECTED', correction)).toBe('DISPUTE_REMEDY_REFUSED');
    expect(await refusal(ofBob, 'UPHELD', correction)).toBe('DISPUTE_NO_ACCOUNT');
    expect(await refusal(ofAnn, 'UPHELD', { ...correction, amountMicro: '0' })).toBe('ACCOUNTS_AMOUNT_ZERO');
    // Nothing was folded: the aggregator can dispose of nothing.
    expect(await refusal(ofAnn, 'UPHELD', correction)).toBe('ACCOUNTS_BALANCE_TOO_LOW');
    const unrelated = { kind: 'resettlement', orderId: `0${command('other').slice(1)}` };
    expect(await refusal(ofAnn, 'UPHELD', unrelated)).toBe('DISPUTE_RESETTLEMENT_UNRELATED');
    await scene.act(callers.regulator, 'ruleDispute', { disputeId: ofAnn, outcome: 'REJECTED', reason: 'No.' });
    const again = () => scene.act(callers.regulator, 'ruleDispute', { disputeId: ofAnn, ...UPHELD }, 'again');
    expect(await scene.scene.code(again)).toBe('DISPUTE_CLOSED');
    const late = () => scene.say(aggregator, 'respondToDispute', { disputeId: ofAnn, ...CONTESTS }, 'again');
    expect(await scene.scene.code(late)).toBe('DISPUTE_CLOSED');
    const twice = () => scene.act(callers.market, 'respondAsOperator', { disputeId: ofBob, ...CONTESTS }, 'again');
    expect(await scene.scene.code(twice)).toBe('DISPUTE_ANSWERED');
  });

  it('that asks the fund of a grid for more than it holds, or comes late', async () => {
    const scene = await SettledScene.create();
    const { aggregator, ann } = scene.scene.made;
    const disputeId = await scene.raised(aggregator, { respondent: { kind: 'dso', gridId: 'rural-1' } });
    const ofAnn = await scene.raised(ann);
    await scene.scene.flex.tickTo(answerBySlot);
    const late = () => scene.act(callers.dso, 'respondAsOperator', { disputeId, ...CONTESTS });
    expect(await scene.scene.code(late)).toBe('DISPUTE_ANSWER_LATE');
    const lateOfAggregator = () => scene.say(aggregator, 'respondToDispute', { disputeId: ofAnn, ...CONTESTS });
    expect(await scene.scene.code(lateOfAggregator)).toBe('DISPUTE_ANSWER_LATE');
    const remedy = { kind: 'correction', amountMicro: '5000001' };
    const ruling = () => scene.act(callers.regulator, 'ruleDispute', { disputeId, ...UPHELD, remedy });
    expect(await scene.scene.code(ruling)).toBe('FLEX_FUND_TOO_SMALL');
  });
});

describe('a dispute of trade', () => {
  it('is about what the market operator has booked, and concerns nobody else', async () => {
    const made = await SettledScene.create();
    const { ledger } = made.scene.made;
    const [dan, eve] = [new Signer(), new Signer()];
    await registerParticipants(ledger, [dan, eve]);
    const { participantId } = dan;
    const paidIn = { commandId: command('fund dan'), participantId, amountMicro: '500', reference: 'Transfer' };
    await ledger.submit(callers.market, 'accounts:fund', paidIn);
    const about = [{ kind: 'fund', commandId: command('fund dan') }];
    await made.raised(dan, { about, respondent: { kind: 'market' } });
    const other = { kind: 'participant', participantId: eve.participantId };
    expect(await made.scene.code(() => made.raised(dan, { about, respondent: other }, 'eve'))).toBe(
      'DISPUTE_RESPONDENT_UNRELATED',
    );
  });
});
