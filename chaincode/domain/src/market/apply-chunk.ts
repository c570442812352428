import { assert, present } from '../assert';
import { sum } from '../math';
import { balanced, joinEntries, move } from '../settlement/post';
import { participantAccount, type PostingSet } from '../settlement/rows';
import { micro, type Micro } from '../units';
import { positionsOf, tradesOf } from './positions';
import type { Clearing, ClearingChunk, OrderSet, Position, Session, Trade } from './rows';

/** Everything that one chunk of a clearing writes. */
export interface AppliedChunk {
  readonly trades: readonly Trade[];
  readonly positions: readonly Position[];
  readonly postingSet: PostingSet;
  readonly releasedMicro: Micro;
}

/**
 * Applies the clearing to a few participants: their trades and positions, the fee of what they bought, and back to them what they
 * locked beyond their purchases, fees and the reserve of every slot. What purchases cost stays in escrow until the slots are settled.
 * Grid fees and what covers losses leave escrow with the positions that they are part of, of buyers and sellers; the dust of all
 * roundings of the session and the rent of its grid limits with chunk 0.
 *
 * @param orderSets the order set of every participant of the chunk, in its order
 */
export function applyChunk(
  session: Session,
  clearing: Clearing,
  chunk: ClearingChunk,
  orderSets: readonly OrderSet[],
): AppliedChunk {
  const parts = chunk.participants.map((entry, index) => {
    const positions = positionsOf(session, clearing.intervals, entry);
    const set = present(orderSets[index], 'Who is cleared has placed orders.');
    assert(set.participantId === entry.participantId, 'Order sets stand in the order of the chunk.');
    return { participantId: entry.participantId, positions, ...moneyOf(session, set, positions) };
  });
  const entries = parts.flatMap(({ feeMicro, participantId, releasedMicro }) => [
    ...move('escrow', participantAccount(participantId), releasedMicro, 'release'),
    ...move('escrow', 'fees', feeMicro, 'fee'),
  ]);
  const positions = parts.flatMap((part) => part.positions);
  const charges = [
    ...move('escrow', 'grid-fees', sum(positions.map((position) => position.gridFeeMicro ?? 0n)), 'grid-fee'),
    ...move('escrow', 'losses', sum(positions.map((position) => position.lossMicro ?? 0n)), 'loss'),
  ];
  const rest =
    chunk.chunk === 0
      ? [
          ...move('escrow', 'dust', clearing.dustMicro, 'dust'),
          ...move('escrow', 'rent', clearing.rentMicro ?? 0n, 'rent'),
        ]
      : [];
  return {
    trades: chunk.participants.flatMap((entry) => tradesOf(session, clearing.intervals, entry)),
    positions,
    postingSet: balanced({
      cause: { kind: 'clearing', sessionId: session.sessionId, chunk: chunk.chunk },
      entries: joinEntries([...entries, ...charges, ...rest]),
    }),
    releasedMicro: micro(sum(parts.map((part) => part.releasedMicro))),
  };
}

function moneyOf(session: Session, set: OrderSet, positions: readonly Position[]) {
  const slots = BigInt(session.intervals * session.intervalSlots);
  const buyMicro = sum(positions.map((position) => position.buyMicro));
  const feeMicro = sum(positions.map((position) => position.feeMicro));
  const keptMicro = buyMicro + feeMicro + slots * set.reserveMicroPerSlot;
  assert(keptMicro <= set.collateralMicro, 'The collateral covers what the clearing costs.');
  return { feeMicro, releasedMicro: set.collateralMicro - keptMicro };
}
