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

async function playWithoutLedger(): Promise<Call[]> {
  const calls: Call[] = [];
  const values: Readonly<Record<string, StepArguments>> = {
    bootstrap: { proposalId: 'founding' },
    proposeBalancingParty: { proposalId: 'balancing' },
    awaitForecast: { summary: 'a forecast' },
  };
  const conductor = new Conductor((role, step, stepArguments) => {
    calls.push({ role, step, stepArguments });
    return Promise.resolve({ value: values[step] ?? null, last: null });
  });
  await playDay({ plan, conductor, say: () => undefined });
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
      'clear',
      'applyClearing',
      `tick ${plan.deliverySlot}`,
    ].map((step) => steps.indexOf(step));
    expect(order).toEqual([...order].sort((left, right) => left - right));
    expect(order.every((position) => position >= 0)).toBe(true);
  });
});
