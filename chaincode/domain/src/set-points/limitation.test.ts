import { exampleGrid, exampleMeter } from '../api/examples';
import type { CommandId, MeterId, ParticipantId } from '../ids';
import { limits } from '../limits';
import type { QualifiedTotal } from '../meter/types';
import { meterCodec, type Meter } from '../registry/device-types';
import { gridCodec, type Grid } from '../registry/types';
import { idOf, testRuleSet } from '../testing/session-fixture';
import { slot, slotRange } from '../time';
import { ppm, w, wh } from '../units';
import { flowTreeOf } from './flow-tree';
import { flowW, importFloorW, knownElement, limitConnections, metersOfConnections } from './limitation';
import type { LimitationAsked, SetPoint } from './rows';

const grid: Grid = gridCodec.decode(exampleGrid, '');
const tree = flowTreeOf(grid);
const line = knownElement(grid, tree, 'line-1');
const measuredSlot = slot(1_626_044);
const setPoints = { triggerPpm: ppm(950_000n), sharing: 'present-flow', importFloorW: w(4_200n) } as const;
const ruleSet = { ...testRuleSet, setPoints };

function meter(label: string, owner: string, changes: Partial<Meter> = {}): Meter {
  const { publicKey, ...fields } = exampleMeter;
  const key = { version: 1, publicKey, firstSequence: 1 };
  const decoded = meterCodec.decode({ ...fields, keys: [key], status: 'COMMISSIONED' }, '');
  return {
    ...decoded,
    meterId: idOf<MeterId>(`meter ${label}`),
    participantId: idOf<ParticipantId>(`participant ${owner}`),
    ...changes,
  };
}

function totals(...importWh: readonly (bigint | undefined)[]): QualifiedTotal[] {
  return slotRange(slot(measuredSlot - importWh.length + 1), importWh.length).map((at, index) => {
    const value = importWh[index];
    return { slot: at, importWh: wh(value ?? 0n), exportWh: wh(0n), quality: value === undefined ? 'MISSING' : 'OK' };
  });
}

const asked: LimitationAsked = {
  gridId: 'rural-1',
  elementId: 'line-1',
  direction: 'import',
  fromSlot: slot(measuredSlot + 2),
  slots: 4,
  measuredSlot,
  measuredW: w(100_000n),
  source: { kind: 'stated', source: 'SCADA' },
};

describe('the floor of section 14a', () => {
  it('is 4.2 kW for one device, 7.56 kW for two and grows with 45 percent from the ninth on', () => {
    const floors = [0, 1, 2, 3, 9, 10].map((devices) => importFloorW(4_200n, devices));
    expect(floors).toEqual([4_200n, 4_200n, 7_560n, 10_500n, 19_320n, 21_210n]);
  });
});

describe('the flow through a meter', () => {
  it('is the mean power of its net energy, and 0 where more flowed the other way', () => {
    const total = { importWh: wh(1_000n), exportWh: wh(250n) };
    expect([flowW(total, 'import'), flowW(total, 'export')]).toEqual([3_000n, 0n]);
  });
});

describe('the connections behind an element', () => {
  it('are made of meters in service behind it that somebody owns', () => {
    const { participantId: _nobody, ...feeder } = meter('feeder', 'ann');
    const meters = [
      meter('home', 'ann'),
      meter('frozen', 'ann', { status: 'FROZEN' }),
      meter('elsewhere', 'ann', { bus: 'bus-1' }),
      meter('new', 'ann', { status: 'REGISTERED' }),
      meter('retired', 'ann', { status: 'RETIRED' }),
      feeder,
    ];
    expect(metersOfConnections(tree, line, meters).map(({ meterId }) => meterId)).toEqual([
      idOf('meter home'),
      idOf('meter frozen'),
    ]);
  });

  it('are at most as many as one transaction can limit', () => {
    const many = (count: number) => Array.from({ length: count }, (_, index) => meter(`m${index}`, `p${index}`));
    const most = limits.setPointConnectionsMax;
    expect(metersOfConnections(tree, line, many(most)).length).toBe(most);
    expect(() => metersOfConnections(tree, line, many(most + 1))).toThrow(
      expect.objectContaining({ code: 'MARKET_CONNECTIONS_TOO_MANY' }),
    );
  });

  it('are each all meters of a participant at a bus, taken as they were seen last within the hour', () => {
    const owner = idOf<ParticipantId>('participant ann');
    const flows = [
      { meter: meter('home', 'ann'), totals: totals(1_000n, 2_000n, undefined, undefined) },
      { meter: meter('pump', 'ann', { deviceType: 'heat-pump' }), totals: totals(0n, 0n, 0n, 10_000n) },
      { meter: meter('car', 'ann', { deviceType: 'ev-charger' }), totals: totals(0n, 0n, 0n, 10_500n) },
      { meter: meter('silent', 'bob'), totals: totals(undefined, undefined, undefined, undefined) },
    ];
    const participants = new Map(
      ['ann', 'bob'].map((name) => [idOf<ParticipantId>(`participant ${name}`), { connectionLimitW: w(30_000n) }]),
    );
    const limited = limitConnections(asked, {
      grid,
      ruleSet,
      feederTotal: undefined,
      flows,
      heldThen: [],
      participants,
    });
    const rows = new Map(limited.setPoints.map((row) => [row.participantId, row]));
    // 2,000 + 10,000 + 10,500 Wh are 90 kW; 10 of the 100 kW are nobody's, and bob is left his floor: 75.8 of 90 kW.
    expect(rows.get(owner)).toMatchObject({ presentW: 90_000n, limitW: 75_800n, silent: false, heldBackWh: 14_200n });
    expect(rows.get(idOf('participant bob'))).toMatchObject({ presentW: 0n, limitW: 4_200n, silent: true });
    expect(limited.limitation).toMatchObject({ connections: 2, unresolvedW: 0n, elementLimitW: 90_000n });
  });

  it('are left their floors, and the limitation says what that leaves unresolved', () => {
    const flows = [{ meter: meter('home', 'ann'), totals: totals(5_000n) }];
    const participants = new Map([[idOf<ParticipantId>('participant ann'), { connectionLimitW: w(30_000n) }]]);
    const limited = limitConnections(
      { ...asked, measuredW: w(110_000n) },
      { grid, ruleSet, feederTotal: undefined, flows, heldThen: [], participants },
    );
    expect(limited.setPoints[0]).toMatchObject({ presentW: 20_000n, limitW: 4_200n });
    expect(limited.limitation.unresolvedW).toBe(4_200n);
  });

  it('keep what they had before a limit held, as long as limits follow each other, and four hours at most', () => {
    const owner = idOf<ParticipantId>('participant ann');
    const flows = [{ meter: meter('home', 'ann'), totals: totals(20_000n) }];
    const participants = new Map([[owner, { connectionLimitW: w(90_000n) }]]);
    const held = (fromSlot: number, possible?: SetPoint['possible']): SetPoint => ({
      limitationId: idOf<CommandId>(`limitation ${fromSlot}`),
      participantId: owner,
      bus: meter('home', 'ann').bus,
      direction: 'import',
      fromSlot: slot(fromSlot),
      slots: 16,
      presentW: w(88_000n),
      limitW: w(80_000n),
      silent: false,
      decidedBy: 'line-1',
      heldBackWh: wh(0n),
      ...(possible === undefined ? {} : { possible }),
    });
    const possibleOf = (heldThen: readonly SetPoint[]) =>
      limitConnections(asked, { grid, ruleSet, feederTotal: undefined, flows, heldThen, participants }).setPoints[0]
        ?.possible;
    const first = slot(measuredSlot - 3);
    expect(possibleOf([])).toBeUndefined();
    expect(possibleOf([held(first)])).toEqual({ powerW: 88_000n, sinceSlot: first });
    const older = { powerW: w(89_000n), sinceSlot: slot(measuredSlot - limits.setPointSlotsMax) };
    expect(possibleOf([held(first, older)])).toEqual(older);
    expect(possibleOf([held(first, { ...older, sinceSlot: slot(older.sinceSlot - 1) })])).toBeUndefined();
    expect(
      possibleOf([
        { ...held(first), direction: 'export' },
        { ...held(first), bus: 'bus-9' },
      ]),
    ).toBeUndefined();
  });
});
