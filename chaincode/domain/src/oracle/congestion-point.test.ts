import { exampleGrid } from '../api/examples';
import { RuleError } from '../errors';
import type { MeterId, ParticipantId } from '../ids';
import { limits } from '../limits';
import { gridCodec } from '../registry/types';
import { idOf } from '../testing/session-fixture';
import { demandThose, metersOfCongestionPoint, type PlacedMeter } from './congestion-point';

const grid = gridCodec.decode(
  {
    ...exampleGrid,
    congestionPoints: [
      ...exampleGrid.congestionPoints,
      { id: 'street', elementId: 'line-1', importLimitW: '90000', exportLimitW: '90000' },
    ],
  },
  '',
);

function meter(label: string, changes: Partial<PlacedMeter> = {}): PlacedMeter {
  const participantId = idOf<ParticipantId>(`owner of ${label}`);
  return { meterId: idOf<MeterId>(`meter ${label}`), participantId, bus: 'bus-2', status: 'COMMISSIONED', ...changes };
}

const [home, farm, depot] = [meter('home'), meter('farm', { status: 'FROZEN' }), meter('depot', { bus: 'bus-1' })];
const { participantId: _nobody, ...feeder } = meter('feeder');
const others = [meter('planned', { status: 'REGISTERED' }), meter('gone', { status: 'RETIRED' }), feeder];
const all = [home, farm, depot, ...others];

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'VALID';
  } catch (error) {
    if (error instanceof RuleError) return error.code;
    throw error;
  }
}

describe('the meters of a congestion point', () => {
  it('are those in service at the buses behind it, by rising id', () => {
    expect(metersOfCongestionPoint(grid, 'street', all)).toEqual([home.meterId, farm.meterId].sort());
    expect(metersOfCongestionPoint(grid, 'transformer', all)).toEqual(
      [home.meterId, farm.meterId, depot.meterId].sort(),
    );
  });

  it.each<[string, string, () => unknown]>([
    ['a point that the grid does not have', 'ORACLE_CONGESTION_POINT_UNKNOWN', () => behind('line-1', all)],
    ['a point with nobody behind it', 'ORACLE_CONGESTION_POINT_SIZE', () => behind('street', [depot, ...others])],
    ['as many meters as a request may name', 'VALID', () => behind('street', crowd(limits.forecastMetersMax))],
    ['one meter more', 'ORACLE_CONGESTION_POINT_SIZE', () => behind('street', crowd(limits.forecastMetersMax + 1))],
    ['the same meters in another order', 'VALID', () => demandThose([ids[1]!, ids[0]!], ids)],
    ['a meter too few', 'ORACLE_CONGESTION_POINT_METERS', () => demandThose([ids[0]!], ids)],
    ['a meter too many', 'ORACLE_CONGESTION_POINT_METERS', () => demandThose([...ids, depot.meterId], ids)],
    ['another meter', 'ORACLE_CONGESTION_POINT_METERS', () => demandThose([ids[0]!, depot.meterId], ids)],
    ['a meter twice', 'ORACLE_CONGESTION_POINT_METERS', () => demandThose([ids[0]!, ids[0]!], ids)],
  ])('are judged: %s', (_what, code, act) => {
    expect(codeOf(act)).toBe(code);
  });
});

const ids = [home.meterId, farm.meterId];

function behind(id: string, meters: readonly PlacedMeter[]): unknown {
  return metersOfCongestionPoint(grid, id, meters);
}

function crowd(count: number): readonly PlacedMeter[] {
  return Array.from({ length: count }, (_, index) => meter(`${index}`));
}
