import {
  dPrognosisCodec,
  flexOfferCodec,
  flexOrderCodec,
  flexRequestCodec,
  reservationCodec,
  type DPrognosis,
  type FlexOffer,
  type FlexOrder,
  type FlexRequest,
  type Reservation,
} from '@flexledger/domain';
import { readSettings } from '../settings';

const AGGREGATOR = '01aggregat0r00000000000000';
const PERIOD_SLOT = 1_626_040;

/** Settings of a market with one operator and one aggregator. */
export const exampleSettings = readSettings(
  JSON.stringify({
    operators: [{ domain: 'dso.example', gridIds: ['rural-1'] }],
    aggregators: [{ domain: 'agg.example', participantId: AGGREGATOR }],
    meters: [{ ean: 'E1234567890123456', meterId: '01meter000000000000000000a' }],
    entityAddress: 'ea1.2016-01.org.example',
    timeZone: 'Europe/Berlin',
    currency: 'EUR',
  }),
);

/** One row of each kind, as they follow from each other. */
export function exampleRows(): {
  readonly prognosis: DPrognosis;
  readonly request: FlexRequest;
  readonly offer: FlexOffer;
  readonly order: FlexOrder;
  readonly reservation: Reservation;
} {
  const place = { gridId: 'rural-1', congestionPointId: 'transformer', periodSlot: PERIOD_SLOT, periodIsps: 96 };
  const requestId = '01f1exreqst00000000000000a';
  const offerId = '7zzzzzzzzzzzzzzzzzzzzzzzzz';
  const peak = { startSlot: PERIOD_SLOT + 72, slots: 2, direction: 'reduce' };
  const rebound = { startSlot: PERIOD_SLOT + 80, slots: 1, direction: 'increase' };
  return {
    prognosis: dPrognosisCodec.decode(
      {
        ...place,
        aggregatorId: AGGREGATOR,
        revision: 3,
        isps: [
          { startSlot: PERIOD_SLOT, slots: 95, importW: '60000', exportW: '0' },
          { startSlot: PERIOD_SLOT + 95, slots: 1, importW: '0', exportW: '1500' },
        ],
      },
      '',
    ),
    request: flexRequestCodec.decode(
      {
        requestId,
        ...place,
        revision: 2,
        isps: [
          { ...peak, disposition: 'requested', minW: '20000', maxW: '60000' },
          { ...rebound, disposition: 'available', minW: '0', maxW: '10000', againstMaxW: '5000' },
        ],
        answerBySlot: PERIOD_SLOT - 8,
        contractId: 'evening',
        serviceType: 'peak shaving',
        state: 'OPEN',
      },
      '',
    ),
    offer: flexOfferCodec.decode(
      {
        offerId,
        ...place,
        requestId,
        contractId: 'evening',
        options: [
          {
            optionRef: 'batteries',
            isps: [
              { ...peak, powerW: '20000' },
              { ...rebound, powerW: '9999' },
            ],
            priceMicro: '5000100',
            minActivationFactorPpm: '500000',
          },
          {
            optionRef: 'heat-pumps',
            isps: [{ ...peak, powerW: '21000' }],
            priceMicro: '6000000',
            minActivationFactorPpm: '1000000',
          },
        ],
        orderBySlot: PERIOD_SLOT + 60,
        aggregatorId: AGGREGATOR,
        prognosisRevision: 3,
        state: 'OPEN',
      },
      '',
    ),
    order: flexOrderCodec.decode(
      {
        orderId: '01f0rder00000000000000000a',
        offerId,
        requestId,
        optionRef: 'batteries',
        ...place,
        aggregatorId: AGGREGATOR,
        contractId: 'evening',
        direction: 'shift',
        isps: [
          { slot: PERIOD_SLOT + 72, direction: 'reduce', powerW: '16000' },
          { slot: PERIOD_SLOT + 73, direction: 'reduce', powerW: '16000' },
          { slot: PERIOD_SLOT + 80, direction: 'increase', powerW: '7999' },
        ],
        activationFactorPpm: '800000',
        priceMicro: '4000000',
        penaltyMicroPerKwh: '400000',
        prognosisRevision: 3,
        ruleSet: 2,
        state: 'ORDERED',
      },
      '',
    ),
    reservation: reservationCodec.decode(
      {
        ...place,
        contractId: 'evening',
        aggregatorId: AGGREGATOR,
        state: 'RESERVED',
        contractedIsps: [{ ...peak, powerW: '30000' }],
        reservedIsps: [{ ...peak, powerW: '20000' }],
        revision: 1,
      },
      '',
    ),
  };
}
