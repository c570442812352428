import { object } from '../../decode';
import { flexRequestIdCodec } from '../../flexibility/ids';
import { regimeCodec } from '../../flexibility/regime/rows';
import { commandFields } from '../common';
import { exampleCommandId } from '../examples';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { examplePlace, flexibilityContract as contract, placeAskedFields } from './common';
import { exampleRequestId } from './requests';

/** The transactions of the contract `flexibility` about the regime of a congestion point. */
export const regimeTransactions = {
  declareOrange: submitSpec(contract, 'declareOrange', {
    roles: ['dso'],
    request: object({ ...commandFields, requestId: flexRequestIdCodec }),
    response: regimeCodec,
    errors: [
      'FLEX_NOT_GRID_OPERATOR',
      'FLEX_REFERENCE_UNKNOWN',
      'FLEX_NOT_PARTY',
      'FLEX_REFERENCE_REVOKED',
      'FLEX_OFFERS_SUFFICE',
      'FLEX_STILL_ANSWERABLE',
    ],
    facts: ['RegimeChanged'],
    summary: 'Declares that the offers to a request do not suffice, so that connections will be limited.',
    example: { commandId: exampleCommandId, requestId: exampleRequestId },
  }),
  declareGreen: submitSpec(contract, 'declareGreen', {
    roles: ['dso'],
    request: object({ ...commandFields, ...placeAskedFields }),
    response: regimeCodec,
    errors: ['FLEX_NOT_GRID_OPERATOR', 'FLEX_REFERENCE_UNKNOWN', 'FLEX_REGIME_GREEN', 'FLEX_REGIME_IN_USE'],
    facts: ['RegimeChanged'],
    summary:
      'Declares that a congestion point is free again: nothing is requested, and all that was ordered has ended.',
    example: { commandId: exampleCommandId, ...examplePlace },
  }),
  getRegime: evaluateSpec(contract, 'getRegime', {
    roles: 'anyone',
    request: object(placeAskedFields),
    response: regimeCodec,
    errors: ['FLEX_OFF', 'FLEX_PERIOD_OUT_OF_BOUNDS'],
    summary: 'Answers the regime of a congestion point on a local day.',
    example: examplePlace,
  }),
} as const;
