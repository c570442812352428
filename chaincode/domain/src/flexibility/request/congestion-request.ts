import { greatest, sum } from '../../math';
import type { Grid } from '../../registry/types';
import { slotRange, type Slot } from '../../time';
import { w } from '../../units';
import type { DPrognosis } from '../congestion/rows';
import type { FlexPlace } from '../header';
import { bySlot } from '../isps';
import type { RequestRun } from './rows';

type CongestionPoint = Grid['congestionPoints'][number];

/**
 * What a system operator requests when the D-prognoses of all aggregators at a congestion point come to more than it can carry: in each such ISP
 * what is above the limit at least, and at most all of the flow; in the other ISPs it says how much room there is, so that load can move
 * there. Undefined where nothing is above.
 */
export function requestForCongestion(
  prognoses: readonly Pick<DPrognosis, 'isps'>[],
  point: CongestionPoint,
  { periodIsps, periodSlot }: Pick<FlexPlace, 'periodSlot' | 'periodIsps'>,
): readonly RequestRun[] | undefined {
  const expected = prognoses.map(({ isps }) => bySlot(isps));
  const runs = slotRange(periodSlot, periodIsps).map((slot) => {
    const netW = sum(
      expected.map((slots) => {
        const { exportW = 0n, importW = 0n } = slots.get(slot) ?? {};
        return importW - exportW;
      }),
    );
    return runAt(slot, netW, point);
  });
  return runs.some(({ disposition }) => disposition === 'requested') ? joined(runs) : undefined;
}

function runAt(startSlot: Slot, netW: bigint, { exportLimitW, importLimitW }: CongestionPoint): RequestRun {
  const common = { startSlot, slots: 1 } as const;
  if (netW > importLimitW) {
    const minW = w(netW - importLimitW);
    return { ...common, disposition: 'requested', direction: 'reduce', minW, maxW: w(netW) };
  }
  if (-netW > exportLimitW) {
    const minW = w(-netW - exportLimitW);
    return { ...common, disposition: 'requested', direction: 'increase', minW, maxW: w(-netW) };
  }
  const room = { maxW: w(importLimitW - netW), againstMaxW: w(greatest(0n, exportLimitW + netW)) };
  return { ...common, disposition: 'available', direction: 'increase', minW: w(0n), ...room };
}

/** Runs of equal ISPs as one. */
function joined(runs: readonly RequestRun[]): readonly RequestRun[] {
  const result: RequestRun[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last !== undefined && isAlike(last, run)) {
      result.splice(-1, 1, { ...last, slots: last.slots + run.slots });
    } else {
      result.push(run);
    }
  }
  return result;
}

function isAlike(left: RequestRun, right: RequestRun): boolean {
  return (
    left.disposition === right.disposition &&
    left.direction === right.direction &&
    left.minW === right.minW &&
    left.maxW === right.maxW &&
    left.againstMaxW === right.againstMaxW
  );
}
