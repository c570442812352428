import { object, type Codec, type TypeOf } from '../../decode';
import { placeFields } from '../../flexibility/header';
import { listAnswer, pageFields, type ListAnswer } from '../common';
import { signatureErrors } from '../signed';
import { evaluateSpec, type TransactionSpec } from '../transaction-spec';

/** The contract of demand response. */
export const flexibilityContract = 'flexibility';

const { congestionPointId, gridId, periodSlot } = placeFields;
/** A congestion point and a local day, named by its first slot. */
export const placeAskedFields = { gridId, congestionPointId, periodSlot };
const placeList = object({ ...placeAskedFields, ...pageFields });

/** Midnight of 17 May 2016 in Berlin. */
export const examplePeriodSlot = 1_626_040;
export const examplePlace = {
  gridId: 'rural-1',
  congestionPointId: 'transformer',
  periodSlot: examplePeriodSlot,
} as const;
export const exampleHeader = { ...examplePlace, ispMinutes: 15, timeZone: 'Europe/Berlin' } as const;

const headerErrors = [
  'FLEX_CONGESTION_POINT_INVALID',
  'FLEX_ISP_DURATION',
  'FLEX_TIME_ZONE',
  'FLEX_PERIOD_OUT_OF_BOUNDS',
] as const;
/** What the message of a participant is refused with before it is read further than its header. */
export const participantErrors = [...signatureErrors, 'FLEX_ROLE_MISMATCH', 'FLEX_OFF', ...headerErrors] as const;
/** The same for the message of a system operator. */
export const operatorErrors = ['FLEX_OFF', 'FLEX_NOT_GRID_OPERATOR', ...headerErrors] as const;

export const exampleFlexibilityRules = {
  timeZone: 'Europe/Berlin',
  periodDaysAheadMax: 7,
  noticeSlots: 4,
  prognosisRequired: true,
  unsolicitedOffers: false,
  exclusiveOptions: true,
  penaltyMicroPerKwh: '400000',
} as const;

/** Describes the list of what there is of a kind at a congestion point on a local day; it is open to everyone, as the messages are. */
export function listAtPlace<Row>(
  name: string,
  row: Codec<Row>,
  summary: string,
): TransactionSpec<TypeOf<typeof placeList>, ListAnswer<Row>, 'evaluate'> {
  return evaluateSpec(flexibilityContract, name, {
    roles: 'anyone',
    request: placeList,
    response: listAnswer(row),
    errors: [],
    summary,
    example: examplePlace,
  });
}
