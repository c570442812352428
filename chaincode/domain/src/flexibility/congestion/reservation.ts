import { demand } from '../../errors';
import type { ParticipantId } from '../../ids';
import { least } from '../../math';
import { w } from '../../units';
import { periodOf, type FlexPlace } from '../header';
import { bySlot, checkRuns, ispsOf } from '../isps';
import type { ObligedIsp } from '../offer/rows';
import type { FlexRequest } from '../request/rows';
import type { Reservation, ReservedRun } from './rows';

/** A reservation as an aggregator proposes it. Refuses ISPs outside the day or twice, and one that binds to nothing. */
export function proposeReservation(
  place: FlexPlace,
  proposed: Pick<Reservation, 'contractId' | 'aggregatorId' | 'contractedIsps'>,
): Reservation {
  checkRuns(proposed.contractedIsps, periodOf(place));
  const isSomething = proposed.contractedIsps.some(({ powerW }) => powerW > 0n);
  demand(isSomething, 'FLEX_ZERO_VOLUME', { contractId: proposed.contractId });
  return { ...place, ...proposed, state: 'PROPOSED', revision: 0 };
}

/**
 * A reservation after the operator's update (UFTP: FlexReservationUpdate). It may lower and raise what is reserved inside the contract;
 * refuses more than was contracted in an ISP, or another direction (FLEX_RESERVATION_EXCEEDED).
 */
export function updateReservation(reservation: Reservation, isps: readonly ReservedRun[]): Reservation {
  checkRuns(isps, periodOf(reservation));
  const contracted = bySlot(reservation.contractedIsps);
  for (const { run, slot } of ispsOf(isps)) {
    const most = contracted.get(slot);
    const isInside = run.powerW === 0n || (most?.direction === run.direction && run.powerW <= most.powerW);
    demand(isInside, 'FLEX_RESERVATION_EXCEEDED', { slot });
  }
  return { ...reservation, state: 'RESERVED', reservedIsps: isps, revision: reservation.revision + 1 };
}

/**
 * What a reservation obliges its aggregator to offer when a request calls it: in each reserved ISP the smaller in size of what is reserved and
 * what is requested at least (UFTP, flex reservation mechanism).
 */
export function obligedIsps(reservation: Reservation, request: Pick<FlexRequest, 'isps'>): readonly ObligedIsp[] {
  const requested = bySlot(request.isps);
  return ispsOf(reservation.reservedIsps ?? []).map(({ run: { direction, powerW }, slot }) => {
    const wanted = requested.get(slot);
    const wantedW = wanted?.direction === direction ? wanted.minW : w(0n);
    return { slot, direction, powerW: least(powerW, wantedW) };
  });
}

/** Refuses a reservation of another aggregator (FLEX_NOT_PARTY) or that the operator has not taken up (FLEX_REFERENCE_UNKNOWN). */
export function demandReserved(reservation: Reservation, aggregatorId: ParticipantId): void {
  const { contractId, state } = reservation;
  demand(state === 'RESERVED', 'FLEX_REFERENCE_UNKNOWN', { contractId });
  demand(reservation.aggregatorId === aggregatorId, 'FLEX_NOT_PARTY', { contractId });
}
