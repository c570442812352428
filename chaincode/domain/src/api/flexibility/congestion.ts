import { array, nullable, object, optional } from '../../decode';
import { headerFields } from '../../flexibility/header';
import {
  dPrognosisCodec,
  flexContractIdCodec,
  prognosisRunsCodec,
  reservationCodec,
  reservedRunCodec,
  reservedRunsCodec,
  revisionCodec,
} from '../../flexibility/congestion/rows';
import { ispsPerDayMax } from '../../flexibility/isps';
import { participantIdCodec } from '../../ids';
import { commandFields } from '../common';
import { exampleCommandId, exampleParticipantId } from '../examples';
import { signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import {
  exampleHeader,
  examplePeriodSlot,
  examplePlace,
  flexibilityContract as contract,
  placeAskedFields,
  listAtPlace,
  operatorErrors,
  participantErrors,
} from './common';

const runErrors = ['FLEX_ISPS_OUT_OF_BOUNDS', 'FLEX_ISP_CONFLICT'] as const;
const exampleReserved = { startSlot: examplePeriodSlot + 72, slots: 4, direction: 'reduce', powerW: '2000' } as const;

/** The transactions of the contract `flexibility` about congestion points: what is expected there, and what is reserved. */
export const congestionTransactions = {
  fileDPrognosis: submitSpec(contract, 'fileDPrognosis', {
    roles: ['aggregator'],
    request: object({ ...signedFields, ...headerFields, revision: revisionCodec, isps: prognosisRunsCodec }),
    response: dPrognosisCodec,
    errors: [
      ...participantErrors,
      ...runErrors,
      'FLEX_LACKING_ISPS',
      'FLEX_POWER_REJECTED',
      'FLEX_REVISION_SUBORDINATE',
      'FLEX_ALREADY_SUBMITTED',
    ],
    facts: ['DPrognosisFiled'],
    summary:
      'Files what an aggregator expects its portfolio behind a congestion point to take and give in a local day.',
    example: {
      ...signedExample,
      ...exampleHeader,
      revision: 1,
      isps: [{ startSlot: examplePeriodSlot, slots: 96, importW: '40000', exportW: '0' }],
    },
  }),
  proposeReservation: submitSpec(contract, 'proposeReservation', {
    roles: ['aggregator'],
    request: object({ ...signedFields, ...headerFields, contractId: flexContractIdCodec, isps: reservedRunsCodec }),
    response: reservationCodec,
    errors: [...participantErrors, ...runErrors, 'FLEX_ZERO_VOLUME', 'FLEX_DUPLICATE_IDENTIFIER'],
    facts: ['FlexReservationProposed'],
    summary: 'Binds an aggregator to offer flexibility on a day, once the system operator takes it up.',
    example: { ...signedExample, ...exampleHeader, contractId: 'evening-2016', isps: [exampleReserved] },
  }),
  reserveFlexibility: submitSpec(contract, 'reserveFlexibility', {
    roles: ['dso'],
    request: object({
      ...commandFields,
      ...headerFields,
      contractId: flexContractIdCodec,
      isps: array(reservedRunCodec, ispsPerDayMax),
    }),
    response: reservationCodec,
    errors: [...operatorErrors, ...runErrors, 'FLEX_REFERENCE_UNKNOWN', 'FLEX_RESERVATION_EXCEEDED'],
    facts: ['FlexReserved'],
    summary: 'Says what of a bilateral contract the system operator reserves on a day; the rest is released.',
    example: { commandId: exampleCommandId, ...exampleHeader, contractId: 'evening-2016', isps: [exampleReserved] },
  }),
  getDPrognosis: evaluateSpec(contract, 'getDPrognosis', {
    roles: 'anyone',
    request: object({ ...placeAskedFields, aggregatorId: participantIdCodec, revision: optional(revisionCodec) }),
    response: object({ prognosis: nullable(dPrognosisCodec) }),
    errors: [],
    summary: 'Answers a revision of the D-prognosis of an aggregator, the last one where none is named, or null.',
    example: { ...examplePlace, aggregatorId: exampleParticipantId },
  }),
  listDPrognoses: listAtPlace(
    'listDPrognoses',
    dPrognosisCodec,
    'Lists the last D-prognosis of each aggregator at a congestion point on a local day.',
  ),
  getReservation: evaluateSpec(contract, 'getReservation', {
    roles: 'anyone',
    request: object({ ...placeAskedFields, contractId: flexContractIdCodec }),
    response: object({ reservation: nullable(reservationCodec) }),
    errors: [],
    summary: 'Answers what of a bilateral contract is reserved on a day, or null.',
    example: { ...examplePlace, contractId: 'evening-2016' },
  }),
} as const;
