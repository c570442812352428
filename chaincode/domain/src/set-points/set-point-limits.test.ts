import fc from 'fast-check';
import { exampleGrid } from '../api/examples';
import { least, sum } from '../math';
import { gridCodec } from '../registry/types';
import { elementOf, flowTree, flowTreeOf, isBehind, type FlowElement, type FlowTree } from './flow-tree';
import { setPointLimits, type ConnectionFlow, type SetPointRule, type SetPoints } from './set-point-limits';

const fixed = { numRuns: 500, seed: 20_160_520 };
const rule: SetPointRule = { triggerPpm: 950_000n, sharing: 'present-flow' };

/** A transformer of 10 kW, behind it a busbar and two streets of 6 kW each. */
const streets = flowTree('slack', [
  { id: 'transformer', fromBus: 'slack', toBus: 'busbar', importLimitW: 10_000n, exportLimitW: 10_000n },
  { id: 'east', fromBus: 'busbar', toBus: 'bus-east', importLimitW: 6_000n, exportLimitW: 6_000n },
  { id: 'west', fromBus: 'bus-west', toBus: 'busbar', importLimitW: 6_000n, exportLimitW: 6_000n },
]);

function exporter(id: string, busId: string, exportW: bigint, more: Partial<ConnectionFlow> = {}): ConnectionFlow {
  return { id, busId, importW: 0n, exportW, ...more };
}

function importer(id: string, busId: string, importW: bigint, more: Partial<ConnectionFlow> = {}): ConnectionFlow {
  return { id, busId, importW, exportW: 0n, ...more };
}

function shown({ limits }: SetPoints): string[] {
  return limits.map(({ connectionId, direction, elementId, limitW }) =>
    [connectionId, direction, limitW, elementId].join(' '),
  );
}

describe('set-point limits', () => {
  it('are not given while every element is below the trigger, and given from the trigger on', () => {
    const at = (exportW: bigint) => setPointLimits([exporter('a', 'bus-east', exportW)], streets, rule);
    expect(at(5_699n)).toEqual({ limits: [], unresolved: [] });
    expect(shown(at(5_700n))).toEqual(['a export 5700 east']);
  });

  it('share the limit in proportion to present export, and count the imports against it', () => {
    const connections = [
      exporter('a', 'bus-east', 6_000n),
      exporter('b', 'bus-east', 3_000n),
      importer('c', 'bus-east', 1_000n),
    ];
    expect(shown(setPointLimits(connections, streets, rule))).toEqual(['a export 4667 east', 'b export 2333 east']);
  });

  it('may leave room up to the size of a connection, which together still keep the limit', () => {
    const connections = [
      exporter('a', 'bus-east', 3_800n, { sizeW: 9_000n }),
      exporter('b', 'bus-east', 1_900n, { sizeW: 1_950n }),
    ];
    expect(shown(setPointLimits(connections, streets, rule))).toEqual(['a export 4050 east', 'b export 1950 east']);
  });

  it('share by size where the rule says so, so that who exports little is left alone', () => {
    const connections = [
      exporter('large', 'bus-east', 8_000n, { sizeW: 8_000n }),
      exporter('small', 'bus-east', 1_000n, { sizeW: 2_000n }),
    ];
    const limits = setPointLimits(connections, streets, { ...rule, sharing: 'connection-size' });
    expect(shown(limits)).toEqual(['large export 4800 east', 'small export 1200 east']);
  });

  it('hold the line and the transformer at once: what the line leaves is shared on', () => {
    const connections = [exporter('a', 'bus-east', 12_000n), exporter('b', 'bus-west', 5_000n)];
    expect(shown(setPointLimits(connections, streets, rule))).toEqual([
      'a export 6000 east',
      'b export 4000 transformer',
    ]);
    const alone = [exporter('a', 'bus-east', 12_000n), exporter('b', 'bus-west', 3_000n)];
    expect(shown(setPointLimits(alone, streets, rule))).toEqual(['a export 6000 east', 'b export 3000 transformer']);
  });

  it('leave room below the limit where the rule says so, at the elements that are near their limit alone', () => {
    const connections = [exporter('a', 'bus-east', 5_800n), exporter('b', 'bus-west', 3_000n)];
    const limits = setPointLimits(connections, streets, { ...rule, targetPpm: 900_000n });
    expect(shown(limits)).toEqual(['a export 5400 east']);
  });

  it('never go below a floor, and say what is not resolved then', () => {
    const importFloorW = 4_200n;
    const connections = ['a', 'b', 'c'].map((id) => importer(id, 'bus-west', 5_000n, { importFloorW }));
    const result = setPointLimits(connections, streets, rule);
    expect(result.limits.map(({ limitW }) => limitW)).toEqual([4_200n, 4_200n, 4_200n]);
    expect(result.unresolved).toEqual([
      { elementId: 'west', direction: 'import', excessW: 6_600n },
      { elementId: 'transformer', direction: 'import', excessW: 2_600n },
    ]);
  });

  it('let only the floor through where nobody knows what flows', () => {
    const connections = [
      exporter('a', 'bus-east', 6_500n),
      exporter('silent', 'bus-east', 0n, { isSilent: true, exportFloorW: 500n }),
    ];
    expect(shown(setPointLimits(connections, streets, rule))).toEqual(['a export 5500 east', 'silent export 500 east']);
  });

  it('count flow that no connection explains, and act for one element alone where asked to', () => {
    const connections = [exporter('a', 'bus-east', 5_000n), exporter('b', 'bus-west', 5_900n)];
    const unmetered = new Map([['east', { importW: 0n, exportW: 1_500n }]]);
    const limits = setPointLimits(connections, streets, { ...rule, onlyElementId: 'east', unmetered });
    expect(shown(limits)).toEqual(['a export 4100 transformer']);
  });

  it('take the lower limit of a congestion point for its element, and find the element by either id', () => {
    const congestionPoints = [
      { id: 'point', elementId: 'line-1', importLimitW: '50000', exportLimitW: '40000' },
      { id: 'wide', elementId: 'transformer', importLimitW: '900000', exportLimitW: '900000' },
    ];
    const grid = gridCodec.decode({ ...exampleGrid, congestionPoints }, '');
    const tree = flowTreeOf(grid);
    const line = elementOf(grid, tree, 'point');
    expect([line?.id, line?.importLimitW, line?.exportLimitW]).toEqual(['line-1', 50_000n, 40_000n]);
    expect(elementOf(grid, tree, 'transformer')?.exportLimitW).toBe(160_000n);
    expect(elementOf(grid, tree, 'none')).toBeUndefined();
    expect(line !== undefined && isBehind(tree, line, 'bus-2') && !isBehind(tree, line, 'bus-1')).toBe(true);
  });
});

const busCount = 8;
const buses = Array.from({ length: busCount }, (_, index) => `bus-${index}`);
const limitW = fc.option(fc.bigInt({ min: 0n, max: 20_000n }), { nil: undefined });

/** A random tree: bus i hangs on a bus before it. */
const trees = fc
  .tuple(...buses.slice(1).map((_, index) => fc.tuple(fc.nat(index), limitW, limitW, fc.boolean())))
  .map((rows) => {
    const elements = rows.map(([parent, importLimitW, exportLimitW, turned], index): FlowElement => {
      const ends = [`bus-${parent}`, `bus-${index + 1}`];
      const [fromBus = '', toBus = ''] = turned ? ends.reverse() : ends;
      return {
        id: `e-${index + 1}`,
        fromBus,
        toBus,
        ...(importLimitW === undefined ? {} : { importLimitW }),
        ...(exportLimitW === undefined ? {} : { exportLimitW }),
      };
    });
    return flowTree('bus-0', elements);
  });

const connectionList = fc
  .array(
    fc.record({
      busId: fc.constantFrom(...buses),
      netW: fc.bigInt({ min: -9_000n, max: 9_000n }),
      spareW: fc.option(fc.bigInt({ min: 0n, max: 4_000n }), { nil: undefined }),
    }),
    { maxLength: 16 },
  )
  .map((rows) =>
    rows.map(({ busId, netW, spareW }, index): ConnectionFlow => {
      const size = netW < 0n ? -netW : netW;
      return {
        id: `c-${index}`,
        busId,
        importW: netW > 0n ? netW : 0n,
        exportW: netW < 0n ? -netW : 0n,
        ...(spareW === undefined ? {} : { sizeW: size + spareW }),
      };
    }),
  );

const sharings = fc.constantFrom('present-flow' as const, 'connection-size' as const);

/** The most that can flow through an element each way when all limited connections use their limits up. */
function worstFlows(connections: readonly ConnectionFlow[], { limits }: SetPoints, tree: FlowTree) {
  const limitOf = new Map(limits.map((limit) => [`${limit.connectionId} ${limit.direction}`, limit.limitW]));
  const at = (connection: ConnectionFlow, direction: 'import' | 'export') => {
    const presentW = direction === 'import' ? connection.importW : connection.exportW;
    const bound = limitOf.get(`${connection.id} ${direction}`);
    return { most: bound ?? presentW, now: least(bound ?? presentW, presentW) };
  };
  return tree.elements.map((element) => {
    const own = connections.filter(({ busId }) => isBehind(tree, element, busId));
    const most = (direction: 'import' | 'export') => sum(own.map((one) => at(one, direction).most));
    const now = (direction: 'import' | 'export') => sum(own.map((one) => at(one, direction).now));
    const [importW, exportW] = [most('import') - now('export'), most('export') - now('import')];
    return { element, own, importW, exportW };
  });
}

describe('set-point limits on random trees', () => {
  it('keep every element within its limit, whatever the limited connections do', () => {
    fc.assert(
      fc.property(trees, connectionList, sharings, (tree, connections, sharing) => {
        const all = setPointLimits(connections, tree, { triggerPpm: 1_000_000n, sharing });
        expect(all.unresolved).toEqual([]);
        for (const { element, exportW, importW } of worstFlows(connections, all, tree)) {
          expect(element.exportLimitW === undefined || exportW <= element.exportLimitW).toBe(true);
          expect(element.importLimitW === undefined || importW <= element.importLimitW).toBe(true);
        }
      }),
      fixed,
    );
  });

  it('limit nobody without need: on the way of each one cut is a full element, behind which nobody has more per weight', () => {
    fc.assert(
      fc.property(trees, connectionList, sharings, (tree, connections, sharing) => {
        // One direction alone: imports stay as they are.
        const oneWay = tree.elements.map(({ importLimitW: _none, ...element }) => element);
        const exportOnly = { ...tree, elements: oneWay };
        const all = setPointLimits(connections, exportOnly, { triggerPpm: 1_000_000n, sharing });
        const flows = worstFlows(connections, all, exportOnly);
        const byId = new Map(connections.map((connection) => [connection.id, connection]));
        const weightOf = (id: string) => {
          const { exportW, sizeW } = byId.get(id)!;
          return sharing === 'present-flow' ? exportW : (sizeW ?? exportW);
        };
        for (const { connectionId, elementId, limitW: ownW } of all.limits) {
          const { exportW, sizeW } = byId.get(connectionId)!;
          expect(ownW <= (sizeW ?? exportW)).toBe(true);
          if (ownW === (sizeW ?? exportW)) continue;
          const full = flows.find(({ element }) => element.id === elementId)!;
          expect(full.exportW).toBe(full.element.exportLimitW);
          const inside = new Set(full.own.map(({ id }) => id));
          for (const other of all.limits.filter((limit) => inside.has(limit.connectionId))) {
            // Whole watts: at most one more than the same level gives.
            const level = (other.limitW - 1n) * weightOf(connectionId) <= (ownW + 1n) * weightOf(other.connectionId);
            expect(level).toBe(true);
          }
        }
      }),
      fixed,
    );
  });

  it('do not depend on the order in which connections and elements are named', () => {
    fc.assert(
      fc.property(trees, connectionList, sharings, (tree, connections, sharing) => {
        const turned = flowTree('bus-0', [...tree.elements].reverse());
        const limitsOf = (some: readonly ConnectionFlow[], on: FlowTree) =>
          new Set(
            setPointLimits(some, on, { triggerPpm: 900_000n, sharing }).limits.map(
              ({ connectionId, direction, limitW: watts }) => `${connectionId} ${direction} ${watts}`,
            ),
          );
        expect(limitsOf([...connections].reverse(), turned)).toEqual(limitsOf(connections, tree));
      }),
      fixed,
    );
  });
});
