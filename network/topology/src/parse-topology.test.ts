import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topologyWarnings } from './check-topology';
import { loadTopology, parseTopology } from './parse-topology';
import { chaincodeAddress, findChannel, findOrganization } from './topology-helpers';
import { TopologyError, TopologyLookupError } from './topology-error';

const CONSORTIUM = join(__dirname, '..', '..', 'consortium.yaml');
const TEXT = readFileSync(CONSORTIUM, 'utf8');

/** The problems of the consortium file after one text in it was replaced. */
function problemsAfter(search: string | RegExp, replacement: string): TopologyError['problems'] {
  const changed = TEXT.replace(search, replacement);
  expect(changed).not.toBe(TEXT);
  try {
    parseTopology(changed, 'changed.yaml');
  } catch (error) {
    if (error instanceof TopologyError) {
      expect(error.code).toBe('TOPOLOGY_INVALID');
      expect(error.message).toMatch(/^TOPOLOGY_INVALID: changed\.yaml:[0-9]+: /);
      return error.problems;
    }
    throw error;
  }
  throw new Error('the changed file was accepted');
}

function lineOf(text: string): number {
  return TEXT.split('\n').findIndex((line) => line.includes(text)) + 1;
}

describe('the consortium file', () => {
  it('describes three authorities that order and three members, without a warning', () => {
    const topology = loadTopology(CONSORTIUM);
    const channel = findChannel(topology, 'community');
    expect(channel.ordererOrganizations).toEqual(['Tso', 'Dso', 'Regulator']);
    expect(channel.memberOrganizations).toHaveLength(6);
    expect(topologyWarnings(topology)).toEqual([]);
    expect(chaincodeAddress(topology, findOrganization(topology, 'Dso'), 'flexledger')).toBe('127.0.0.1:17080');
  });

  it('names the known organisations when asked for another', () => {
    const topology = loadTopology(CONSORTIUM);
    expect(() => findOrganization(topology, 'Nobody')).toThrow(TopologyLookupError);
    expect(() => findOrganization(topology, 'Nobody')).toThrow(/^TOPOLOGY_UNKNOWN_NAME: .*Tso, Dso, Regulator/);
  });
});

describe('a mistake is named with its line and path', () => {
  it('a wrong type', () => {
    const [problem] = problemsAfter('timeoutMs: 300', 'timeoutMs: soon');
    expect(problem).toMatchObject({ line: lineOf('timeoutMs'), path: 'channels[0].batch.timeoutMs' });
  });

  it('an unknown field', () => {
    const [problem] = problemsAfter('sequence: 1', 'sequence: 1\n        sequense: 2');
    expect(problem?.path).toBe('channels[0].chaincodes[0]');
    expect(problem?.message).toContain('sequense');
  });

  it('a missing field, at the line of its parent', () => {
    const [problem] = problemsAfter(', operationsPort: 17052', '');
    expect(problem).toMatchObject({ line: lineOf('port: 17051'), path: 'organizations[0].peers[0].operationsPort' });
  });

  it('a port that is used twice, with the other place', () => {
    const [problem] = problemsAfter('operationsPort: 17052', 'operationsPort: 17051');
    expect(problem?.path).toBe('organizations[0].peers[0].operationsPort');
    expect(problem?.message).toContain('127.0.0.1:17051 is already used by organizations[0].peers[0].port');
  });

  it('a chaincode port that meets a node port', () => {
    const [problem] = problemsAfter('chaincodePortBase: 17080', 'chaincodePortBase: 17051');
    expect(problem?.path).toBe('organizations[1].chaincodePortBase');
  });

  it('an organisation that a channel names but nobody describes', () => {
    const [problem] = problemsAfter('Community, Market]', 'Community, Markt]');
    expect(problem).toMatchObject({ line: lineOf('memberOrganizations'), path: 'channels[0].memberOrganizations[5]' });
    expect(problem?.message).toContain('Markt');
  });

  it('a name, MSP id or domain that is used twice', () => {
    expect(problemsAfter('mspId: DsoMSP', 'mspId: TsoMSP').map(({ path }) => path)).toContain('organizations[1].mspId');
    expect(problemsAfter('name: Dso\n', 'name: Tso\n').map(({ path }) => path)).toContain('organizations[1].name');
  });

  it('a policy that is not one, with the character', () => {
    const [problem] = problemsAfter("OutOf(2, 'TsoMSP.peer'", "OutOf(9, 'TsoMSP.peer'");
    expect(problem?.path).toBe('channels[0].chaincodes[0].endorsementPolicy');
    expect(problem?.message).toContain('OutOf asks for 9 of 3 rules');
  });

  it('a policy that names a stranger', () => {
    const [problem] = problemsAfter("'AggregatorMSP.peer'", "'StrangerMSP.peer'");
    expect(problem?.message).toContain('StrangerMSP is not the MSP of a member organisation');
  });

  it('two orderers, with the reason', () => {
    const [problem] = problemsAfter('[Tso, Dso, Regulator]\n', '[Tso, Dso]\n');
    expect(problem?.path).toBe('channels[0].ordererOrganizations');
    expect(problem?.message).toContain('Raft needs both');
  });

  it('an ordering organisation without an orderer', () => {
    const [problem] = problemsAfter('[Tso, Dso, Regulator]\n', '[Market, Dso, Regulator, Tso]\n');
    expect(problem?.message).toContain('Market orders this channel but has no orderer');
  });

  it('broken YAML, and a file that is not there', () => {
    expect(problemsAfter('organizations:', 'organizations: [').length).toBeGreaterThan(0);
    expect(() => loadTopology(join(__dirname, 'absent.yaml'))).toThrow(
      /^TOPOLOGY_INVALID: .*absent\.yaml: the file cannot be read/,
    );
  });

  it('all mistakes of a file at once', () => {
    const changed = TEXT.replace('timeoutMs: 300', 'timeoutMs: -1').replace('format: 1', 'format: 2');
    expect(() => parseTopology(changed, 'two.yaml')).toThrow(/two\.yaml:[0-9]+: format.*\n.*timeoutMs/);
  });
});

describe('numbers of orderers that work but are unwise', () => {
  it('warns of a single orderer and of an even number', () => {
    const single = parseTopology(TEXT.replace('[Tso, Dso, Regulator]\n', '[Tso]\n'), 'single.yaml');
    expect(topologyWarnings(single)).toEqual([expect.stringContaining('single orderer')]);
    const extra = '    orderers:\n      - { name: o, port: 19001, adminPort: 19002, operationsPort: 19003 }\n';
    const even = TEXT.replace('    chaincodePortBase: 17120', `${extra}    chaincodePortBase: 17120`).replace(
      '[Tso, Dso, Regulator]\n',
      '[Tso, Dso, Regulator, Aggregator]\n',
    );
    expect(topologyWarnings(parseTopology(even, 'even.yaml'))).toEqual([expect.stringContaining('than 3')]);
  });
});
