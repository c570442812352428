import { readFileSync, writeFileSync } from 'node:fs';
import { seriesNames, slotStartSeconds } from '@flexledger/domain';
import type { Command } from 'commander';
import { BlockFile } from '../audit/blocks/block-file';
import { checkProof, type ProvenReading } from '../audit/evidence/check-proof';
import { readCopyFile } from '../audit/blocks/copy-file';
import { makeProof } from '../audit/evidence/make-proof';
import { decodeProof, encodeProof, ProofError } from '../audit/evidence/reading-proof';
import { CliError } from '../cli-errors';
import { DEFAULT_CHAINCODE, genesisHash } from './audit-sources';

interface ProveOptions {
  readonly blocks: string;
  readonly copy: string;
  readonly meter: string;
  readonly slot: string;
  readonly out: string;
  readonly chaincode: string;
}

interface CheckOptions {
  readonly genesis?: string;
  readonly chaincode: string;
}

/** `flexledger audit prove|check-proof`: one quarter hour of one meter, shown to somebody who has no ledger. */
export function addProofCommands(audit: Command, print: (line: string) => void): void {
  audit
    .command('prove')
    .description('prove the values of one quarter hour of one meter, and disclose no other')
    .requiredOption('--blocks <file>', 'blocks that "audit export" has written')
    .requiredOption('--copy <file>', 'private values that "audit copy" has written')
    .requiredOption('--meter <id>', 'pseudonym of the meter')
    .requiredOption('--slot <number>', 'quarter hours since 1970 UTC')
    .requiredOption('--out <file>', 'the file to write; it must not exist')
    .option('--chaincode <name>', 'whose rows are read', DEFAULT_CHAINCODE)
    .action(async (options: ProveOptions) => prove(options, print));
  audit
    .command('check-proof')
    .description('check such a proof with nothing but the certificates of the channel')
    .argument('<file>')
    .option('--genesis <hash or file>', 'block 0 that you trust: the hash of its header, or the block in a file')
    .option('--chaincode <name>', 'whose rows are read', DEFAULT_CHAINCODE)
    .action((file: string, options: CheckOptions) => {
      check(file, options, print);
    });
}

async function prove(options: ProveOptions, print: (line: string) => void): Promise<void> {
  const { meter, out } = options;
  const slot = Number(options.slot);
  if (!/^[0-9]{1,8}$/.test(options.slot)) {
    throw new CliError('CLI_USAGE', `--slot ${options.slot} is no number of a quarter hour`);
  }
  const source = new BlockFile(options.blocks);
  const proof = await makeProof({
    blocks: source.blocks(),
    copy: later(() => readCopyFile(options.copy, source.channel ?? '')),
    chaincode: options.chaincode,
    meterId: meter,
    slot,
  });
  if (proof === undefined) {
    throw new CliError('CLI_USAGE', `the blocks or the copy have no values of meter ${meter} in slot ${options.slot}`);
  }
  writeFileSync(out, encodeProof(proof), { flag: 'wx', mode: 0o600 });
  print(`the proof of slot ${slot} of meter ${meter} is in ${out}`);
}

/** The copy is read after the blocks, when the channel is known. */
async function* later<T>(make: () => AsyncGenerator<T, void, void>): AsyncGenerator<T, void, void> {
  yield* make();
}

function check(file: string, options: CheckOptions, print: (line: string) => void): void {
  const trusted = options.genesis === undefined ? undefined : genesisHash(options.genesis);
  try {
    const proven = checkProof(decodeProof(readFileSync(file, 'utf8')), options.chaincode, trusted);
    provenLines(proven, trusted !== undefined).forEach(print);
  } catch (error) {
    if (error instanceof ProofError) {
      throw new CliError('AUDIT_PROOF_REFUSED', error.message, { cause: error });
    }
    throw error;
  }
}

function provenLines(proven: ProvenReading, isTrusted: boolean): readonly string[] {
  const { interval, total } = proven;
  const start = new Date(slotStartSeconds(interval.slot) * 1000).toISOString();
  return [
    `channel ${proven.channel}, block 0 ${proven.genesisHash}${isTrusted ? ', which you trust' : ''}`,
    `meter ${proven.meterId}, slot ${interval.slot}, which begins at ${start}`,
    ...seriesNames.flatMap((name) => {
      const values = interval[name];
      return values === undefined ? [] : [`${name}: ${values.join(' ')}`];
    }),
    `total: import ${total.importWh} Wh, export ${total.exportWh} Wh`,
    `block ${proven.block}, transaction ${proven.transactionId}, endorsed by ${proven.endorsedBy.join(', ')}`,
    ...(isTrusted ? [] : [`note: compare the hash of block 0 with one that you trust, or pass it with --genesis`]),
    'the proof holds',
  ];
}
