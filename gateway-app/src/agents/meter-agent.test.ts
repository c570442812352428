import { acceptBlock, meterCodec, unpackBlock, wh, type ProfileBlock, type Reading } from '@flexledger/domain';
import { meterKeyLabel, planDay } from '../day/plan';
import { localDayFirstSlot } from '../grid/simbench';
import { MeterFleet } from './meter-fleet';
import { deriveId, derivePrivateKey, publicKeyText } from './seed';

const CHANNEL = 'community';
const plan = planDay('seed');
const fleet = new MeterFleet(plan, CHANNEL);

/** The first load's meter as it is registered. */
const meter = meterCodec.decode(
  {
    meterId: plan.meters[0]?.meterId ?? '',
    participantId: deriveId('seed', 'any participant'),
    gridId: plan.gridId,
    bus: 'bus-10',
    deviceType: 'load',
    measurementType: 'active-energy',
    unit: 'Wh',
    resolutionMinutes: 15,
    obisImport: '1-0:1.8.0',
    obisExport: '1-0:2.8.0',
    phases: 3,
    accuracyClass: 'MID-B',
    fuseLimitW: '7375',
    firstSlot: plan.historySlot,
    keys: [
      { version: 1, publicKey: publicKeyText(derivePrivateKey('seed', meterKeyLabel('load-00'))), firstSequence: 1 },
    ],
    status: 'COMMISSIONED',
  },
  '',
);

const context = { channel: CHANNEL, meter, gaps: [], rivals: [], hasEnded: true };

function blocksOf(label: string, fromSlot: number, toSlot: number): ProfileBlock[] {
  const index = plan.meters.findIndex((candidate) => candidate.label === label);
  const signed = fleet.agents[index]?.blocksBetween(fromSlot, toSlot) ?? [];
  return signed.map(({ content }) => unpackBlock(content, ''));
}

describe('the agents of the meters', () => {
  test('send blocks that the rule of the ledger accepts one after the other', () => {
    const blocks = blocksOf('load-00', plan.historySlot, plan.deliverySlot + 8);
    expect(blocks.map((block) => block.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(blocks.map((block) => block.importWh.length)).toEqual([96, 96, 96, 96, 96, 96, 96, 48, 48, 4, 4]);
    let predecessor: Reading | undefined;
    for (const block of blocks) {
      expect(block.previousStartSlot).toBe(predecessor?.startSlot);
      const accepted = acceptBlock(block, { ...context, predecessor });
      if (accepted.status !== 'recorded') throw new Error('a new block was taken for an old one');
      expect(accepted.reading.quality.every((quality) => quality === 'OK')).toBe(true);
      predecessor = accepted.reading;
    }
  });

  test('send blocks that no other meter can have signed and that no bit can be changed of', () => {
    const [block] = blocksOf('load-01', plan.historySlot, plan.eveSlot);
    if (block === undefined) throw new Error('there is no block');
    const accept = (changed: ProfileBlock): unknown => acceptBlock(changed, { ...context, predecessor: undefined });
    expect(() => accept(block)).toThrow('READING_SIGNATURE');
    const [own] = blocksOf('load-00', plan.historySlot, plan.eveSlot);
    if (own === undefined) throw new Error('there is no block');
    const [first = wh(0n), ...rest] = own.importWh;
    expect(() => accept({ ...own, importWh: [wh(first ^ 1n), ...rest] })).toThrow('READING_TOTALS');
  });

  test('leave out the hour in which the seed silences a meter, without a gap in the sequence', () => {
    const { meterId, hour } = plan.disturbances.silent;
    const agent = fleet.agents.find((candidate) => candidate.meterId === meterId);
    const dayBlocks = agent?.blocksBetween(plan.deliverySlot, plan.deliverySlot + 96) ?? [];
    const starts = dayBlocks.map(({ startSlot }) => (startSlot - localDayFirstSlot(5, 20)) / 4);
    expect(starts).toEqual(Array.from({ length: 24 }, (_, index) => index).filter((index) => index !== hour));
    expect(dayBlocks.map((block) => block.sequence)).toEqual(starts.map((_, index) => 10 + index));
  });

  test('give no more than the limit of their connection lets out, after what is used there', () => {
    const own = planDay('seed', { setPoints: true });
    const roof = own.meters.find(({ kind }) => kind === 'pv');
    if (roof === undefined) throw new Error('nobody has PV');
    const noon = own.deliverySlot + 48;
    const madeWh = (limits: ReadonlyMap<string, bigint>) => {
      const limited = new MeterFleet(own, CHANNEL);
      limited.obey(limits);
      const sumOf = (kind: string): bigint =>
        own.meters.reduce((sum, meter, index) => {
          if (meter.owner !== roof.owner || meter.kind !== kind) return sum;
          const block = limited.agents[index]?.blocksBetween(noon, noon + 1)[0];
          if (block === undefined) throw new Error('there is no block');
          const { exportWh, importWh } = unpackBlock(block.content, '');
          return sum + (kind === 'pv' ? (exportWh[0] ?? 0n) : (importWh[0] ?? 0n));
        }, 0n);
      return { madeWh: sumOf('pv'), usedWh: sumOf('load') };
    };
    const free = madeWh(new Map());
    expect(free.madeWh > 2_000n).toBe(true);
    const held = madeWh(new Map([[`${roof.owner}/${noon}`, 1_000n]]));
    expect(held.usedWh).toBe(free.usedWh);
    const outWh = held.madeWh - held.usedWh;
    // Shared out among several roofs, each rounded down.
    expect(outWh <= 1_000n && outWh > 990n).toBe(true);
    expect(madeWh(new Map([[`${roof.owner}/${noon}`, 999_999n]]))).toEqual(free);
  });

  test('give equal commitments for equal seeds and other ones for another seed', () => {
    const commitments = (seed: string): unknown[] =>
      new MeterFleet(planDay(seed), CHANNEL).agents
        .slice(0, 3)
        .flatMap((agent) => agent.blocksBetween(plan.historySlot, plan.eveSlot))
        .map(({ content }) => unpackBlock(content, '').commitment);
    expect(commitments('seed')).toEqual(commitments('seed'));
    expect(commitments('other')).not.toEqual(commitments('seed'));
  });
});
