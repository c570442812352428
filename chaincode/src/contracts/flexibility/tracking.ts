import {
  contracts,
  demand,
  mulDivFloor,
  sum,
  trackPortfolio,
  wh,
  type FlexEvent,
  type Performance,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { performances, saveEvent } from '../../store/flexibility/event-store';
import { flexOrders } from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { measureEvent, trackEvent } from './track-events';
import { EventContract, loadEvent } from './events';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` that measures events. */
export abstract class TrackingContract extends EventContract {
  /** Measures events in a slot. */
  @Transaction()
  @Returns('string')
  public async trackEvents(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.trackEvents, request, async ({ orderId, participantIds, slot }) => {
      const lines: Performance[] = [];
      for (const participantId of new Set(participantIds)) {
        const event = await loadEvent(context, orderId, participantId);
        lines.push(await trackEvent(context, event, slot));
      }
      saveLines(context, lines);
      const total = (part: (line: Performance) => bigint) => sum(lines.map(part)).toString();
      context.record({
        type: 'FlexTracked',
        orderId,
        slot,
        prosumers: lines.length,
        orderedWh: total((line) => line.orderedWh),
        deliveredWh: total((line) => line.deliveredWh),
        deficiencyWh: total((line) => line.deficiencyWh),
      });
      for (const line of lines.filter(({ isDeviation }) => isDeviation)) {
        const { deficiencyWh, deliveredWh, measurement, orderedWh, participantId } = line;
        context.record({
          type: 'FlexDeviation',
          orderId,
          slot,
          participantId,
          measurement,
          orderedWh: orderedWh.toString(),
          deliveredWh: deliveredWh.toString(),
          deficiencyWh: deficiencyWh.toString(),
        });
      }
      return { lines };
    });
  }

  /** Measures whole events. */
  @Transaction()
  @Returns('string')
  public async completeEvents(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.completeEvents, request, async ({ orderId, participantIds }) => {
      const events: FlexEvent[] = [];
      for (const participantId of new Set(participantIds)) {
        const known = await loadEvent(context, orderId, participantId);
        const { event, lines } = await measureEvent(context, known);
        saveLines(context, lines);
        saveEvent(context.session, event);
        const { eventId, result } = event;
        context.record({
          type: 'FlexEventCompleted',
          orderId,
          eventId,
          participantId,
          deliveredWh: (result?.deliveredWh ?? 0n).toString(),
          deficiencyWh: (result?.deficiencyWh ?? 0n).toString(),
          flags: [...(result?.flags ?? [])],
          version: result?.version ?? 0,
        });
        events.push(event);
      }
      return { events };
    });
  }

  /** What the prosumers of an order did in a slot. */
  @Transaction(false)
  @Returns('string')
  public async getPortfolioPerformance(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getPortfolioPerformance, request, async ({ orderId, slot }) => {
      const { session } = context;
      const order = found(await flexOrders.load(session, orderId), 'FLEX_REFERENCE_UNKNOWN', { orderId });
      const isp = order.isps.find((one) => one.slot === slot);
      demand(isp !== undefined, 'FLEX_EVENT_SLOT', { orderId, slot });
      const lines = await performances.list(session, prefixes.performances(orderId, slot));
      const { direction, powerW } = isp;
      const ordered = { orderId, slot, direction, orderedWh: wh(mulDivFloor(powerW, 1n, quartersPerHour)) };
      return { portfolio: trackPortfolio(ordered, lines), lines };
    });
  }
}

/** Quarter hours of an hour: the energy of a power in a quarter hour is a quarter of it, rounded down. */
const quartersPerHour = 4n;

function saveLines(context: GridContext, lines: readonly Performance[]): void {
  for (const line of lines) {
    performances.save(context.session, line, line.orderId, line.slot, line.participantId);
  }
}
