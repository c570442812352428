import {
  answerDigestOf,
  checkFlexibilityMoney,
  decodeWhole,
  foldPostingSets,
  forecastCoverCodec,
  limitRowCodec,
  limits,
  participantAccount,
  postingSetCodec,
  seriesListCodec,
  type JsonObject,
} from '@flexledger/domain';
import { callers, command, idOf } from '../../testing/actors';
import { flat, forecast, ForecastScene } from '../../testing/forecast-scene';
import { signed } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { community, market } = callers;
const { endSlot, historyTo, requestId } = forecast;
const FEE = 1_000_000n;
/** From which slot on the forecast is paid. */
const payFrom = endSlot + limits.imbalancePriceWaitSlots;

/** A scene whose rules pay up to one unit from a skill of a half on; cyd is the payee of the oracle. */
async function paidScene(fullSkillPpm = 500_000) {
  const scene = await ForecastScene.create();
  const { made } = scene;
  const { ann, cyd, ledger } = made;
  const payees = [{ mspId: 'DsoMSP', participantId: cyd.participantId }];
  const forecastPay = { feeMicro: FEE.toString(), fullSkillPpm, payees };
  const pay = (label: string) =>
    ledger.submit(community, 'oracle:payForecast', { commandId: command(`pay ${label}`), requestId });
  return {
    scene,
    made,
    pay,
    code: (run: () => Promise<unknown>) => codeOf(ledger, run),
    rules: () => made.changeRules({ number: 3, oracle: { answersNeeded: 1, forecastPay } }),
    cover: async (label: string, changes: JsonObject = {}, key = ann) => {
      const expirySlot = historyTo + 8;
      const asked = { commandId: command(`cover ${label}`), participantId: key.participantId, expirySlot, requestId };
      return (
        await ledger.submit(
          community,
          'oracle:coverForecast',
          signed(ann, 'oracle', 'coverForecast', { ...asked, ...changes }),
        )
      ).response;
    },
    /** Ann took 50 Wh in each quarter hour of the first day; of the next one what the forecast says, in so many of eight. */
    measure: async (annWh: bigint) => {
      await made.tickTo(payFrom - 1);
      const before = flat(forecast.firstSlot - historyTo, 50n);
      await made.measure(made.meters.ann, [...before, ...flat(8, annWh)]);
    },
    /** Everything that was posted and is set aside holds together. */
    books: async () => {
      const { rows } = await ledger.evaluate(market, 'accounts:listPostings', {});
      const sets = (rows as JsonObject[]).map((row) => decodeWhole(postingSetCodec, row));
      const isFund = ({ cause }: (typeof sets)[number]) => Number(cause.kind === 'fund');
      const books = foldPostingSets([...sets].sort((left, right) => isFund(right) - isFund(left)));
      const { cover } = await ledger.evaluate(market, 'oracle:getForecastCover', { requestId });
      const forecasts = cover === null ? [] : [decodeWhole(forecastCoverCodec, cover ?? null)];
      const { participantId } = ann;
      const limit = await ledger.evaluate(market, 'accounts:getBalance', { participantId });
      const held = { funds: [], covers: [], forecasts, limits: [decodeWhole(limitRowCodec, limit)] };
      expect([...books.violations, ...checkFlexibilityMoney(books, held)]).toEqual([]);
      return books;
    },
  };
}

describe('paying a forecast by its score', () => {
  it('locks the fee at first, pays what the skill is worth, and gives the rest back', async () => {
    const { books, cover, made, measure, pay, rules, scene } = await paidScene(1_000_000);
    await rules();
    const before = await made.available(made.ann);
    await scene.ask();
    expect(await cover('once')).toMatchObject({
      state: 'HELD',
      feeMicro: FEE.toString(),
      payerId: made.ann.participantId,
    });
    expect(await made.available(made.ann)).toBe(before - FEE);
    await books();
    await scene.answer();
    // The forecast says 50 Wh where 50 were taken the day before: as good as that day, which is no skill.
    await measure(60n);
    await made.tickTo(payFrom);
    const { event, response } = await pay('due');
    expect(response).toMatchObject({ state: 'RELEASED' });
    expect(event).toMatchObject({ facts: [{ type: 'ForecastScored' }, { type: 'ForecastPaid', paidMicro: '0' }] });
    expect(await made.available(made.ann)).toBe(before);
    await books();
  });

  it('pays the payee of the organisation whose answer counts, which then can dispose of it', async () => {
    const { books, code, cover, made, pay, rules, scene } = await paidScene();
    const { ann, cyd, ledger, meters } = made;
    await rules();
    await scene.ask();
    await cover('once');
    const whole = await scene.answering();
    const low = { p10: ['0', '0'], p50: ['230', '230'], p90: ['300', '300'] };
    const none = { p10: ['0', '0'], p50: ['0', '0'], p90: ['0', '0'] };
    const series = [
      { meterId: meters.ann.meterId, importWh: low, exportWh: none },
      { meterId: meters.cyd.meterId, importWh: none, exportWh: none },
    ];
    const answerDigest = answerDigestOf(seriesListCodec.decode(series, ''));
    await ledger.submit(callers.oracle, 'oracle:answer', { ...whole, series, answerDigest, model: 'other' });
    const available = await made.available(ann);
    await made.tickTo(payFrom - 1);
    await made.measure(meters.ann, [...flat(24, 50n), ...flat(8, 60n)]);
    expect(await code(() => pay('early'))).toBe('ORACLE_PAY_HELD');
    await made.tickTo(payFrom);
    // Errors of 10 where yesterday has 40: a skill of three quarters, above the half from which the whole fee is paid.
    expect((await pay('due')).response).toMatchObject({
      state: 'PAID',
      paidMicro: FEE.toString(),
      payeeId: cyd.participantId,
    });
    expect(await made.available(ann)).toBe(available);
    const earned = await made.available(cyd);
    const sources = [{ kind: 'forecast', requestId }];
    const fold = { commandId: command('fold'), participantId: cyd.participantId, sources };
    await ledger.submit(community, 'accounts:foldBalance', fold);
    expect(await made.available(cyd)).toBe(earned + FEE);
    expect((await books()).balances.get(participantAccount(ann.participantId))).toBe(200_000_000n - FEE);
    expect(await code(() => pay('twice'))).toBe('ORACLE_NOT_COVERED');
  });

  it('gives everything back at once where the request has expired', async () => {
    const { cover, made, pay, rules, scene } = await paidScene();
    await rules();
    const before = await made.available(made.ann);
    await scene.ask();
    await cover('once');
    await made.tickTo(forecast.expirySlot);
    await made.ledger.submit(community, 'oracle:expire', { commandId: command('expire'), requestId });
    expect((await pay('expired')).response).toMatchObject({ state: 'RELEASED' });
    expect(await made.available(made.ann)).toBe(before);
  });

  it('is refused one by one', async () => {
    const { code, cover, made, pay, rules, scene } = await paidScene();
    expect(await code(() => cover('nothing', { requestId: idOf('nothing') }))).toBe('ORACLE_REQUEST_UNKNOWN');
    await scene.ask();
    expect(await code(() => cover('off'))).toBe('ORACLE_PAY_OFF');
    await rules();
    expect(await code(() => cover('another', {}, made.bob))).toBe('SIGNATURE_INVALID');
    expect(await code(() => pay('uncovered'))).toBe('ORACLE_NOT_COVERED');
    await cover('once');
    expect(await code(() => cover('twice'))).toBe('ORACLE_COVERED');
    await scene.answer();
    expect(await code(() => cover('late'))).toBe('ORACLE_REQUEST_CLOSED');
  });
});
