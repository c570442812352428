import { readFileSync } from 'node:fs';
import {
  canonicalJson,
  disputeCodec,
  disputedCodec,
  disputeIdCodec,
  elementIdCodec,
  flexOrderIdCodec,
  micro,
  parseJson,
  participantIdCodec,
  postingSetId,
  sha256,
  toBase64Url,
  type CommandId,
  type Dispute,
  type DisputeId,
  type RemedyRequest,
  type Respondent,
  type Ruling,
} from '@flexledger/domain';
import { Option, type Command } from 'commander';
import { DisputeAgent, readDispute, readDisputes, type Reply } from '../agents/dispute-agent';
import { CliError } from '../cli-errors';
import type { Ledger } from '../client/ledger';
import { newId } from '../meter-gateway/commission-meters';
import { DEFAULT_DISPUTES_FOLDER } from '../paths';
import {
  carried,
  loadKey,
  readSlot,
  signedBy,
  timeOf,
  withCarrier,
  type CarrierOptions,
  type SigningOptions,
} from './signed-commands';

interface RaiseOptions extends SigningOptions {
  readonly order?: string;
  readonly settled: string;
  readonly about?: string;
  readonly with: string;
  readonly text: string;
  readonly evidence: string;
  readonly answerBy?: string;
}

interface RespondOptions extends CarrierOptions {
  readonly key?: string;
  readonly keys: string;
  readonly position: Reply['position'];
  readonly text: string;
  readonly evidence?: string;
}

interface RuleOptions extends CarrierOptions {
  readonly outcome: Ruling['outcome'];
  readonly reason: string;
  readonly pay?: string;
  readonly resettle?: string;
}

const data = DEFAULT_DISPUTES_FOLDER;
const participantRoles = { roles: ['community', 'market', 'aggregator'], data } as const;
const EVIDENCE = 'file that proves it; only its SHA-256 digest goes to the ledger';

/** `flexledger dispute`: what was posted is disputed, answered and ruled (docs/demand-response.md). */
export function addDisputeCommand(program: Command, print: (line: string) => void): void {
  const dispute = program
    .command('dispute')
    .description('dispute what was posted, answer, rule and list disputes; participants sign with their own keys');
  addSides(dispute, print);
  carried(dispute.command('rule'), 'rule a dispute, as the regulator', { roles: ['regulator'], data })
    .argument('<dispute>')
    .addOption(new Option('--outcome <outcome>').choices(['UPHELD', 'PARTLY', 'REJECTED']).makeOptionMandatory())
    .requiredOption('--reason <sentence>', 'why, for everybody to read')
    .addOption(
      new Option('--pay <micro>', 'what the other side pays, in millionths of the currency').conflicts('resettle'),
    )
    .option('--resettle <order>', 'order of flexibility that is settled anew')
    .action((id: string, options: RuleOptions) => act(options, print, (ledger) => rule(ledger, readId(id), options)));
  carried(dispute.command('expire'), 'close a dispute that was not ruled in time; anybody may', participantRoles)
    .argument('<dispute>')
    .action((id: string, options: CarrierOptions) =>
      act(options, print, async (ledger) => {
        const request = { commandId: newId() as CommandId, disputeId: readId(id) };
        return (await ledger.submit('accounts', 'expireDispute', request)).response;
      }),
    );
  addReads(dispute, print);
}

/** What the two sides say. */
function addSides(dispute: Command, print: (line: string) => void): void {
  signedBy(carried(dispute.command('raise'), 'dispute what was posted', participantRoles))
    .addOption(new Option('--order <id>', 'the settlement of this order of flexibility').conflicts('about'))
    .option('--settled <version>', 'which version of it', '1')
    .option('--about <file>', 'JSON list of the causes of posting sets (docs/reference.md, raiseDispute)')
    .requiredOption('--with <side>', 'who shall answer: the id of a participant, dso:GRID, or market')
    .requiredOption('--text <sentence>', 'what is wrong, for everybody to read')
    .requiredOption('--evidence <file>', EVIDENCE)
    .option('--answer-by <slot>', 'first slot in which it can no longer be answered; soon, where absent')
    .action((options: RaiseOptions) => act(options, print, (ledger) => raise(ledger, options)));
  carried(dispute.command('respond'), 'answer a dispute, with a key or as an operator', {
    roles: ['community', 'market', 'aggregator', 'dso'],
    data,
  })
    .argument('<dispute>')
    .option('--key <name>', 'name of the key of the participant who was asked; an operator answers without')
    .option('--keys <folder>', 'folder of the keys (mode 0700, files 0600)', 'keys')
    .addOption(new Option('--position <position>').choices(['ACCEPTS', 'CONTESTS']).makeOptionMandatory())
    .requiredOption('--text <sentence>', 'the answer, for everybody to read')
    .option('--evidence <file>', EVIDENCE)
    .action((id: string, options: RespondOptions) =>
      act(options, print, (ledger) => respond(ledger, readId(id), options)),
    );
  signedBy(carried(dispute.command('withdraw'), 'take back a dispute before it is ruled', participantRoles))
    .argument('<dispute>')
    .action((id: string, options: SigningOptions) =>
      act(options, print, (ledger) => agentOf(ledger, options).withdraw(readId(id))),
    );
}

function addReads(dispute: Command, print: (line: string) => void): void {
  const everybody = { roles: ['community', 'market', 'aggregator', 'dso', 'tso', 'regulator'], data } as const;
  carried(dispute.command('list'), 'list all disputes, or those that a participant is a side of', everybody)
    .argument('[participant]')
    .action(async (id: string | undefined, options: CarrierOptions) => {
      const participantId = id === undefined ? undefined : participantIdCodec.decode(id, '');
      const found = await withCarrier(options, (ledger) => readDisputes(ledger, participantId));
      found.flatMap((one) => textOf(one, options)).forEach(print);
    });
  carried(dispute.command('show'), 'show a dispute, and whether an order was settled anew for it', everybody)
    .argument('<dispute>')
    .action(async (id: string, options: CarrierOptions) => {
      const known = await withCarrier(options, (ledger) => readDispute(ledger, readId(id)));
      textOf(known.dispute, options).forEach(print);
      if (known.resettledVersion !== null && options.json === undefined) {
        print(`  settled anew as version ${known.resettledVersion}`);
      }
    });
}

async function act(
  options: CarrierOptions,
  print: (line: string) => void,
  run: (ledger: Ledger) => Promise<Dispute>,
): Promise<void> {
  textOf(await withCarrier(options, run), options).forEach(print);
}

function agentOf(ledger: Ledger, options: Pick<SigningOptions, 'key' | 'keys'>): DisputeAgent {
  return new DisputeAgent(ledger, loadKey(options), newId);
}

function raise(ledger: Ledger, options: RaiseOptions): Promise<Dispute> {
  const claim = {
    about: aboutOf(options),
    respondent: respondentOf(options.with),
    text: options.text,
    evidenceDigest: digestOfFile(options.evidence),
  };
  const answerBySlot = options.answerBy === undefined ? undefined : readSlot(options.answerBy);
  return agentOf(ledger, options).raise(claim, answerBySlot);
}

async function respond(ledger: Ledger, disputeId: DisputeId, options: RespondOptions): Promise<Dispute> {
  const { evidence, key, keys, position, text } = options;
  const reply = { position, text, ...(evidence === undefined ? {} : { evidenceDigest: digestOfFile(evidence) }) };
  if (key !== undefined) {
    return agentOf(ledger, { key, keys }).respond(disputeId, reply);
  }
  const request = { commandId: newId() as CommandId, disputeId, ...reply };
  return (await ledger.submit('accounts', 'respondAsOperator', request)).response;
}

async function rule(ledger: Ledger, disputeId: DisputeId, options: RuleOptions): Promise<Dispute> {
  const { outcome, reason } = options;
  const remedy = remedyOf(options);
  const asked = { commandId: newId() as CommandId, disputeId, outcome, reason };
  const request = remedy === undefined ? asked : { ...asked, remedy };
  return (await ledger.submit('accounts', 'ruleDispute', request)).response;
}

function remedyOf({ pay, resettle }: RuleOptions): RemedyRequest | undefined {
  if (pay !== undefined) {
    if (!/^\d{1,18}$/.test(pay)) throw new CliError('CLI_USAGE', `${pay} is no amount in millionths of the currency`);
    return { kind: 'correction', amountMicro: micro(BigInt(pay)) };
  }
  return resettle === undefined ? undefined : { kind: 'resettlement', orderId: flexOrderIdCodec.decode(resettle, '') };
}

/** @throws CliError CLI_USAGE where nothing is named, or by a file that cannot be read */
function aboutOf({ about, order, settled }: RaiseOptions): Dispute['about'] {
  if (about !== undefined) return disputedCodec.decode(parseJson(readFileOf(about).toString('utf8')), '');
  if (order === undefined) throw new CliError('CLI_USAGE', 'name what is disputed with --order or --about');
  return disputedCodec.decode([{ kind: 'flexibility', orderId: order, version: Number(settled) }], '');
}

function respondentOf(side: string): Respondent {
  if (side === 'market') return { kind: 'market' };
  const [role, gridId] = side.split(':');
  return role === 'dso' && gridId !== undefined
    ? { kind: 'dso', gridId: elementIdCodec.decode(gridId, '') }
    : { kind: 'participant', participantId: participantIdCodec.decode(side, '') };
}

function digestOfFile(file: string): string {
  return toBase64Url(sha256(readFileOf(file)));
}

function readFileOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CliError('CLI_USAGE', `cannot read ${file}; name a file that is there`, { cause: error });
  }
}

function readId(id: string): DisputeId {
  return disputeIdCodec.decode(id, '');
}

function textOf(dispute: Dispute, { json }: Pick<CarrierOptions, 'json'>): readonly string[] {
  return json ? [canonicalJson(disputeCodec.encode(dispute))] : linesOf(dispute);
}

function linesOf({ about, answer, answerBySlot, disputeId, ...dispute }: Dispute): readonly string[] {
  const { participantId, respondent, ruleBySlot, ruling, state, text } = dispute;
  const deadlines = `answer until ${timeOf(answerBySlot)}, ruling until ${timeOf(ruleBySlot)}`;
  return [
    `${disputeId}  ${state}  ${deadlines}`,
    `  ${participantId} with ${sideText(respondent)} about ${about.map(postingSetId).join(', ')}`,
    `  ${text}`,
    ...(answer === undefined ? [] : [`  ${answer.position}: ${answer.text}`]),
    ...(ruling === undefined ? [] : [`  ${ruling.outcome} by ${ruling.mspId}: ${ruling.reason}${remedyText(ruling)}`]),
  ];
}

function sideText(respondent: Respondent): string {
  switch (respondent.kind) {
    case 'participant':
      return respondent.participantId;
    case 'dso':
      return `the system operator of ${respondent.gridId}`;
    case 'market':
      return 'the market operator';
  }
}

function remedyText({ remedy }: Ruling): string {
  if (remedy === undefined) return '';
  return remedy.kind === 'correction'
    ? ` (pays ${remedy.amountMicro} micro)`
    : ` (order ${remedy.orderId} is settled anew after version ${remedy.afterVersion})`;
}
