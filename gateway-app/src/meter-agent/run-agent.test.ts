import { deriveId } from '../agents/seed';
import { FileKeyStore, SigningKey } from '../client/keys';
import { loadAgentConfig } from './agent-config';
import { MeterQueue } from './meter-queue';
import { runAgent } from './run-agent';
import { BlockLedger } from './testing/block-ledger';
import { faultsOf, seconds, TestFolder } from './testing/input-items';

const METER = deriveId('run-agent', 'meter');
const FIRST = seconds('2024-05-01T00:00:00Z');
const QUARTERS = 200;

/** An agent with one meter whose file has 200 quarter hours, and its ledger. */
class Scene {
  readonly folder = new TestFolder();
  readonly ledger = new BlockLedger();
  readonly said: string[] = [];
  readonly key = SigningKey.generate();
  readonly lines = Array.from({ length: QUARTERS }, (_, index) => `${FIRST + index * 900},${index}.5,${index % 3}`);

  constructor(settings = '') {
    new FileKeyStore(this.folder.path('keys')).save('home', this.key);
    this.write(this.lines);
    this.folder.write(
      'agent.yaml',
      `${settings}
meters:
  - meter: ${METER}
    key: home
    input:
      csv: { file: values.csv, unit: Wh, time: { column: time }, import: in, export: out }
`,
    );
    this.ledger.register(METER, this.key.publicKey, FIRST);
  }

  write(lines: readonly string[]): void {
    const iso = lines.map((line) =>
      line.replace(/^\d+/, (time) => new Date(Number(time) * 1000).toISOString().slice(0, 19)),
    );
    this.folder.write('values.csv', ['time,in,out', ...iso, ''].join('\n'));
  }

  /** Runs the agent to its end, or until it is told to stop. */
  async run(stop = new AbortController().signal, ledger = this.ledger): Promise<void> {
    const config = loadAgentConfig(this.folder.path('agent.yaml'));
    await runAgent({ config, gateway: ledger, say: (line) => this.said.push(line), stop });
  }

  async queue<T>(look: (queue: MeterQueue) => Promise<T>): Promise<T> {
    const queue = await MeterQueue.open(this.folder.path('agent-data'));
    try {
      return await look(queue);
    } finally {
      await queue.close();
    }
  }
}

/** What the file says: halves of a watt-hour are carried on, so that two lines have one more together. */
function expectedValues(quarters = QUARTERS, from = 0): string[] {
  return Array.from({ length: quarters - from }, (_, index) => from + index).map(
    (quarter) => `${FIRST / 900 + quarter}: ${quarter + (quarter % 2)}/${quarter % 3}`,
  );
}

let scene: Scene;
afterEach(() => scene.folder.remove());

describe('a meter agent', () => {
  test('brings every value of its file to the ledger once, in blocks of whole hours, and ends', async () => {
    scene = new Scene();
    await scene.run();
    expect(scene.ledger.values(METER)).toEqual(expectedValues());
    expect(scene.ledger.blocks(METER).map(({ importWh }) => importWh.length)).toEqual(Array<number>(50).fill(4));
    expect(await scene.queue(async (queue) => queue.waiting)).toBe(0);
  });

  test('goes on where the file has grown since', async () => {
    scene = new Scene();
    scene.write(scene.lines.slice(0, 90));
    await scene.run();
    scene.write(scene.lines);
    await scene.run();
    expect(scene.ledger.values(METER)).toEqual(expectedValues());
  });

  test('reads on while nobody answers, as far as the queue has room, and loses nothing', async () => {
    scene = new Scene('queueBlocks: 7');
    const stop = new AbortController();
    scene.ledger.beforeRecord = () => {
      // The ledger answers for the first time: now it goes away for as long as the queue fills.
      scene.ledger.beforeRecord = () => undefined;
      scene.ledger.isReachable = false;
      throw new TypeError('the test ledger has stopped');
    };
    await expect(scene.run(stop.signal)).rejects.toThrow('the test ledger has stopped');
    const offline = scene.run(stop.signal);
    while (!scene.said.some((line) => line.includes('the inputs wait'))) await new Promise(setImmediate);
    stop.abort();
    await offline;
    const [waiting, state] = await scene.queue(async (queue) => [queue.waiting, await queue.state(METER)] as const);
    expect(waiting).toBe(7);
    expect(state?.head.sequence).toBe(7);
    expect(JSON.parse(state?.position ?? '')).toMatchObject({ line: 2 + 7 * 4 });
    scene.ledger.isReachable = true;
    await scene.run();
    expect(scene.ledger.values(METER)).toEqual(expectedValues());
  });

  test('sends again what the ledger has recorded without anybody hearing of it, and it is there once', async () => {
    scene = new Scene();
    scene.ledger.afterRecord = () => {
      throw new TypeError('the connection has broken');
    };
    await expect(scene.run()).rejects.toThrow('the connection has broken');
    scene.ledger.afterRecord = () => undefined;
    await scene.run();
    expect(scene.ledger.values(METER)).toEqual(expectedValues());
  });

  test('keeps what the ledger refuses because of a gap, and goes on when the operator has recorded it', async () => {
    scene = new Scene();
    scene.write([...scene.lines.slice(0, 20), ...scene.lines.slice(28)]);
    await expect(scene.run()).rejects.toThrow(/^AGENT_BLOCK_REFUSED: .*READING_NOT_CONTIGUOUS/);
    expect(faultsOf([{ faults: await scene.queue((queue) => queue.faults(METER)) }])).toEqual([
      'VALUE_GAP at 2024-05-01T05:00:00Z to 2024-05-01T07:00:00Z',
    ]);
    scene.ledger.recordGap(METER, FIRST + 28 * 900);
    await scene.run();
    expect(scene.ledger.values(METER).map((value) => value.split(':')[0])).toEqual(
      [...expectedValues(20), ...expectedValues(QUARTERS, 28)].map((value) => value.split(':')[0]),
    );
  });

  test('begins behind the chain that the ledger has', async () => {
    scene = new Scene();
    scene.write(scene.lines.slice(0, 40));
    await scene.run();
    const other = new Scene();
    other.ledger.register(METER, other.key.publicKey, FIRST + 40 * 900);
    await other.run();
    other.folder.remove();
    expect(other.ledger.values(METER).map((value) => value.split(':')[0])).toEqual(
      expectedValues(QUARTERS, 40).map((value) => value.split(':')[0]),
    );
    expect(other.said).toContainEqual(expect.stringContaining('VALUE_BEFORE_CHAIN'));
  });

  test.each<[string, (own: Scene) => void, RegExp]>([
    [
      'the ledger has blocks that its queue does not know',
      (own) => own.folder.replace('agent-data', 'agent-data-before'),
      /^AGENT_QUEUE_BEHIND/,
    ],
    [
      'the ledger lacks blocks that it has acknowledged',
      (own) => own.ledger.register(METER, own.key.publicKey, FIRST),
      /^AGENT_QUEUE_AHEAD/,
    ],
    [
      'its key is another one',
      (own) => new FileKeyStore(own.folder.path('keys')).save('home', SigningKey.generate()),
      /^AGENT_KEY_UNKNOWN/,
    ],
    [
      'its meter has another resolution',
      (own) => own.ledger.register(METER, own.key.publicKey, FIRST, 60),
      /^AGENT_RESOLUTION/,
    ],
  ])('stops when %s', async (_, change, error) => {
    scene = new Scene();
    scene.write(scene.lines.slice(0, 40));
    await scene.run();
    scene.folder.copy('agent-data', 'agent-data-before');
    scene.write(scene.lines.slice(0, 80));
    await scene.run();
    change(scene);
    scene.write(scene.lines);
    await expect(scene.run()).rejects.toThrow(error);
  });

  test('stops when the last block of the ledger is not the one in its queue', async () => {
    scene = new Scene();
    await scene.run();
    const elsewhere = new Scene();
    elsewhere.ledger.register(METER, scene.key.publicKey, FIRST);
    new FileKeyStore(elsewhere.folder.path('keys')).save('home', scene.key);
    await elsewhere.run();
    await expect(scene.run(undefined, elsewhere.ledger)).rejects.toThrow(/^AGENT_CHAIN_DIFFERS/);
    elsewhere.folder.remove();
  });
});
