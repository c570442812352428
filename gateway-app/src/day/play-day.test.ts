import type { StepArguments } from '../roles/protocol';
import { Conductor } from './conductor';
import { planDay } from './plan';
import { playDay } from './play-day';

interface Call {
  readonly role: string;
  readonly step: string;
  readonly stepArguments: StepArguments;
}

const plan = planDay('seed');

async function playWithoutLedger(
  played = plan,
  said: string[] = [],
  answers: Readonly<Record<string, StepArguments>> = {},
): Promise<Call[]> {
  const calls: Call[] = [];
  const values: Readonly<Record<string, StepArguments>> = {
    bootstrap: { proposalId: 'founding' },
    proposeBalancingParty: { proposalId: 'balancing' },
    awaitForecast: { summary: 'a forecast' },
    limitConnections: { limited: 'all are limited', limitationId: 'limits' },
    placeIntradayOrders: { placed: '3 orders of 2 agents' },
    ...answers,
  };
  const conductor = new Conductor((role, step, stepArguments) => {
    calls.push({ role, step, stepArguments });
    return Promise.resolve({ value: values[step] ?? null, last: null });
  });
  await playDay({ plan: played, conductor, say: (line) => said.push(line) });
  return calls;
}

describe('the order of the day', () => {
  test('moves the clock slot by slot without a gap, from the history to the end of delivery', async () => {
    const ticks = (await playWithoutLedger()).filter((call) => call.step === 'tick').map((call) => call.stepArguments);
    expect(ticks[0]?.fromSlot).toBe(plan.historySlot);
    ticks.slice(1).forEach((tick, index) => {
      expect(tick.fromSlot).toBe(Number(ticks[index]?.toSlot) + 1);
      expect(Number(tick.toSlot) - Number(tick.fromSlot)).toBeLessThan(96);
    });
    expect(ticks.at(-1)?.toSlot).toBe(plan.deliverySlot + 96);
  });

  test('records every hour before it is settled, and after the clock has passed it', async () => {
    const calls = await playWithoutLedger();
    for (let hour = 0; hour < 24; hour += 1) {
      const at = (step: string): number =>
        calls.findIndex((call) => call.step === step && call.stepArguments.hour === hour);
      const passed = calls.findIndex(
        ({ step, stepArguments }) =>
          step === 'tick' && Number(stepArguments.toSlot) >= plan.deliverySlot + 4 * hour + 4,
      );
      expect(passed).toBeLessThan(at('recordHour'));
      expect(at('recordHour')).toBeLessThan(at('settleHour'));
    }
  });

  test('records the gap of the silent meter before its next block', async () => {
    const calls = await playWithoutLedger();
    const { hour } = plan.disturbances.silent;
    const gap = calls.findIndex((call) => call.step === 'recordGap');
    const next = calls.findIndex((call) => call.step === 'recordHour' && call.stepArguments.hour === hour + 1);
    expect(calls[gap]?.stepArguments.hour).toBe(hour);
    expect(gap).toBeLessThan(next);
  });

  test('has the system operator look at what flows after each hour but the last, where the day is to have set-points', async () => {
    const said: string[] = [];
    const calls = await playWithoutLedger(planDay('seed', { setPoints: true }), said);
    const hours = calls.filter(({ step }) => step === 'limitConnections').map((call) => call.stepArguments.hour);
    expect(hours).toEqual(Array.from({ length: 23 }, (_, hour) => hour));
    for (const hour of hours) {
      const at = (step: string, wanted: number): number =>
        calls.findIndex((call) => call.step === step && call.stepArguments.hour === wanted);
      expect(at('recordHour', Number(hour))).toBeLessThan(at('limitConnections', Number(hour)));
      expect(at('limitConnections', Number(hour))).toBeLessThan(at('recordHour', Number(hour) + 1));
    }
    expect(said).toContain('13:00: all are limited');
    const at = (step: string): number => calls.findIndex((call) => call.step === step);
    expect(at('fundCurtailment')).toBeLessThan(at('limitConnections'));
    const released = calls.flatMap(({ step }, index) => (step === 'releaseLimits' ? [index] : []));
    expect(released.length).toBe(hours.length);
    expect(Math.min(...released)).toBeGreaterThan(calls.map(({ step }) => step).lastIndexOf('settleHour'));
    const without = (await playWithoutLedger()).map(({ step }) => step);
    expect(without).not.toContain('limitConnections');
    expect(without).not.toContain('fundCurtailment');
  });

  test('plays an intraday session after each hour but the last, and settles no hour before all that trade it', async () => {
    const said: string[] = [];
    const calls = await playWithoutLedger(planDay('seed', { intraday: true }), said);
    const at = (step: string, hour: number): number =>
      calls.findIndex((call) => call.step === step && call.stepArguments.hour === hour);
    const begun = (slot: number): number =>
      calls.findIndex(({ step, stepArguments }) => step === 'tick' && Number(stepArguments.toSlot) >= slot);
    for (let hour = 0; hour < 24; hour += 1) {
      const now = plan.deliverySlot + 4 * hour;
      const order = [
        begun(now),
        at('openIntraday', hour),
        at('placeIntradayOrders', hour),
        begun(now + 1),
        at('closeSession', hour),
        at('publishOrders', hour),
        at('clear', hour),
        at('applyClearing', hour),
        begun(now + 2),
        at('settleHour', hour),
      ];
      expect(order).toEqual([...order].sort((left, right) => left - right));
      if (hour > 0) expect(at('recordHour', hour - 1)).toBeLessThan(at('openIntraday', hour));
    }
    expect(calls.filter(({ step }) => step === 'openIntraday').length).toBe(24);
    expect(said).toContain('07:00: traded again for 8 half hours from 07:30, 3 orders of 2 agents');
    expect(said).toContain('23:00: traded again for the half hour from 23:30, 3 orders of 2 agents');
    expect((await playWithoutLedger()).some(({ step }) => step === 'openIntraday')).toBe(false);
  });

  test.each([
    [true, 'the oracle has named the limits of the grid that bind, and has proven it'],
    [false, 'no oracle has answered by 21:00: the market looks for the limits by itself'],
  ])('lets the time for answers pass only where no oracle answers (answered: %s)', async (answered, sentence) => {
    const said: string[] = [];
    const limited = planDay('seed', { gridLimits: true });
    const calls = await playWithoutLedger(limited, said, { requestClearing: { answered } });
    const at = (wanted: string): number => calls.findIndex(({ step }) => step === wanted);
    const between = calls.slice(at('requestClearing') + 1, at('clear'));
    const ticks = between.map(({ step, stepArguments }) => [step, stepArguments.toSlot]);
    expect(ticks).toEqual(answered ? [] : [['tick', limited.answerDeadlineSlot]]);
    expect(limited.answerDeadlineSlot).toBeGreaterThanOrEqual(limited.publishDeadlineSlot);
    expect(limited.answerDeadlineSlot).toBeLessThan(limited.deliverySlot);
    expect(said).toContain(sentence);
  });

  test('asks for the clearing of every intraday session too, and lets its first slot begin where no oracle answers', async () => {
    const said: string[] = [];
    const both = planDay('seed', { gridLimits: true, intraday: true });
    const calls = await playWithoutLedger(both, said, { requestClearing: { answered: false } });
    const at = (step: string, hour: number): number =>
      calls.findIndex((call) => call.step === step && call.stepArguments.hour === hour);
    const begun = (slot: number): number =>
      calls.findIndex(({ step, stepArguments }) => step === 'tick' && Number(stepArguments.toSlot) >= slot);
    for (let hour = 0; hour < 24; hour += 1) {
      const order = [
        at('publishOrders', hour),
        at('requestClearing', hour),
        begun(both.deliverySlot + 4 * hour + 2),
        at('clear', hour),
        at('applyClearing', hour),
      ];
      expect(order[0]).toBeGreaterThan(0);
      expect(order).toEqual([...order].sort((left, right) => left - right));
    }
    expect(said).toContain('no oracle has answered by 07:30: the market looks for the limits by itself');
    const answered = await playWithoutLedger(both, [], { requestClearing: { answered: true } });
    const asked = answered.findIndex(
      ({ step, stepArguments }) => step === 'requestClearing' && stepArguments.hour === 7,
    );
    expect(answered.slice(asked, asked + 3).map(({ step }) => step)).toEqual([
      'requestClearing',
      'clear',
      'applyClearing',
    ]);
  });

  test('places orders from the forecast before the gate, and publishes them before the deadline', async () => {
    const steps = (await playWithoutLedger()).map(({ step, stepArguments }) =>
      step === 'tick' ? `tick ${Number(stepArguments.toSlot)}` : step,
    );
    const order = [
      'awaitForecast',
      'placeOrders',
      `tick ${plan.gateCloseSlot}`,
      'closeSession',
      'publishOrders',
      'requestClearing',
      'clear',
      'applyClearing',
      `tick ${plan.deliverySlot}`,
    ].map((step) => steps.indexOf(step));
    expect(order).toEqual([...order].sort((left, right) => left - right));
    expect(order.every((position) => position >= 0)).toBe(true);
  });
});
