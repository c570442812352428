import { status as StatusCode } from '@grpc/grpc-js';
import { join } from 'node:path';
import { failureOf, textsOf } from './testing/failure';
import { fixtureFolder, ledgerChaincode, TestNetwork, testTopology, textOf } from './testing/test-network';

const quarterHourMs = 15 * 60 * 1000;

describe('the clock of the endorsers', () => {
  it.each([
    ['ahead', quarterHourMs + 60_000],
    ['behind', -quarterHourMs - 60_000],
  ])('refuses a proposal when it is more than a quarter of an hour %s, and takes it within', async (_, offsetMs) => {
    let offset = 0;
    const network = await TestNetwork.start({ nowMs: () => Date.now() + offset });
    try {
      const { contract } = network.connect('Alpha');
      offset = Math.sign(offsetMs) * (quarterHourMs - 60_000);
      await contract.submitTransaction('put', 'in-time', 'x');
      offset = offsetMs;
      const error = await failureOf(contract.submitTransaction('put', 'late', 'x'));
      expect(error).toMatchObject({ code: StatusCode.ABORTED });
      expect(textsOf(error)).toMatch(
        /request unauthorized due to incorrect timestamp .*, peer time .*, peer.authentication.timewindow 15m0s/,
      );
      offset = 0;
      expect(textOf(await contract.evaluateTransaction('get', 'late'))).toBe('');
    } finally {
      await network.remove();
    }
  });

  it('refuses an identity whose certificate has expired', async () => {
    let offset = 0;
    const network = await TestNetwork.start({ nowMs: () => Date.now() + offset });
    try {
      offset = 400 * 24 * 60 * 60 * 1000;
      const error = await failureOf(network.connect('Alpha').contract.evaluateTransaction('get', 'a'));
      expect(textsOf(error)).toContain('proposal client identity expired');
    } finally {
      await network.remove();
    }
  });
});

describe('limits of the embedded network', () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await TestNetwork.start({
      manualBlocks: true,
      serviceLimits: { gateway: 4 },
      chaincodeLimits: { totalQueryLimit: 120 },
    });
  }, 60_000);

  afterAll(async () => {
    await network.remove();
  });

  it('cuts a block only when told to', async () => {
    const { contract } = network.connect('Alpha');
    const before = network.devnet.height('trial');
    const submitted = await contract.submitAsync('fill', { arguments: ['row-', '150'] });
    expect(network.devnet.height('trial')).toBe(before);
    await network.devnet.cutBlock('trial');
    expect(await submitted.getStatus()).toMatchObject({ code: 0, blockNumber: BigInt(before) });
  });

  it('ends a long range silently at the limit, as Fabric does', async () => {
    const rows = textOf(await network.connect('Alpha').contract.evaluateTransaction('range', 'row-', 'row-~'));
    expect(JSON.parse(rows)).toHaveLength(120);
  });

  it('refuses more calls at once than its limit, with the text of a peer, and serves again afterwards', async () => {
    const { contract } = network.connect('Beta');
    const waiting = await Promise.all(
      Array.from({ length: 4 }, async (_, index) => {
        const { contract: own } = network.connect('Beta');
        return own.submitAsync('put', { arguments: [`waiting-${String(index)}`, 'x'] });
      }),
    );
    const statuses = waiting.map(async (submitted) => submitted.getStatus());
    let refusal: Error | undefined;
    while (refusal === undefined) {
      refusal = await contract.evaluateTransaction('who').then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error : undefined),
      );
    }
    expect(refusal).toMatchObject({ code: StatusCode.UNKNOWN });
    expect(refusal.message).toContain('too many requests for /gateway.Gateway, exceeding concurrency limit (4)');
    await network.devnet.cutBlock('trial');
    expect((await Promise.all(statuses)).map(({ successful }) => successful)).toEqual([true, true, true, true]);
    expect(textOf(await contract.evaluateTransaction('who'))).toBe('BetaMSP BetaMSP');
  });

  it('refuses a transaction that is larger than a block may be', async () => {
    const { contract } = network.connect('Alpha');
    const transaction = await contract.newProposal('put', { arguments: ['large', 'x'.repeat(1_200_000)] }).endorse();
    const error = await failureOf(transaction.submit());
    expect(error).toMatchObject({ code: StatusCode.ABORTED });
    expect(error.message).toMatch(
      /status=BAD_REQUEST, info=message payload is [0-9]+ bytes and exceeds maximum allowed 2097152 bytes/,
    );
  });

  it('loses the commit status by a fault, but not the commit', async () => {
    const { contract } = network.connect('Alpha');
    network.devnet.faults.options = { loseCommitStatus: 1, dropStream: 0 };
    const submitted = await contract.submitAsync('put', { arguments: ['lost-status', 'x'] });
    await network.devnet.cutBlock('trial');
    expect(await failureOf(submitted.getStatus())).toMatchObject({ code: StatusCode.UNAVAILABLE });
    network.devnet.faults.options = { loseCommitStatus: 0, dropStream: 0 };
    expect(await submitted.getStatus()).toMatchObject({ code: 0 });
  });
});

describe('a transaction that takes too long', () => {
  it('is given up, and the next one is served', async () => {
    const network = await TestNetwork.start({ chaincodeLimits: { executeTimeoutMs: 2000 } });
    try {
      const { contract } = network.connect('Alpha');
      const slow = contract.evaluate('slow', { arguments: ['60000'], endorsingOrganizations: ['AlphaMSP'] });
      expect(textsOf(await failureOf(slow))).toContain('timeout expired while executing transaction');
      expect(textOf(await contract.evaluateTransaction('who'))).toBe('AlphaMSP AlphaMSP');
    } finally {
      await network.remove();
    }
  });
});

describe('batches', () => {
  it('are cut by count before the time is over, and by time when the count is not reached', async () => {
    const topology = await testTopology();
    const channels = topology.channels.map((channel) => ({
      ...channel,
      batch: { ...channel.batch, timeoutMs: 700, messagesMax: 3 },
    }));
    const network = await TestNetwork.start({ topology: { ...topology, channels } });
    try {
      const { contract } = network.connect('Alpha');
      const submitted = await Promise.all(
        Array.from({ length: 7 }, async (_, index) =>
          contract.submitAsync('put', { arguments: [`batch-${String(index)}`, 'x'] }),
        ),
      );
      const statuses = await Promise.all(submitted.map(async (one) => one.getStatus()));
      const sizes = new Map<bigint, number>();
      for (const { blockNumber } of statuses) sizes.set(blockNumber, (sizes.get(blockNumber) ?? 0) + 1);
      expect(Math.max(...sizes.values())).toBe(3);
      expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBe(7);
    } finally {
      await network.remove();
    }
  });
});

describe('an endorser that is held behind', () => {
  it('causes mismatches while it lags, and none when it does not', async () => {
    const network = await TestNetwork.start({ seed: 7 });
    try {
      const { contract } = network.connect('Alpha');
      const both = { endorsingOrganizations: ['AlphaMSP', 'BetaMSP'] };
      await contract.submitTransaction('put', 'chain', '');
      const attempt = async (): Promise<string> =>
        contract.submit('append', { ...both, arguments: ['chain', 'x'] }).then(
          () => 'committed',
          (error: unknown) =>
            error instanceof Error && textsOf(error).includes('ProposalResponsePayloads do not match')
              ? 'mismatch'
              : 'other',
        );
      network.devnet.setLag('BetaMSP', 3);
      const lagging = new Set<string>();
      for (let tries = 0; tries < 12; tries += 1) lagging.add(await attempt());
      expect([...lagging].sort()).toEqual(['committed', 'mismatch']);
      network.devnet.setLag('BetaMSP', 0);
      for (let tries = 0; tries < 3; tries += 1) expect(await attempt()).toBe('committed');
    } finally {
      await network.remove();
    }
  });
});

describe('ways to run chaincode', () => {
  it('calls chaincode servers over mutual TLS', async () => {
    const plain = ledgerChaincode();
    const network = await TestNetwork.start({
      topology: await testTopology({ ...plain, service: { ...plain.service, tls: true } }),
    });
    try {
      expect(textOf(await network.connect('Beta').contract.evaluateTransaction('who'))).toBe('BetaMSP BetaMSP');
    } finally {
      await network.remove();
    }
  });

  it('takes chaincode that dials its peer', async () => {
    const plain = ledgerChaincode();
    const command = [process.execPath, join(fixtureFolder, 'ledger-chaincode.cjs')];
    const network = await TestNetwork.start({
      topology: await testTopology({ ...plain, service: { ...plain.service, kind: 'peer', command } }),
    });
    try {
      const { contract } = network.connect('Gamma');
      await contract.submitTransaction('put', 'dialled', 'x');
      expect(textOf(await contract.evaluateTransaction('get', 'dialled'))).toBe('x');
    } finally {
      await network.remove();
    }
  });
});

describe('operations of a peer', () => {
  it('tell health and metrics over HTTP, and unhealthy while chaincode is away', async () => {
    const plain = ledgerChaincode();
    const network = await TestNetwork.start();
    const broken = await TestNetwork.start({
      topology: await testTopology({ ...plain, service: { ...plain.service, command: [process.execPath, '-e', ''] } }),
      chaincodeReadyMs: 0,
    });
    try {
      await network.connect('Alpha').contract.submitTransaction('put', 'a', 'b');
      const [endpoint] = network.devnet.endpoints;
      const health = await fetch(`http://${endpoint?.operationsAddress ?? ''}/healthz`);
      expect(health.status).toBe(200);
      expect(await health.json()).toMatchObject({ status: 'OK' });
      const metrics = await (await fetch(`http://${endpoint?.operationsAddress ?? ''}/metrics`)).text();
      expect(metrics).toContain('ledger_blockchain_height{channel="trial"} 3');
      expect(metrics).toMatch(/ledger_transaction_count\{channel="trial",validation_code="VALID"\} [1-9]/);
      const [other] = broken.devnet.endpoints;
      const sick = await fetch(`http://${other?.operationsAddress ?? ''}/healthz`);
      expect(sick.status).toBe(503);
      expect(await sick.text()).toContain('chaincode ledger of AlphaMSP');
    } finally {
      await network.remove();
      await broken.remove();
    }
  });
});
