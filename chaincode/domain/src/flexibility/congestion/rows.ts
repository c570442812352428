import { array, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { elementIdCodec, mspIdCodec } from '../../field-codecs';
import { participantIdCodec } from '../../ids';
import { wCodec } from '../../units';
import { placeFields } from '../header';
import { flexDirectionCodec, ispsPerDayMax, runFields, runsCodec } from '../isps';

/** Which organisation operates a grid; absent for a grid that was registered before there was flexibility. */
export const gridOperatorCodec = object({ mspId: mspIdCodec });

/** The highest revision of a message. */
export const revisionMax = 1_000_000;
export const revisionCodec = integer(1, revisionMax);

/** Mean power of a portfolio behind a congestion point in a run of ISPs; one of the two is zero. */
export const prognosisRunCodec = object({ ...runFields, importW: wCodec, exportW: wCodec });
export const prognosisRunsCodec = runsCodec(prognosisRunCodec);
export type PrognosisRun = TypeOf<typeof prognosisRunCodec>;

/** What an aggregator expects its portfolio behind a congestion point to take and give in a local day: the baseline of its offers. */
export const dPrognosisCodec = object({
  ...placeFields,
  aggregatorId: participantIdCodec,
  revision: revisionCodec,
  isps: prognosisRunsCodec,
});
export type DPrognosis = TypeOf<typeof dPrognosisCodec>;

/** Which revision of a D-prognosis is the last. */
export const prognosisHeadCodec = object({ aggregatorId: participantIdCodec, revision: revisionCodec });

/** Flexibility that is reserved in a run of ISPs. */
export const reservedRunCodec = object({ ...runFields, direction: flexDirectionCodec, powerW: wCodec });
export const reservedRunsCodec = runsCodec(reservedRunCodec);
export type ReservedRun = TypeOf<typeof reservedRunCodec>;

/** The name of a bilateral flexibility contract, as its two sides agreed on it. */
export const flexContractIdCodec = elementIdCodec;

/**
 * What an aggregator has bound itself to offer on a day by a bilateral contract, and what of it the system operator still reserves. It counts
 * from the operator's first update on.
 */
export const reservationCodec = object({
  ...placeFields,
  contractId: flexContractIdCodec,
  aggregatorId: participantIdCodec,
  state: oneOf('PROPOSED', 'RESERVED'),
  contractedIsps: reservedRunsCodec,
  /** What is left after the last update; absent before the first. */
  reservedIsps: optional(array(reservedRunCodec, ispsPerDayMax)),
  /** How many updates there were. */
  revision: integer(0, revisionMax),
});
export type Reservation = TypeOf<typeof reservationCodec>;
