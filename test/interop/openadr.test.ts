import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { VtnScene, vtnRows } from '@flexledger/gateway-app';

/*
 * The Python package openadr3 (a client of OpenADR 3.1 that nobody here wrote) talks to the VTN. OPENADR_PYTHON names a Python that has it
 * (`pip install openadr3==0.5.0`). OPENADR_SPECIFICATION names openadr3.yaml, OpenADR's own description of the interface; where it is, every
 * answer is checked against it as well.
 */

const { AGGREGATOR, enrolmentRow, EVENT, eventRow, FIRST_SLOT, idOf, programmeRow, supportRow } = vtnRows;
/** The limit of each slot of the event. */
const importLimits = [3_500n, 0n, 0n, 0n].map((powerW, index) => ({ slot: FIRST_SLOT + index, powerW }));

const python = process.env['OPENADR_PYTHON'] ?? 'python3';
const specification = process.env['OPENADR_SPECIFICATION'] ?? null;
const program = path.join(__dirname, 'openadr-ven.py').replace(`${path.sep}dist${path.sep}`, path.sep);

function absence(): string | undefined {
  const { error, status } = spawnSync(python, ['-c', 'import openadr3'], { stdio: 'ignore' });
  if (error !== undefined) return `${python} does not run (${error.message})`;
  return status === 0 ? undefined : `${python} has no openadr3; OPENADR_PYTHON names another Python`;
}

const reason = absence();
if (reason !== undefined) process.stderr.write(`ABSENT: ${reason}, so no VEN of others talks to the VTN here.\n`);

/** Runs the program and answers what it has seen. */
function runProgram(input: object): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const child = spawn(python, [program], { stdio: ['pipe', 'pipe', 'pipe'] });
    let [out, trouble] = ['', ''];
    child.stdout.on('data', (part: Buffer) => (out += part.toString()));
    child.stderr.on('data', (part: Buffer) => (trouble += part.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(out) as Record<string, unknown>);
      else reject(new Error(`the VEN failed: ${trouble}`));
    });
    child.stdin.end(JSON.stringify(input));
  });
}

(reason === undefined ? test : test.skip)(
  'a VEN of others receives its event, opts out by its report and delivers readings; business logic reads them',
  async () => {
    const scene = new VtnScene();
    await scene.start();
    try {
      const { ledger } = scene;
      const home = await scene.prosumer('home-1');
      const business = await scene.logIn({ kind: 'business', name: 'aggregator', participantId: AGGREGATOR });
      ledger.programmeRows.push(programmeRow());
      ledger.enrolmentRows.push(enrolmentRow(home.key.address, idOf('asset')));
      ledger.eventRows.push(eventRow(home.key.address, { kind: 'IMPORT_CAPACITY_LIMIT', values: importLimits }));
      ledger.supportRows.push(supportRow(home.key.address));
      const {
        business: read,
        faults,
        validated,
        ven: seen,
      } = await runProgram({
        base: scene.base,
        specification,
        ven: { id: home.clientId, secret: home.secret },
        business: { id: business.clientId, secret: business.secret },
      });
      expect(faults).toEqual([]);
      expect(validated).toHaveLength(specification === null ? 0 : 8);
      expect(seen).toEqual({
        programs: ['Evening peak'],
        events: 2,
        targeted: 2,
        intervals: [
          { start: '2026-06-21T04:00:00Z', end: '2026-06-21T04:15:00Z', payloads: [['IMPORT_CAPACITY_LIMIT', [3.5]]] },
          { start: '2026-06-21T04:15:00Z', end: '2026-06-21T04:30:00Z', payloads: [['IMPORT_CAPACITY_LIMIT', [0]]] },
          { start: '2026-06-21T04:30:00Z', end: '2026-06-21T04:45:00Z', payloads: [['IMPORT_CAPACITY_LIMIT', [0]]] },
          { start: '2026-06-21T04:45:00Z', end: '2026-06-21T05:00:00Z', payloads: [['IMPORT_CAPACITY_LIMIT', [0]]] },
        ],
        ven: 'home-1',
        resources: 1,
        reports: [201, 201, 201],
        sameReport: true,
        refused: [409, 404, 403],
        usage: '0.25',
      });
      expect(read).toEqual({ programs: 1, events: 2, reports: 2, written: 403 });
      expect(ledger.sent).toMatchObject([{ transaction: 'optOut', request: { eventId: EVENT, reason: 'DECLINED' } }]);
    } finally {
      await scene.close();
    }
  },
  120_000,
);
