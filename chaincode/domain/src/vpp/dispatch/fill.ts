import { greatest, least } from '../../math';

/** One asset where a power is filled up: in the merit order of the list. */
export interface FillEntry {
  /** What it has in any case. */
  readonly fromW: bigint;
  /** Least power when it is on. */
  readonly onLevelMinW: bigint;
  readonly maxW: bigint;
}

/**
 * Fills a power up along the merit order: each takes what is left, up to its most. One whose least power is above what is left is taken where
 * those before it can give way by the difference, the last one first; otherwise it is passed over. Answers a power for each entry; their sum is
 * never above the target where what they have in any case is not.
 */
export function fillByMerit(entries: readonly FillEntry[], targetW: bigint): readonly bigint[] {
  const powers = entries.map(({ fromW }) => fromW);
  let left = targetW - powers.reduce((total, one) => total + one, 0n);
  for (const [index, { fromW, maxW, onLevelMinW }] of entries.entries()) {
    const takeW = least(maxW - fromW, left);
    if (left <= 0n || takeW <= 0n) {
      continue;
    }
    const missingW = greatest(0n, onLevelMinW - fromW - takeW);
    if (missingW > 0n && (onLevelMinW > maxW || !giveWay(entries, powers, index, missingW))) {
      continue;
    }
    powers[index] = fromW + takeW + missingW;
    left -= takeW;
  }
  return powers;
}

/** Takes a power from the entries before one, the last one first, none below what it has in any case or its least power. */
function giveWay(entries: readonly FillEntry[], powers: bigint[], before: number, missingW: bigint): boolean {
  const rooms = entries.slice(0, before).map(({ fromW, onLevelMinW }, index) => {
    const powerW = powers[index] ?? 0n;
    return powerW === fromW ? 0n : powerW - greatest(fromW, onLevelMinW);
  });
  if (rooms.reduce((total, room) => total + room, 0n) < missingW) {
    return false;
  }
  let missing = missingW;
  for (let index = before - 1; index >= 0 && missing > 0n; index -= 1) {
    const cutW = least(rooms[index] ?? 0n, missing);
    powers[index] = (powers[index] ?? 0n) - cutW;
    missing -= cutW;
  }
  return true;
}
