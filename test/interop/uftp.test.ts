import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  exampleMessages,
  exampleUftpSettings,
  readMessage,
  transactionOf,
  writeMessage,
} from '@flexledger/gateway-app';

/*
 * Others read our messages of UFTP, and we theirs. The official schema stands beside the project (`../shared/data/uftp-xsd`); libxml2 validates
 * with it. SHAPESHIFTER_PYTHON names a Python that has the package shapeshifter_uftp (`pip install shapeshifter-uftp==2.4.0
 * fastapi==0.136.0`), which nobody here wrote.
 */

const here = __dirname.replace(`${path.sep}dist${path.sep}`, path.sep);
const root = path.resolve(here, '..', '..');
const schemaFolder = path.resolve(root, '..', 'shared', 'data', 'uftp-xsd');
const python = process.env['SHAPESHIFTER_PYTHON'] ?? 'python3';
const messages = exampleMessages();

function absenceOfPython(): string | undefined {
  const { error, status } = spawnSync(python, ['-c', 'import shapeshifter_uftp'], { stdio: 'ignore' });
  if (error !== undefined) return `${python} does not run (${error.message})`;
  return status === 0 ? undefined : `${python} has no shapeshifter_uftp; SHAPESHIFTER_PYTHON names another Python`;
}

const pythonReason = absenceOfPython();
if (pythonReason !== undefined)
  process.stderr.write(`ABSENT: ${pythonReason}, so no program of others reads UFTP here.\n`);
const schemaReason = existsSync(schemaFolder) ? undefined : `${schemaFolder} is not there`;
if (schemaReason !== undefined) process.stderr.write(`ABSENT: ${schemaReason}, so no message is validated here.\n`);

function problemsOf(documents: Readonly<Record<string, string>>, schema = 'UFTP-agr.xsd'): Record<string, string[]> {
  const program = path.join(here, 'validate-xml.mjs');
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, path.join(schemaFolder, schema)], {
    input: JSON.stringify(documents),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the validator failed: ${stderr}`);
  return JSON.parse(stdout) as Record<string, string[]>;
}

(schemaReason === undefined ? describe : describe.skip)('the official schema', () => {
  it('accepts every message and every response that is written', () => {
    expect(messages.size).toBe(16);
    const problems = problemsOf(Object.fromEntries(messages));
    expect(Object.entries(problems).filter(([, found]) => found.length > 0)).toEqual([]);
  });

  it('finds nothing wrong that is not refused here as well', () => {
    const request = messages.get('FlexRequest') ?? '';
    const broken: Record<string, string> = {
      'no revision': request.replace(/ Revision="[^"]*"/, ''),
      'no ISP': request.replace(/\s*<ISP [^>]*>/g, ''),
      'a foreign attribute': request.replace(' Revision=', ' Owner="me" Revision='),
      'a foreign element': request.replace('</FlexRequest>', '<Extra/></FlexRequest>'),
      'another disposition': request.replace('"Requested"', '"Wanted"'),
      'a decimal power': request.replace(/MinPower="[^"]*"/, 'MinPower="1.5"'),
      'ISP 0': request.replace(/Start="[^"]*"/, 'Start="0"'),
      'a message id that is none': request.replace(/MessageID="[^"]*"/, 'MessageID="1"'),
      'a congestion point that is none': request.replace(/CongestionPoint="[^"]*"/, 'CongestionPoint="here"'),
      'a domain that is none': request.replace(/SenderDomain="[^"]*"/, 'SenderDomain="DSO"'),
      'a moment without a zone': request.replace(/TimeStamp="[^"]*"/, 'TimeStamp="2016-05-16T12:00:00"'),
    };
    const problems = problemsOf(broken);
    for (const [what, xml] of Object.entries(broken)) {
      expect([what, problems[what]?.length]).toEqual([what, 1]);
      expect(() => readMessage(xml)).toThrow(/^Invalid Message/);
    }
  });
});

(pythonReason === undefined ? describe : describe.skip)('the Python package shapeshifter_uftp', () => {
  interface Answer {
    readonly read: Readonly<Record<string, { readonly type: string; readonly xml: string }>>;
    readonly own: Readonly<Record<'FlexRequest' | 'FlexOffer', string>>;
  }
  let answer: Answer;
  beforeAll(() => {
    const program = path.join(here, 'uftp-messages.py');
    // The package is of the release 3.1.0, whose responses name what they answer in another way than the schema of now.
    const input = JSON.stringify(Object.fromEntries(exampleMessages('3.1.0')));
    const { status, stderr, stdout } = spawnSync(python, [program], { input, encoding: 'utf8' });
    if (status !== 0) throw new Error(`the package refuses a message: ${stderr}`);
    answer = JSON.parse(stdout) as Answer;
  });

  it('reads every message, and what it writes of it says the same here', () => {
    expect(Object.keys(answer.read)).toHaveLength(16);
    for (const [name, xml] of exampleMessages('3.1.0')) {
      // The package takes a FlexSettlement for a response and gives it a result, which the schema does not have.
      const written = (answer.read[name]?.xml ?? '').replace(/(<FlexSettlement [^>]*?) Result="[^"]*"/, '$1');
      const theirs = readMessage(written);
      expect(theirs.name).toBe(name);
      expect(theirs.content).toMatchObject(lasting(readMessage(xml).content));
    }
  });

  it('writes a request and an offer that become transactions', () => {
    const request = transactionOf(readMessage(answer.own.FlexRequest) as never, exampleUftpSettings);
    expect(request).toMatchObject({
      transaction: 'requestFlexibility',
      request: {
        gridId: 'rural-1',
        periodSlot: 1_626_040,
        answerBySlot: 1_626_040,
        isps: [{ startSlot: 1_626_112, slots: 4, direction: 'reduce', minW: '20000', maxW: '60000' }],
      },
    });
    const offer = transactionOf(readMessage(answer.own.FlexOffer) as never, exampleUftpSettings);
    expect(offer.request).toMatchObject({
      requestId: request.request.commandId,
      options: [{ optionRef: 'batteries', priceMicro: '5000000', minActivationFactorPpm: '500000' }],
    });
    expect(writeMessage('FlexRequest', readMessage(answer.own.FlexRequest).content as never)).toContain('PT15M');
  });
});

/** Content without the id of a response, which is new each time. */
function lasting(content: { readonly MessageID: string }): object {
  const { MessageID, ...rest } = content;
  return 'ReferenceMessageID' in rest ? rest : { MessageID, ...rest };
}
