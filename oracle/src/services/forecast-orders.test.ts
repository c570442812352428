import { slot, wh, type Computation, type MeterHistory, type MeterId, type RequestId } from '@flexledger/domain';
import { biddingContextsOf, forecastsOf, planDay, strategyOf, type WantedOrder } from '@flexledger/gateway-app';
import { answerRequest } from '../answer-request';
import { ServiceCatalogue } from '../service';
import { MemoryOracleLedger, testId } from '../testing/memory-oracle-ledger';
import { forecastTrained } from './forecast-trained';

const plan = planDay('orders by trained forecasts', { strategy: 'quantile', trainedForecast: true });
const home = plan.participants.find(({ kind, meters }) => kind === 'prosumer' && meters.length > 0);
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Readings of the meters of the home: much in the evening, little else. */
function readings(eveningWh: number): readonly MeterHistory[] {
  return (home?.meters ?? []).map(({ meterId }) => ({
    meterId: meterId as MeterId,
    totals: Array.from({ length: plan.forecastSlot - plan.historySlot }, (_, index) => {
      const hour = Math.floor((index % 96) / 4);
      const importWh = wh(BigInt(hour >= 18 && hour < 22 ? eveningWh : 50));
      return { slot: slot(plan.historySlot + index), importWh, exportWh: wh(0n) };
    }),
  }));
}

/** The orders of the home's agent, planned with what the trained service answers to the day's own request. */
async function ordersAfter(eveningWh: number): Promise<readonly WantedOrder[]> {
  const ledger = new MemoryOracleLedger();
  const services = new ServiceCatalogue([forecastTrained('day-ahead', 'Europe/Berlin')]);
  const requestId: RequestId = testId(1);
  const asked: Partial<Computation> = {
    version: '2',
    firstSlot: slot(plan.deliverySlot),
    historyFromSlot: slot(plan.historySlot),
    historyToSlot: slot(plan.forecastSlot),
    expirySlot: slot(plan.gateCloseSlot),
  };
  ledger.request(requestId, readings(eveningWh), asked);
  await answerRequest({ ledger, services, log }, requestId);
  const contexts = biddingContextsOf(plan, forecastsOf(ledger.answersTo(requestId)[0] ?? []));
  const context = contexts.get(home?.label ?? '');
  return context === undefined ? [] : strategyOf(plan.strategy).orders(context);
}

function boughtWh(orders: readonly WantedOrder[], interval: number): number {
  const own = orders.filter((order) => order.side === 'buy' && order.interval === interval);
  return own.reduce((sum, { energyWh }) => sum + Number(energyWh), 0);
}

describe('the orders of an agent', () => {
  it('follow the trained forecast: what is bought is what the home is foreseen to take, hour by hour', async () => {
    const [small, large] = [await ordersAfter(300), await ordersAfter(600)];
    const meters = home?.meters.length ?? 0;
    for (const evening of [18, 19, 20, 21]) {
      expect(boughtWh(small, evening)).toBeGreaterThan(0.7 * 1_200 * meters);
      expect(boughtWh(large, evening) / boughtWh(small, evening)).toBeGreaterThan(1.5);
      expect(boughtWh(small, evening)).toBeGreaterThan(3 * boughtWh(small, 4));
    }
    expect(boughtWh(large, 4)).toBeLessThan(2 * boughtWh(small, 4) + 200);
  });
});
