import { slotOfSeconds, type Meter } from '@flexledger/domain';
import { BlockCutter, type Cut } from './block-cutter';
import { faultsOf, seconds } from './testing/input-items';

const NOON = seconds('2024-05-01T12:00:00Z');

function cutter(resolutionMinutes: Meter['resolutionMinutes'], blockMinutes: number): BlockCutter {
  return new BlockCutter(resolutionMinutes, blockMinutes, { nextSeconds: NOON, pending: [], early: false });
}

function feed(target: BlockCutter, minutes: readonly number[]): Cut {
  const cuts = minutes.map((minute) => target.add({ startSeconds: NOON + minute * 60, importWh: 1n, exportWh: 0n }));
  return { blocks: cuts.flatMap(({ blocks }) => blocks), faults: cuts.flatMap(({ faults }) => faults) };
}

function shown({ blocks }: Cut): string[] {
  return blocks.map(({ startSlot, importWh }) => `${startSlot - slotOfSeconds(NOON)}+${importWh.length}`);
}

function range(from: number, to: number, step: number): number[] {
  return Array.from({ length: (to - from) / step }, (_, index) => from + index * step);
}

describe('the blocks of a meter', () => {
  test('end at whole hours, however late the chain begins', () => {
    const hourly = new BlockCutter(15, 60, { nextSeconds: NOON + 1800, pending: [], early: false });
    expect(shown(feed(hourly, range(30, 180, 15)))).toEqual(['2+2', '4+4', '8+4']);
  });

  test('end before a gap, and say what has no values', () => {
    const cut = feed(cutter(15, 60), [0, 15, 60, 75, 90, 105]);
    expect(shown(cut)).toEqual(['0+2', '4+4']);
    expect(faultsOf([cut])).toEqual(['VALUE_GAP at 2024-05-01T12:30:00Z to 2024-05-01T13:00:00Z']);
  });

  test('have whole quarter hours of minutes; minutes of a broken one are faults', () => {
    const target = cutter(1, 60);
    const cut = feed(target, [...range(0, 20, 1), ...range(25, 60, 1)]);
    expect(shown(cut)).toEqual(['0+15', '2+30']);
    expect(faultsOf([cut])).toEqual([
      'VALUE_PARTIAL_QUARTER at 2024-05-01T12:15:00Z to 2024-05-01T12:20:00Z',
      'VALUE_GAP at 2024-05-01T12:20:00Z to 2024-05-01T12:25:00Z',
      'VALUE_PARTIAL_QUARTER at 2024-05-01T12:25:00Z to 2024-05-01T12:30:00Z',
    ]);
  });

  test('can be ended at the end of a file; what does not fill a quarter hour waits', () => {
    const target = cutter(1, 60);
    feed(target, range(0, 17, 1));
    expect(shown(target.cut())).toEqual(['0+15']);
    expect(shown(feed(target, range(17, 30, 1)))).toEqual([]);
    expect(shown(target.cut())).toEqual(['1+15']);
  });

  test('hold a day of minutes or of quarter hours at most', () => {
    expect(shown(feed(cutter(1, 1_440), range(-720, 2_160, 1)))).toEqual(['0+720', '48+1440']);
    expect(shown(feed(cutter(60, 1_440), range(0, 720, 60)))).toEqual(['0+12']);
  });

  test('state which quarter hours have a value that cannot be right', () => {
    const [minutes, hours] = [cutter(5, 30), cutter(30, 60)];
    const values = (step: number): number[] => range(0, 60, step);
    const cuts = (target: BlockCutter, step: number, bad: number) =>
      values(step).flatMap((minute) => {
        const value = { startSeconds: NOON + minute * 60, importWh: 1n, exportWh: 0n, isBad: minute === bad };
        return target.add(value).blocks.map(({ stated }) => stated);
      });
    expect(cuts(minutes, 5, 20)).toEqual([['OK', 'BAD'], undefined]);
    expect(cuts(hours, 30, 30)).toEqual([['OK', 'OK', 'BAD', 'BAD']]);
  });

  test('leave out values before the chain, and say so once', () => {
    const cut = feed(cutter(15, 60), [-45, -30, -15, 0, 15, 30, 45]);
    expect(shown(cut)).toEqual(['0+4']);
    expect(faultsOf([cut])).toEqual(['VALUE_BEFORE_CHAIN at 2024-05-01T11:15:00Z to 2024-05-01T12:00:00Z']);
  });
});
