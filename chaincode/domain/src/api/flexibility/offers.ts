import { nullable, object } from '../../decode';
import { headerFields } from '../../flexibility/header';
import { flexOfferIdCodec, flexRequestIdCodec } from '../../flexibility/ids';
import { flexOfferCodec, offerFields } from '../../flexibility/offer/rows';
import { listAnswer, pageFields } from '../common';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import {
  exampleHeader,
  examplePeriodSlot,
  flexibilityContract as contract,
  listAtPlace,
  participantErrors,
} from './common';
import { exampleRequestId } from './requests';

export const exampleOfferId = '01f0ffer00000000000000000a';

/** The transactions of the contract `flexibility` by which aggregators offer flexibility. */
export const flexOfferTransactions = {
  offerFlexibility: submitSpec(contract, 'offerFlexibility', {
    roles: ['aggregator'],
    request: object({ ...signedFields, ...headerFields, ...offerFields }),
    response: flexOfferCodec,
    errors: [
      ...participantErrors,
      'FLEX_ISPS_OUT_OF_BOUNDS',
      'FLEX_ISP_CONFLICT',
      'FLEX_ZERO_VOLUME',
      'FLEX_EXPIRY_OUT_OF_BOUNDS',
      'FLEX_DUPLICATE_IDENTIFIER',
      'FLEX_REFERENCE_UNKNOWN',
      'FLEX_NOT_PARTY',
      'FLEX_REFERENCE_PERIOD',
      'FLEX_REFERENCE_EXPIRED',
      'FLEX_REFERENCE_REVOKED',
      'FLEX_REFERENCE_CLOSED',
      'FLEX_NO_BASELINE',
      'FLEX_UNSOLICITED_REFUSED',
      'FLEX_NO_EXCLUSIVE_OFFERS',
      'FLEX_OPTION_TWICE',
      'FLEX_ACTIVATION_FACTOR',
      'FLEX_PRICE_PRECISION',
      'FLEX_REQUEST_MISMATCH',
      'FLEX_POWER_OUT_OF_BOUNDS',
      'FLEX_OBLIGED_NOT_MET',
      'FLEX_OFFERS_TOO_MANY',
    ],
    facts: ['FlexOffered'],
    summary: 'Offers flexibility to a request, with options of which one at most is ordered; or unsolicited.',
    example: {
      ...signedExample,
      ...exampleHeader,
      requestId: exampleRequestId,
      options: [
        {
          optionRef: 'batteries',
          isps: [{ startSlot: examplePeriodSlot + 72, slots: 4, direction: 'reduce', powerW: '20000' }],
          priceMicro: '5000000',
          minActivationFactorPpm: '500000',
        },
      ],
      orderBySlot: examplePeriodSlot + 60,
    },
  }),
  revokeFlexOffer: submitSpec(contract, 'revokeFlexOffer', {
    roles: ['aggregator'],
    request: object({ ...signedFields, offerId: flexOfferIdCodec }),
    response: flexOfferCodec,
    errors: [...signatureErrors, 'FLEX_REFERENCE_UNKNOWN', 'FLEX_NOT_PARTY', 'FLEX_REFERENCE_REVOKED', 'FLEX_PROCURED'],
    facts: ['FlexOfferRevoked'],
    summary: 'Takes back an offer that is not ordered.',
    example: { ...signedExample, offerId: exampleOfferId },
  }),
  getFlexOffer: evaluateSpec(contract, 'getFlexOffer', {
    roles: 'anyone',
    request: object({ offerId: flexOfferIdCodec }),
    response: object({ offer: nullable(flexOfferCodec) }),
    errors: [],
    summary: 'Answers an offer of flexibility, or null.',
    example: { offerId: exampleOfferId },
  }),
  listFlexOffers: evaluateSpec(contract, 'listFlexOffers', {
    roles: 'anyone',
    request: object({ requestId: flexRequestIdCodec, ...pageFields }),
    response: listAnswer(flexOfferCodec),
    errors: [],
    summary: 'Lists the offers to a request in whatever state, by aggregator in the order in which they were made.',
    example: { requestId: exampleRequestId },
  }),
  listUnsolicitedOffers: listAtPlace(
    'listUnsolicitedOffers',
    flexOfferCodec,
    'Lists the offers at a congestion point on a local day that nobody had requested.',
  ),
} as const;
