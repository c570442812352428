import fc from 'fast-check';

import { hashKeyHex, sha256, toHex, utf8 } from '../common/bytes';
import { chaincodeDefinitionWrites, LIFECYCLE_NAMESPACE } from '../lifecycle/read';
import { parseSignaturePolicy } from '../policy/text';
import { decodePrivateWriteSet, decodeReadWriteSet } from '../rwset/decode';
import { differenceOfReadWriteSets } from '../rwset/difference';
import { RANGE_READS_RAW_MAX } from '../rwset/merkle';
import { MemoryState } from '../state/memory-state';
import { testDefinition } from '../testing/test-network';
import { TransactionSimulator } from './transaction-simulator';

const version = { block: 0, transaction: 3 };

function stateWith(keys: readonly string[]): MemoryState {
  const state = new MemoryState();
  const publicUpdates = keys.map((key) => ({ namespace: 'cc', key, value: utf8(`value of ${key}`), version }));
  const hash = { namespace: 'cc', collection: 'c', keyHashHex: hashKeyHex('p'), version, purge: false };
  const updates = { publicUpdates, hashedUpdates: [{ ...hash, valueHash: sha256(utf8('secret')) }] };
  state.applyUpdates(0, updates, [{ namespace: 'cc', collection: 'c', key: 'p', value: utf8('secret'), version }]);
  return state;
}

function simulator(state = stateWith(['a', 'b', 'c'])): TransactionSimulator {
  return new TransactionSimulator({ transactionId: 't', state, hasCollection: (_, collection) => collection === 'c' });
}

function own(bytes: Uint8Array) {
  const set = decodeReadWriteSet(bytes).namespaces.find(({ namespace }) => namespace === 'cc');
  expect(set).toBeDefined();
  return set!;
}

describe('a simulation', () => {
  it('records reads with their versions and the last write of a key, sorted', () => {
    const run = simulator();
    expect(run.getState('cc', 'b')).toEqual(utf8('value of b'));
    expect(run.getStates('cc', ['x', 'a'])).toEqual([undefined, utf8('value of a')]);
    run.putState('cc', 'z', utf8('1'));
    run.putState('cc', 'y', utf8('1'));
    run.putState('cc', 'z', utf8('2'));
    run.deleteState('cc', 'a');
    const set = own(run.result().readWriteSetBytes);
    expect(set.reads).toEqual([
      { key: 'a', version },
      { key: 'b', version },
      { key: 'x', version: undefined },
    ]);
    expect(set.writes.map(({ key, value }) => [key, value && Buffer.from(value).toString()])).toEqual([
      ['a', undefined],
      ['y', '1'],
      ['z', '2'],
    ]);
  });

  it('never sees its own writes', () => {
    const run = simulator();
    run.putState('cc', 'a', utf8('new'));
    run.deleteState('cc', 'b');
    expect(run.getState('cc', 'a')).toEqual(utf8('value of a'));
    expect(run.getState('cc', 'b')).toEqual(utf8('value of b'));
    const rows = run.openRange('cc', '', '');
    expect([rows.next()?.key, rows.next()?.key, rows.next()?.key, rows.next()]).toEqual(['a', 'b', 'c', undefined]);
  });

  it('gives equal bytes for equal work in another order', () => {
    const work: ((run: TransactionSimulator) => void)[] = [
      (run) => run.getState('cc', 'a'),
      (run) => run.getState('other', 'k'),
      (run) => {
        run.putState('cc', 'n', utf8('1'));
      },
      (run) => {
        run.putState('cc', '\u{1f50c}', utf8('1'));
      },
      (run) => {
        run.putState('cc', '\ufffd', utf8('1'));
      },
      (run) => {
        run.putPrivateData('cc', 'c', 'q', utf8('1'));
      },
      (run) => {
        run.putPrivateData('cc', 'c', 'p', utf8('1'));
      },
      (run) => run.getPrivateDataHash('cc', 'c', 'p'),
    ];
    const resultOf = (order: readonly number[]) => {
      const run = simulator();
      order.forEach((index) => work[index]!(run));
      const { readWriteSetBytes, privateWriteSetBytes } = run.result();
      return [toHex(readWriteSetBytes), toHex(privateWriteSetBytes!)];
    };
    const first = resultOf([...work.keys()]);
    fc.assert(
      fc.property(fc.shuffledSubarray([...work.keys()], { minLength: work.length }), (order) => {
        expect(resultOf(order)).toEqual(first);
      }),
      { numRuns: 30 },
    );
  });

  it('ends with its result', () => {
    const run = simulator();
    run.result();
    expect(() => run.getState('cc', 'a')).toThrow('SIMULATION_FINISHED');
    expect(() => {
      run.putState('cc', 'a', utf8('1'));
    }).toThrow('SIMULATION_FINISHED');
    expect(() => run.result()).toThrow('SIMULATION_FINISHED');
  });

  it('has no endorsement policies of keys', () => {
    expect(() => simulator().putStateMetadata('cc', 'a')).toThrow('SIMULATION_KEY_LEVEL_ENDORSEMENT_UNSUPPORTED');
  });
});

describe('a range', () => {
  it('that was read to its end is recorded up to the asked end', () => {
    const run = simulator();
    const rows = run.openRange('cc', 'a', 'c');
    while (rows.next() !== undefined);
    expect(own(run.result().readWriteSetBytes).rangeQueries).toEqual([
      {
        startKey: 'a',
        endKey: 'c',
        exhausted: true,
        rawReads: [
          { key: 'a', version },
          { key: 'b', version },
        ],
        merkle: undefined,
      },
    ]);
  });

  it('that was left early is recorded up to the last row taken', () => {
    const run = simulator();
    run.openRange('cc', '', '').next();
    const [range] = own(run.result().readWriteSetBytes).rangeQueries;
    expect(range).toMatchObject({ startKey: '', endKey: 'a', exhausted: false, rawReads: [{ key: 'a', version }] });
  });

  it('that is empty is recorded too, and equal scans are recorded once', () => {
    const run = simulator();
    expect(run.openRange('cc', 'x', 'y').next()).toBeUndefined();
    expect(run.openRange('cc', 'x', 'y').next()).toBeUndefined();
    const ranges = own(run.result().readWriteSetBytes).rangeQueries;
    expect(ranges).toEqual([{ startKey: 'x', endKey: 'y', exhausted: true, rawReads: undefined, merkle: undefined }]);
  });

  it.each([
    [RANGE_READS_RAW_MAX, 0, 0],
    [RANGE_READS_RAW_MAX + 1, 1, 1],
    [RANGE_READS_RAW_MAX + 2, 1, 2],
    [51 * 51, 2, 1],
    [51 * 51 + 1, 2, 2],
  ])('of %i rows is recorded at level %i with %i hashes', (count, level, hashes) => {
    const keys = Array.from({ length: count }, (_, index) => `k${String(index).padStart(5, '0')}`);
    const run = simulator(stateWith(keys));
    const rows = run.openRange('cc', 'k', 'l');
    while (rows.next() !== undefined);
    const [range] = own(run.result().readWriteSetBytes).rangeQueries;
    expect(range?.rawReads?.length ?? 0).toBe(level === 0 ? count : 0);
    expect([range?.merkle?.maxLevel ?? 0, range?.merkle?.maxLevelHashes.length ?? 0]).toEqual([level, hashes]);
  });

  it('in pages gives a bookmark where the next page starts, and forbids writes', () => {
    const run = simulator();
    const page = run.openPage('cc', '', '', 2);
    expect([page.next()?.key, page.next()?.key, page.next()]).toEqual(['a', 'b', undefined]);
    expect(page.bookmarkAndClose()).toBe('c');
    const rest = run.openPage('cc', 'c', '', 2);
    expect([rest.next()?.key, rest.next()]).toEqual(['c', undefined]);
    expect(rest.bookmarkAndClose()).toBe('');
    expect(() => {
      run.putState('cc', 'a', utf8('1'));
    }).toThrow('SIMULATION_WRITE_AFTER_PAGINATION');
    const writer = simulator();
    writer.putState('cc', 'a', utf8('1'));
    expect(() => writer.openPage('cc', '', '', 2)).toThrow('SIMULATION_PAGINATION_AFTER_WRITE');
  });
});

describe('private data', () => {
  it('leave their hashes in the public set and their values in the private set', () => {
    const run = simulator();
    run.putPrivateData('cc', 'c', 'q', utf8('new secret'));
    run.deletePrivateData('cc', 'c', 'gone');
    run.purgePrivateData('cc', 'c', 'p');
    const { readWriteSetBytes, privateWriteSetBytes } = run.result();
    expect(Buffer.from(readWriteSetBytes).includes('new secret')).toBe(false);
    const [collection] = own(readWriteSetBytes).collections;
    expect(
      collection?.writes.map(({ keyHashHex, valueHash, purge }) => [keyHashHex, valueHash && toHex(valueHash), purge]),
    ).toEqual([
      [hashKeyHex('gone'), undefined, false],
      [hashKeyHex('p'), undefined, true],
      [hashKeyHex('q'), toHex(sha256(utf8('new secret'))), false],
    ]);
    const [set] = decodePrivateWriteSet(privateWriteSetBytes!);
    expect(set?.writes.map(({ key }) => key)).toEqual(['gone', 'p', 'q']);
    expect(toHex(sha256(set!.bytes))).toBe(toHex(collection!.privateSetHash!));
  });

  it('are read with the version of their hash; the collections read are named', () => {
    const run = simulator();
    expect(run.getPrivateData('cc', 'c', 'p')).toEqual(utf8('secret'));
    expect(run.getPrivateData('cc', 'c', 'none')).toBeUndefined();
    expect(run.getPrivateDataMultiple('cc', 'c', ['p'])).toEqual([utf8('secret')]);
    const result = run.result();
    expect(own(result.readWriteSetBytes).collections[0]?.reads).toEqual([
      { keyHashHex: hashKeyHex('none'), version: undefined },
      { keyHashHex: hashKeyHex('p'), version },
    ]);
    expect(result.privateReads).toEqual([{ namespace: 'cc', collection: 'c' }]);
    expect(result.privateWriteSetBytes).toBeUndefined();
  });

  it('that this peer does not hold are refused, while their hash is there', () => {
    const state = stateWith([]);
    const hash = { namespace: 'cc', collection: 'c', keyHashHex: hashKeyHex('p'), valueHash: sha256(utf8('newer')) };
    const updates = {
      publicUpdates: [],
      hashedUpdates: [{ ...hash, version: { block: 1, transaction: 0 }, purge: false }],
    };
    state.applyUpdates(1, updates, []);
    const run = simulator(state);
    expect(() => run.getPrivateData('cc', 'c', 'p')).toThrow('SIMULATION_PRIVATE_DATA_UNAVAILABLE');
    expect(run.getPrivateDataHash('cc', 'c', 'p')).toEqual(sha256(utf8('newer')));
    expect(run.result().privateReads).toEqual([]);
  });

  it('in ranges forbid writes, before and after', () => {
    const run = simulator();
    const rows = run.openPrivateRange('cc', 'c', '', '');
    expect([rows.next()?.key, rows.next()]).toEqual(['p', undefined]);
    expect(() => {
      run.putState('cc', 'a', utf8('1'));
    }).toThrow('SIMULATION_WRITE_AFTER_PRIVATE_QUERY');
    const writer = simulator();
    writer.putPrivateData('cc', 'c', 'q', utf8('1'));
    expect(() => writer.openPrivateRange('cc', 'c', '', '')).toThrow('SIMULATION_PRIVATE_QUERY_AFTER_WRITE');
  });

  it('of a collection that is not defined are refused', () => {
    expect(() => simulator().getPrivateData('cc', 'd', 'p')).toThrow('SIMULATION_COLLECTION_UNKNOWN');
    expect(() => {
      simulator().putPrivateData('cc', 'd', 'p', utf8('1'));
    }).toThrow('SIMULATION_COLLECTION_UNKNOWN');
  });

  it('need a committed definition, and reading it is recorded as on a real peer', () => {
    const memberPolicy = parseSignaturePolicy("OR('A.member')");
    const counts = { requiredPeerCount: 0, maxPeerCount: 0, blockToLive: 0 };
    const collection = { name: 'c', memberPolicy, ...counts, memberOnlyRead: false, memberOnlyWrite: false };
    const definition = testDefinition({ name: 'cc', collections: [collection] });
    const rows = chaincodeDefinitionWrites(definition).map(({ key, value }) => ({ key, value, version }));
    const state = new MemoryState();
    const publicUpdates = rows.map((row) => ({ ...row, namespace: LIFECYCLE_NAMESPACE }));
    state.applyUpdates(0, { publicUpdates, hashedUpdates: [] }, []);
    const run = new TransactionSimulator({ transactionId: 't', state });
    run.recordDefinitionRead('cc');
    run.putPrivateData('cc', 'c', 'k', utf8('v'));
    run.putPrivateData('cc', '_implicit_org_A', 'k', utf8('v'));
    expect(() => {
      run.putPrivateData('cc', 'd', 'k', utf8('v'));
    }).toThrow('SIMULATION_COLLECTION_UNKNOWN');
    const [lifecycle] = decodeReadWriteSet(run.result().readWriteSetBytes).namespaces;
    expect(lifecycle?.namespace).toBe(LIFECYCLE_NAMESPACE);
    expect(lifecycle?.reads.map(({ key }) => key)).toEqual(rows.map(({ key }) => key));
  });
});

describe('the difference of two read-write sets', () => {
  const setOf = (work: (run: TransactionSimulator) => void): Uint8Array => {
    const run = simulator();
    work(run);
    return run.result().readWriteSetBytes;
  };

  it('names the fact on which endorsers disagree', () => {
    const left = setOf((run) => {
      run.getState('cc', 'a');
      run.putState('cc', 'k', utf8('left'));
    });
    const right = setOf((run) => {
      run.putState('cc', 'k', utf8('right'));
    });
    expect(differenceOfReadWriteSets(left, left)).toEqual([]);
    expect(differenceOfReadWriteSets(left, right)).toEqual([
      'cc: read of "a": version 0.3 against nothing',
      'cc: write of "k": "left" against "right"',
    ]);
  });
});
