import { RuleRejected } from '../client/errors';
import { HOURS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import type { RoleStep } from './role-context';

const AWAIT_TRIES_MAX = 240;
const AWAIT_PAUSE_MS = 250;

/** Asks the oracle for the day-ahead forecast of every meter from its readings so far. */
export const requestForecast: RoleStep = async (context) => {
  const { plan } = context;
  await context.submit('oracle', 'requestComputation', 'forecast/day-ahead', (commandId) => ({
    request: {
      commandId,
      service: 'forecast-day-ahead',
      version: plan.trainedForecast ? '2' : '1',
      meterIds: plan.meters.map((meter) => meter.meterId),
      firstSlot: plan.deliverySlot,
      intervals: HOURS_PER_DAY,
      intervalSlots: SLOTS_PER_HOUR,
      historyFromSlot: plan.historySlot,
      historyToSlot: plan.forecastSlot,
      expirySlot: plan.gateCloseSlot,
    },
  }));
  return null;
};

/** Waits until the oracle's answer is complete on the ledger. */
export const awaitForecast: RoleStep = async (context) => {
  const requestId = context.commandId('forecast/day-ahead');
  for (let tries = 0; tries < AWAIT_TRIES_MAX; tries += 1) {
    const request = await context.evaluate('oracle', 'getRequest', { requestId });
    if (request.state === 'ANSWERED') return { summary: 'forecasts of 24 hours with quantiles for every meter' };
    await new Promise((resolve) => setTimeout(resolve, AWAIT_PAUSE_MS));
  }
  throw new Error(
    `the oracle has not answered request ${requestId} within ${(AWAIT_TRIES_MAX * AWAIT_PAUSE_MS) / 1000} s`,
  );
};

/** Tries to move the ledger clock with the aggregator's certificate, which the contract must refuse. */
export const forbiddenCall: RoleStep = async (context) => {
  const { plan } = context;
  const slot = plan.deliverySlot + SLOTS_PER_HOUR * HOURS_PER_DAY + 1;
  const commandId = context.commandId('forbidden/tick');
  try {
    await context.send('registry', 'tick', { commandId, fromSlot: slot, toSlot: slot });
    return { role: 'aggregator', transaction: 'registry:tick', refused: false, code: 'VALID' };
  } catch (error) {
    if (!(error instanceof RuleRejected)) throw error;
    return { role: 'aggregator', transaction: 'registry:tick', refused: true, code: error.code };
  }
};
