import { exampleFounding, exampleGrid, exampleRuleSet, type JsonObject } from '@flexledger/domain';
import {
  callers,
  command,
  firstSlot,
  foundedLedger,
  participantEntry,
  registerAggregator,
  registerGrid,
  registerParticipants,
  Signer,
  tick,
} from '../../testing/actors';
import { MemoryLedger } from '../../testing/memory-ledger';
import { codeOf } from '../../testing/refusal';

const { regulator, tso, dso, community, market } = callers;

function bootstrap(changes: JsonObject = {}): JsonObject {
  return { commandId: command('founding'), ...exampleFounding, ...changes };
}

describe('the founding', () => {
  it('takes effect with the approvals of two authorities and one member, and not before', async () => {
    const ledger = new MemoryLedger();
    const { response } = await ledger.submit(regulator, 'registry:bootstrap', bootstrap());
    const { proposalId = '', proposalDigest = '' } = response;
    const approve = (label: string) => ({ commandId: command(label), proposalId, proposalDigest });
    const first = await ledger.submit(community, 'registry:approve', approve('a'));
    expect(first.response.effective).toBe(false);
    expect(await ledger.evaluate(tso, 'registry:getGovernance', {})).toEqual({ governance: null });
    const second = await ledger.submit(tso, 'registry:approve', approve('b'));
    expect(second.response.effective).toBe(true);
    const { governance } = await ledger.evaluate(tso, 'registry:getGovernance', {});
    expect(governance).toMatchObject({ version: 1, timekeepers: ['RegulatorMSP', 'TsoMSP'], ruleSet: { number: 1 } });
    expect(second.event).toMatchObject({
      v: 1,
      contract: 'registry',
      transaction: 'approve',
      ruleSet: 0,
      facts: [{ type: 'ProposalApproved' }, { type: 'GovernanceChanged', version: 1 }],
    });
  });

  it('is refused where it contradicts itself', async () => {
    const ledger = new MemoryLedger();
    const ruleSet = (changes: JsonObject) => ({ ruleSet: { ...exampleRuleSet, ...changes } });
    const need = { name: 'need', rank: 9, purposes: ['bilateral'] };
    const cases: readonly [string, JsonObject][] = [
      ['a member that is an authority', { members: ['TsoMSP'] }],
      [
        'one authority only',
        { authorities: ['RegulatorMSP'], timekeepers: ['RegulatorMSP'], roles: [exampleFounding.roles[2]] },
      ],
      ['a role twice', { roles: [exampleFounding.roles[0], { role: 'tso', mspIds: ['DsoMSP'] }] }],
      ['a role for a stranger', { roles: [{ role: 'tso', mspIds: ['StrangerMSP'] }] }],
      ['a timekeeper that is no authority', { timekeepers: ['MarketMSP'] }],
      ['an oracle without the role', { oracles: ['TsoMSP'] }],
      ['a rule set that is not the first', ruleSet({ number: 2 })],
      ['a price tick of zero', ruleSet({ tickMicroPerKwh: '0' })],
      ['a cap that is no whole number of ticks', ruleSet({ priceCapMicroPerKwh: '4000050' })],
      ['a floor above the cap', ruleSet({ priceFloorMicroPerKwh: '5000000' })],
      ['priorities without a commitments book', ruleSet({ preemptionCompensationPpm: '100000' })],
      [
        'two priority classes of one rank',
        ruleSet({ commitments: true, priorityClasses: [need, { ...need, name: 'x' }] }),
      ],
      ['a priority class twice', ruleSet({ commitments: true, priorityClasses: [need, { ...need, rank: 1 }] })],
      ['a surplus paid better than a shortfall costs', ruleSet({ imbalanceLongMicroPerKwh: '400000' })],
    ];
    for (const [label, changes] of cases) {
      const code = await codeOf(ledger, () => ledger.submit(regulator, 'registry:bootstrap', bootstrap(changes)));
      expect([label, code]).toEqual([label, 'REGISTRY_GOVERNANCE_INVALID']);
    }
  });

  it('is for authorities that the proposal names, and happens once', async () => {
    const ledger = new MemoryLedger();
    const submit = (caller: typeof regulator | typeof market) =>
      codeOf(ledger, () => ledger.submit(caller, 'registry:bootstrap', bootstrap()));
    expect(await submit(market)).toBe('ACCESS_ROLE_REFUSED');
    const stranger = { mspId: 'StrangerMSP', role: 'regulator' } as unknown as typeof regulator;
    expect(await submit(stranger)).toBe('REGISTRY_NOT_ENTITLED');
    const founded = await foundedLedger();
    const again = bootstrap({ commandId: command('second founding') });
    expect(await codeOf(founded, () => founded.submit(regulator, 'registry:bootstrap', again))).toBe(
      'REGISTRY_ALREADY_BOOTSTRAPPED',
    );
  });

  it('must precede everything else', async () => {
    const ledger = new MemoryLedger();
    const request = { commandId: command('t'), fromSlot: firstSlot, toSlot: firstSlot };
    expect(await codeOf(ledger, () => ledger.submit(regulator, 'registry:tick', request))).toBe(
      'ACCESS_NOT_BOOTSTRAPPED',
    );
  });
});

describe('a change of governance', () => {
  const change = { kind: 'ruleSet', ruleSet: { ...exampleRuleSet, number: 2, feePpm: '1000' } };

  async function proposed() {
    const ledger = await foundedLedger();
    const outcome = await ledger.submit(dso, 'registry:propose', { commandId: command('p'), change });
    const { proposalId = '', proposalDigest = '' } = outcome.response;
    const approve = (label: string, changes: JsonObject = {}) => ({
      commandId: command(label),
      proposalId,
      proposalDigest,
      ...changes,
    });
    return { ledger, approve, proposalId };
  }

  it('takes effect at the quorum and then carries the number of the new rule set', async () => {
    const { ledger, approve, proposalId } = await proposed();
    await ledger.submit(market, 'registry:approve', approve('1'));
    await ledger.submit(tso, 'registry:approve', approve('2'));
    const { governance } = await ledger.evaluate(dso, 'registry:getGovernance', {});
    expect(governance).toMatchObject({ version: 2, ruleSet: { number: 2, feePpm: '1000' } });
    expect(await ledger.evaluate(dso, 'registry:getProposal', { proposalId })).toMatchObject({
      approvals: ['DsoMSP', 'MarketMSP', 'TsoMSP'],
      state: 'EFFECTIVE',
    });
  });

  it('is refused with a code for every mistake, in the order of the registry', async () => {
    const { ledger, approve } = await proposed();
    const attempt = (caller: { mspId: string; role: string }, request: JsonObject) =>
      codeOf(ledger, () => ledger.submit(caller, 'registry:approve', request));
    const unknown = approve('x', { proposalId: command('nothing') });
    expect(await attempt(tso, unknown)).toBe('REGISTRY_PROPOSAL_UNKNOWN');
    const other = approve('x', { proposalDigest: 'A'.repeat(43) });
    expect(await attempt(dso, other)).toBe('REGISTRY_PROPOSAL_DIGEST');
    expect(await attempt(dso, approve('x'))).toBe('REGISTRY_ALREADY_APPROVED');
    await ledger.submit(market, 'registry:approve', approve('1'));
    await ledger.submit(tso, 'registry:approve', approve('2'));
    expect(await attempt(regulator, approve('3'))).toBe('REGISTRY_PROPOSAL_CLOSED');
  });

  it('is stale once another one has taken effect', async () => {
    const { ledger, approve } = await proposed();
    const timekeepers = { kind: 'timekeepers', timekeepers: ['TsoMSP'] };
    const second = await ledger.submit(dso, 'registry:propose', { commandId: command('q'), change: timekeepers });
    for (const caller of [market, tso]) {
      const { effective: _effective, ...named } = second.response;
      await ledger.submit(caller, 'registry:approve', { ...named, commandId: command(`q ${caller.mspId}`) });
    }
    expect(await codeOf(ledger, () => ledger.submit(tso, 'registry:approve', approve('1')))).toBe(
      'REGISTRY_PROPOSAL_STALE',
    );
  });

  it('numbers rule sets one after the other', async () => {
    const ledger = await foundedLedger();
    const request = { commandId: command('p'), change: { kind: 'ruleSet', ruleSet: { ...exampleRuleSet, number: 3 } } };
    expect(await codeOf(ledger, () => ledger.submit(dso, 'registry:propose', request))).toBe(
      'REGISTRY_RULE_SET_NUMBER',
    );
  });
});

describe('the ledger clock', () => {
  it('starts anywhere, goes on without a gap, and never runs backwards', async () => {
    const ledger = await foundedLedger();
    await tick(ledger, firstSlot, firstSlot + 95);
    await tick(ledger, firstSlot + 96, firstSlot + 96);
    expect(await ledger.evaluate(tso, 'registry:getClock', {})).toEqual({
      clock: { firstSlot, lastSlot: firstSlot + 96 },
    });
    expect(ledger.rows('clock').size).toBe(97);
    const attempt = (fromSlot: number, toSlot: number) =>
      codeOf(ledger, () =>
        ledger.submit(tso, 'registry:tick', { commandId: command(`${fromSlot}`), fromSlot, toSlot }),
      );
    expect(await attempt(firstSlot + 98, firstSlot + 98)).toBe('CLOCK_NOT_CONTINUOUS');
    expect(await attempt(firstSlot + 96, firstSlot + 97)).toBe('CLOCK_NOT_CONTINUOUS');
    expect(await attempt(firstSlot - 1, firstSlot - 1)).toBe('CLOCK_NOT_CONTINUOUS');
    expect(await attempt(firstSlot + 97, firstSlot + 96)).toBe('CLOCK_RANGE');
    expect(await attempt(firstSlot + 97, firstSlot + 97 + 96)).toBe('CLOCK_RANGE');
  });

  it('is set by timekeepers only', async () => {
    const ledger = await foundedLedger();
    const request = { commandId: command('t'), fromSlot: firstSlot, toSlot: firstSlot };
    expect(await codeOf(ledger, () => ledger.submit(dso, 'registry:tick', request))).toBe('CLOCK_NOT_TIMEKEEPER');
    expect(await codeOf(ledger, () => ledger.submit(market, 'registry:tick', request))).toBe('ACCESS_ROLE_REFUSED');
  });

  it('does not run ahead of the time of the transaction', async () => {
    const ledger = await foundedLedger();
    const request = { commandId: command('t'), fromSlot: firstSlot, toSlot: firstSlot + 1 };
    const at = (transactionSeconds: number) => ledger.submit(tso, 'registry:tick', request, { transactionSeconds });
    expect(await codeOf(ledger, () => at((firstSlot + 1) * 900 - 1))).toBe('CLOCK_AHEAD');
    await at((firstSlot + 1) * 900);
    expect(ledger.rows('clock').size).toBe(2);
  });
});

describe('participants', () => {
  it('are registered under the address of the key that they prove to hold', async () => {
    const ledger = await foundedLedger();
    const signer = new Signer();
    await registerParticipants(ledger, [signer]);
    const { participantId, publicKey } = signer;
    expect(await ledger.evaluate(tso, 'registry:getParticipant', { participantId })).toMatchObject({
      participantId,
      publicKey,
      mspId: 'CommunityMSP',
      state: 'ACTIVE',
    });
  });

  it('can be aggregators, which their own organisation registers', async () => {
    const ledger = await foundedLedger();
    const signer = new Signer();
    await registerAggregator(ledger, signer);
    const { participantId } = signer;
    expect(await ledger.evaluate(tso, 'registry:getParticipant', { participantId })).toMatchObject({
      kind: 'aggregator',
      mspId: 'AggregatorMSP',
    });
  });

  it('are refused without the proof, with a key of another kind, and twice', async () => {
    const ledger = await foundedLedger();
    const signer = new Signer();
    const commandId = command('participants');
    const attempt = (...participants: JsonObject[]) =>
      codeOf(ledger, () => ledger.submit(community, 'registry:registerParticipants', { commandId, participants }));
    const good = participantEntry(signer, commandId);
    expect(await attempt({ ...good, connectionLimitW: '99' })).toBe('SIGNATURE_INVALID');
    expect(await attempt(participantEntry(signer, command('another')))).toBe('SIGNATURE_INVALID');
    expect(await attempt({ ...good, signature: Signer.highS(String(good.signature)) })).toBe('SIGNATURE_INVALID');
    expect(await attempt({ ...good, publicKey: Buffer.alloc(91, 1).toString('base64url') })).toBe(
      'SIGNATURE_KEY_INVALID',
    );
    expect(await attempt(good, good)).toBe('PARTICIPANT_EXISTS');
    expect(await attempt()).toBe('INPUT_FIELD_INVALID');
    await registerParticipants(ledger, [signer]);
    expect(await attempt(good)).toBe('PARTICIPANT_EXISTS');
  });

  it('can be suspended and readmitted, each once', async () => {
    const ledger = await foundedLedger();
    const signer = new Signer();
    await registerParticipants(ledger, [signer]);
    const { participantId } = signer;
    const request = (label: string) => ({ commandId: command(label), participantId, reason: 'Meter under repair' });
    const suspend = (label: string) => ledger.submit(dso, 'registry:suspendParticipant', request(label));
    const readmit = (label: string) => ledger.submit(regulator, 'registry:readmitParticipant', request(label));
    expect(await codeOf(ledger, () => readmit('0'))).toBe('PARTICIPANT_NOT_SUSPENDED');
    await suspend('1');
    expect(await codeOf(ledger, () => suspend('2'))).toBe('PARTICIPANT_SUSPENDED');
    await readmit('3');
    const unknown = { ...request('4'), participantId: command('nobody') };
    expect(await codeOf(ledger, () => ledger.submit(dso, 'registry:suspendParticipant', unknown))).toBe(
      'PARTICIPANT_UNKNOWN',
    );
  });

  it('are listed in pages of 100', async () => {
    const ledger = await foundedLedger();
    const signers = Array.from({ length: 103 }, () => new Signer());
    await registerParticipants(ledger, signers.slice(0, 60));
    await registerParticipants(ledger, signers.slice(60));
    const first = await ledger.evaluate(market, 'registry:listParticipants', {});
    const bookmark = first.bookmark ?? '';
    const second = await ledger.evaluate(market, 'registry:listParticipants', { bookmark });
    const ids = [first, second].flatMap(({ rows }) => (rows as JsonObject[]).map((row) => row.participantId));
    expect(ids).toEqual(signers.map((signer) => signer.participantId).sort((a, b) => (a < b ? -1 : 1)));
    expect(second.bookmark).toBeNull();
  });
});

describe('a grid', () => {
  const line = (id: string, fromBus: string, toBus: string) => ({ id, fromBus, toBus, limitW: '1' });

  it('is registered once and read back as it was sent', async () => {
    const ledger = await foundedLedger();
    await registerGrid(ledger);
    expect(await ledger.evaluate(market, 'registry:getGrid', { gridId: exampleGrid.gridId })).toEqual(exampleGrid);
    const again = { commandId: command('again'), ...exampleGrid };
    expect(await codeOf(ledger, () => ledger.submit(dso, 'registry:registerGrid', again))).toBe('GRID_EXISTS');
    expect(await codeOf(ledger, () => ledger.evaluate(dso, 'registry:getGrid', { gridId: 'none' }))).toBe(
      'GRID_UNKNOWN',
    );
  });

  it('is refused unless it is one tree of its own elements', async () => {
    const ledger = await foundedLedger();
    const [first] = exampleGrid.buses;
    const cases: readonly [string, JsonObject][] = [
      ['GRID_ID_TWICE', { buses: [...exampleGrid.buses, first] }],
      ['GRID_ID_TWICE', { lines: [...exampleGrid.lines, line('transformer', 'bus-1', 'bus-2')] }],
      ['GRID_REFERENCE', { lines: [line('line-1', 'bus-1', 'bus-9')] }],
      ['GRID_REFERENCE', { congestionPoints: [{ ...exampleGrid.congestionPoints[0], elementId: 'bus-1' }] }],
      ['GRID_NOT_A_TREE', { lines: [] }],
      ['GRID_NOT_A_TREE', { lines: [...exampleGrid.lines, line('line-2', 'bus-2', 'bus-0')] }],
      ['GRID_NOT_A_TREE', { lines: [line('line-1', 'bus-2', 'bus-2')] }],
    ];
    for (const [code, changes] of cases) {
      const request = { commandId: command('grid'), ...exampleGrid, ...changes };
      expect(await codeOf(ledger, () => ledger.submit(dso, 'registry:registerGrid', request))).toBe(code);
    }
  });
});
