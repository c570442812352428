import { readFileSync } from 'node:fs';
import {
  canonicalJson,
  contractCodec,
  contractIdCodec,
  contractTermsCodec,
  parseJson,
  participantIdCodec,
  type CommandId,
  type Contract,
  type ContractId,
  type ContractTerms,
} from '@flexledger/domain';
import type { Command } from 'commander';
import { ContractAgent, readContract, readContracts } from '../agents/contract-agent';
import { CliError } from '../cli-errors';
import type { Ledger } from '../client/ledger';
import { newId } from '../meter-gateway/commission-meters';
import { DEFAULT_CONTRACTS_FOLDER } from '../paths';
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

interface OfferOptions extends SigningOptions {
  readonly answerBy: string;
}

const STANDARD_INPUT = '-';
const ANSWER_BY =
  'first slot of the ledger clock in which it can no longer be answered: its number or its start in UTC';
const TERMS = `the terms as JSON (docs/market.md); ${STANDARD_INPUT} reads standard input`;

/** `flexledger contract`: two participants agree with nobody in the middle; each signs with its own key. */
export function addContractCommand(program: Command, print: (line: string) => void): void {
  const contract = program
    .command('contract')
    .description('offer, answer and list contracts between two participants, signed with the key of one of them');
  signing(contract.command('propose'), 'offer a contract to another participant')
    .argument('<terms>', TERMS)
    .requiredOption('--answer-by <slot>', ANSWER_BY)
    .action((file: string, options: OfferOptions) =>
      negotiate(options, print, (agent) => agent.propose(readTerms(file), readSlot(options.answerBy))),
    );
  signing(contract.command('counter'), "answer the other side's offer with other terms")
    .argument('<contract>')
    .argument('<terms>', TERMS)
    .requiredOption('--answer-by <slot>', ANSWER_BY)
    .action((id: string, file: string, options: OfferOptions) =>
      negotiate(options, print, (agent) => agent.counter(readId(id), readTerms(file), readSlot(options.answerBy))),
    );
  signing(contract.command('accept'), "accept the other side's last offer, if its terms are still these")
    .argument('<contract>')
    .argument('<digest>', 'digest of the terms, as "contract show" prints it')
    .action((id: string, digest: string, options: SigningOptions) =>
      negotiate(options, print, (agent) => agent.accept(readId(id), digest)),
    );
  signing(contract.command('reject'), "reject the other side's offer for good")
    .argument('<contract>')
    .action((id: string, options: SigningOptions) => negotiate(options, print, (agent) => agent.reject(readId(id))));
  signing(contract.command('withdraw'), "take back one's own offer before it is answered")
    .argument('<contract>')
    .action((id: string, options: SigningOptions) => negotiate(options, print, (agent) => agent.withdraw(readId(id))));
  addUnsigned(contract, print);
}

/** What anybody can do without a key. */
function addUnsigned(contract: Command, print: (line: string) => void): void {
  connected(contract.command('expire'), 'close an offer that nobody has answered in time; anybody may')
    .argument('<contract>')
    .action((id: string, options: CarrierOptions) =>
      withLedger(options, print, async (ledger) => {
        const request = { commandId: newId() as CommandId, contractId: readId(id) };
        return [(await ledger.submit('market', 'expireContract', request)).response];
      }),
    );
  connected(contract.command('list'), 'list the contracts of a participant, whatever became of them')
    .argument('<participant>')
    .action((id: string, options: CarrierOptions) =>
      withLedger(options, print, (ledger) => readContracts(ledger, participantIdCodec.decode(id, ''))),
    );
  connected(contract.command('show'), 'show a contract: its state, its terms and their digest')
    .argument('<contract>')
    .action((id: string, options: CarrierOptions) =>
      withLedger(options, print, async (ledger) => [await readContract(ledger, readId(id))]),
    );
}

const carriers = { roles: ['community', 'market'], data: DEFAULT_CONTRACTS_FOLDER } as const;

function connected(command: Command, description: string): Command {
  return carried(command, description, carriers);
}

function signing(command: Command, description: string): Command {
  return signedBy(connected(command, description));
}

async function negotiate(
  options: SigningOptions,
  print: (line: string) => void,
  run: (agent: ContractAgent) => Promise<Contract>,
): Promise<void> {
  const key = loadKey(options);
  await withLedger(options, print, async (ledger) => [await run(new ContractAgent(ledger, key, newId))]);
}

/** Does one thing and prints the contracts that it answers. */
async function withLedger(
  options: CarrierOptions,
  print: (line: string) => void,
  run: (ledger: Ledger) => Promise<readonly Contract[]>,
): Promise<void> {
  const found = await withCarrier(options, run);
  found.flatMap((contract) => (options.json ? [jsonOf(contract)] : linesOf(contract))).forEach(print);
}

function jsonOf(contract: Contract): string {
  return canonicalJson(contractCodec.encode(contract));
}

/** A contract in a few lines, with the digest that an acceptance names. */
function linesOf({ contractId, displaced, offer, round, state, terms, termsDigest }: Contract): readonly string[] {
  const { buyerBus, buyerParticipantId, delivery, energyWh, firstSlot, gridId, intervalSlots, intervals } = terms;
  const { priceMicroPerKwh, sellerBus, sellerParticipantId } = terms;
  const hours = intervals === 1 ? '1 interval' : `${intervals} intervals`;
  return [
    `${contractId}  ${state}  offer ${round} by ${offer.participantId}, until ${timeOf(offer.answerBySlot)}`,
    `  ${sellerParticipantId} at ${sellerBus} sells to ${buyerParticipantId} at ${buyerBus} on ${gridId}`,
    `  ${hours} of ${intervalSlots * 15} minutes from ${timeOf(firstSlot)}: ${energyWh.join(', ')} Wh each`,
    `  price ${priceMicroPerKwh} micro per kWh, delivery ${JSON.stringify(delivery, textOfAmounts)}`,
    ...(displaced === undefined ? [] : [`  displaced in ${displaced.join(', ')}`]),
    `  terms ${termsDigest}`,
  ];
}

function textOfAmounts(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function readId(id: string): ContractId {
  return contractIdCodec.decode(id, '');
}

/** @throws CliError CLI_USAGE for a file that cannot be read */
function readTerms(file: string): ContractTerms {
  try {
    return contractTermsCodec.decode(parseJson(readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8')), '');
  } catch (error) {
    if (error instanceof Error && 'errno' in error) {
      throw new CliError('CLI_USAGE', `cannot read ${file}; name a file that is there`);
    }
    throw error;
  }
}
