import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  blockBytes,
  blockResults,
  commitmentOf,
  crockford26,
  exampleFounding,
  exampleGrid,
  exampleMeter,
  genesisLink,
  intervalsOf,
  linkOf,
  meterIdentityCodec,
  participantEntryCodec,
  participantIdOf,
  possessionCommand,
  packBlock,
  profilesAnswerCodec,
  requestDigestOf,
  signedCommandBytes,
  slot,
  totalsOf,
  w,
  wh,
  type BlockResult,
  type CommandId,
  type JsonObject,
  type LifeCycleStep,
  type MeterId,
  type ParticipantEntry,
  type ParticipantId,
  type ProfileBlock,
  type Slot,
} from '@flexledger/domain';
import { MemoryLedger, type MemoryCaller } from './memory-ledger';

const curveOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The channel of the tests. */
export const channel = 'community';

/** The organisations of the example founding, each in a role that it holds. */
export const callers = {
  tso: { mspId: 'TsoMSP', role: 'tso' },
  dso: { mspId: 'DsoMSP', role: 'dso' },
  regulator: { mspId: 'RegulatorMSP', role: 'regulator' },
  aggregator: { mspId: 'AggregatorMSP', role: 'aggregator' },
  community: { mspId: 'CommunityMSP', role: 'community' },
  market: { mspId: 'MarketMSP', role: 'market' },
  oracle: { mspId: 'DsoMSP', role: 'oracle' },
} as const satisfies Record<string, MemoryCaller>;

/** An id that is always the same for one label. */
export function idOf<T extends string>(label: string): T {
  return crockford26(createHash('sha256').update(label).digest()) as T;
}

/** The id of a command, by a label. */
export function command(label: string): CommandId {
  return idOf<CommandId>(`command ${label}`);
}

/** A P-256 key pair that signs as the ledger wants it: 64 bytes, low S. */
export class Signer {
  public readonly publicKey: string;
  public readonly participantId: ParticipantId;
  private readonly privateKey: KeyObject;

  public constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = publicKey.export({ format: 'der', type: 'spki' });
    this.privateKey = privateKey;
    this.publicKey = spki.toString('base64url');
    this.participantId = participantIdOf(spki);
  }

  /** A signature in the accepted form. */
  public sign(message: Uint8Array): string {
    const signature = sign('sha256', message, { key: this.privateKey, dsaEncoding: 'ieee-p1363' });
    return mirrored(signature, (s) => s <= curveOrder / 2n).toString('base64url');
  }

  /** The other valid form of a signature, which the ledger refuses. */
  public static highS(signature: string): string {
    return mirrored(Buffer.from(signature, 'base64url'), (s) => s > curveOrder / 2n).toString('base64url');
  }
}

function mirrored(signature: Buffer, accept: (s: bigint) => boolean): Buffer {
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`);
  const other = accept(s) ? s : curveOrder - s;
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(other.toString(16).padStart(64, '0'), 'hex')]);
}

/** A ledger on which the example founding is in force. */
export async function foundedLedger(): Promise<MemoryLedger> {
  const ledger = new MemoryLedger(channel);
  const founding = { commandId: command('founding'), ...exampleFounding };
  const { response } = await ledger.submit(callers.regulator, 'registry:bootstrap', founding);
  const { proposalId = '', proposalDigest = '' } = response;
  for (const [name, caller] of Object.entries({ tso: callers.tso, community: callers.community })) {
    const commandId = command(`founding ${name}`);
    await ledger.submit(caller, 'registry:approve', { commandId, proposalId, proposalDigest });
  }
  return ledger;
}

/** An entry of registerParticipants with its proof of possession. */
export function participantEntry(
  signer: Signer,
  commandId: CommandId,
  changes: JsonObject = {},
  kind: ParticipantEntry['kind'] = 'prosumer',
): JsonObject {
  const entry = {
    publicKey: signer.publicKey,
    kind,
    custodial: false,
    connectionLimitW: w(30_000n),
    signature: '',
  } as const;
  const proof = signer.sign(signedCommandBytes(possessionCommand(entry, channel, commandId)));
  return { ...(participantEntryCodec.encode({ ...entry, signature: proof }) as JsonObject), ...changes };
}

/** Registers participants by the community. */
export async function registerParticipants(ledger: MemoryLedger, signers: readonly Signer[]): Promise<void> {
  const commandId = command(`participants ${signers.map((signer) => signer.participantId).join()}`);
  const participants = signers.map((signer) => participantEntry(signer, commandId));
  await ledger.submit(callers.community, 'registry:registerParticipants', { commandId, participants });
}

/** Registers an aggregator by its own organisation. */
export async function registerAggregator(ledger: MemoryLedger, signer: Signer): Promise<void> {
  const commandId = command(`aggregator ${signer.participantId}`);
  const participants = [participantEntry(signer, commandId, {}, 'aggregator')];
  await ledger.submit(callers.aggregator, 'registry:registerParticipants', { commandId, participants });
}

/** Registers the example grid. */
export async function registerGrid(ledger: MemoryLedger, changes: JsonObject = {}): Promise<void> {
  await ledger.submit(callers.dso, 'registry:registerGrid', { commandId: command('grid'), ...exampleGrid, ...changes });
}

/** The first slot of every meter of the tests. */
export const firstSlot = 1_625_200;

/** An entry of registerMeters. */
export function meterEntry(meterId: MeterId, owner: Signer, key: Signer, changes: JsonObject = {}): JsonObject {
  const { participantId } = owner;
  return { ...exampleMeter, meterId, participantId, publicKey: key.publicKey, firstSlot, ...changes };
}

/** The identities of meters, for the transient map. */
export function identitiesOf(meterIds: readonly MeterId[]): JsonObject[] {
  return meterIds.map((meterId) => {
    const salt = createHash('sha256').update(meterId).digest('base64url');
    return meterIdentityCodec.encode({ meterId, meteringPoint: `DE ${meterId}`, salt }) as JsonObject;
  });
}

/** Registers meters of one owner and puts them into service. */
export async function registerMeters(
  ledger: MemoryLedger,
  owner: Signer,
  agents: readonly MeterAgent[],
): Promise<void> {
  const meters = agents.map((agent) => meterEntry(agent.meterId, owner, agent.key, agent.registration));
  const commandId = command(`meters ${agents.map((agent) => agent.meterId).join()}`);
  const transient = { identities: identitiesOf(agents.map((agent) => agent.meterId)) };
  await ledger.submit(callers.dso, 'registry:registerMeters', { commandId, meters }, { transient });
  await stepMeters(ledger, 'commission', agents);
}

/** Has meters take a step of their lives, by the system operator. */
export async function stepMeters(
  ledger: MemoryLedger,
  step: LifeCycleStep,
  agents: readonly MeterAgent[],
  label = 'first',
): Promise<void> {
  const meterIds = agents.map(({ meterId }) => meterId);
  const commandId = command(`${step} ${label} ${meterIds.join()}`);
  await ledger.submit(callers.dso, `registry:${step}Meters`, { commandId, meterIds, reason: 'Installed' });
}

/** Ticks the clock by the regulator; at most a day at once. */
export async function tick(ledger: MemoryLedger, fromSlot: number, toSlot: number): Promise<void> {
  const request = { commandId: command(`tick ${fromSlot} ${toSlot}`), fromSlot, toSlot };
  await ledger.submit(callers.regulator, 'registry:tick', request);
}

/** The agent of one meter: makes blocks that follow each other. */
export class MeterAgent {
  public key = new Signer();
  public readonly meterId: MeterId;
  private keyVersion = 1;
  private sequence = 0;
  private previousLink = genesisLink;
  private nextSlot = firstSlot;
  private previousStartSlot: Slot | undefined;

  public constructor(
    label: string,
    public readonly registration: JsonObject = {},
  ) {
    this.meterId = idOf<MeterId>(`meter ${label}`);
  }

  /** The next block of quarter-hour values; changes are applied before it is signed. */
  public next(
    importWh: readonly bigint[],
    exportWh: readonly bigint[],
    changes: Partial<ProfileBlock> = {},
  ): ProfileBlock {
    const block = this.peek(importWh, exportWh, changes);
    this.sequence = block.sequence;
    this.previousLink = linkOf(block);
    this.nextSlot = block.startSlot + block.totals.length;
    this.previousStartSlot = block.startSlot;
    return block;
  }

  /** The next block without going on. */
  public peek(
    importWh: readonly bigint[],
    exportWh: readonly bigint[],
    changes: Partial<ProfileBlock> = {},
  ): ProfileBlock {
    const startSlot = changes.startSlot ?? slot(this.nextSlot);
    const resolutionMinutes = changes.resolutionMinutes ?? 15;
    const { reactiveExportVarh, reactiveImportVarh, voltageDecivolt } = changes;
    const measured = {
      startSlot,
      resolutionMinutes,
      importWh: importWh.map(wh),
      exportWh: exportWh.map(wh),
      ...(reactiveImportVarh === undefined ? {} : { reactiveImportVarh }),
      ...(reactiveExportVarh === undefined ? {} : { reactiveExportVarh }),
      ...(voltageDecivolt === undefined ? {} : { voltageDecivolt }),
    };
    const intervals = intervalsOf(measured) ?? [];
    const sequence = changes.sequence ?? this.sequence + 1;
    const salt = createHash('sha256').update(`${this.meterId} ${sequence}`).digest('base64url');
    const block = {
      ...measured,
      meterId: this.meterId,
      keyVersion: this.keyVersion,
      sequence,
      salt,
      commitment: intervals.length === 0 ? genesisLink : commitmentOf(salt, intervals),
      previousLink: this.previousLink,
      ...(this.previousStartSlot === undefined ? {} : { previousStartSlot: this.previousStartSlot }),
      totals: totalsOf(intervals),
      ...changes,
    };
    return { ...block, signature: changes.signature ?? this.key.sign(blockBytes(channel, block)) };
  }

  /** Signs with another key from the next block on. */
  public useKey(key: Signer, keyVersion: number): void {
    this.key = key;
    this.keyVersion = keyVersion;
  }

  /** What asks for a new key, signed by the old one; changes are applied after it is signed. */
  public rotation(key: Signer, commandId: CommandId, changes: JsonObject = {}): JsonObject {
    const request = {
      commandId,
      meterId: this.meterId,
      keyVersion: 2,
      publicKey: key.publicKey,
      firstSequence: this.sequence + 1,
      expirySlot: firstSlot + 90,
    };
    const bytes = signedCommandBytes({
      channel,
      commandId,
      contract: 'registry',
      expirySlot: slot(request.expirySlot),
      requestDigest: requestDigestOf(request),
      transaction: 'rotateMeterKey',
    });
    return { ...request, signature: this.key.sign(bytes), ...changes };
  }

  /** Goes on after a gap. */
  public skipTo(nextSlot: number): void {
    this.nextSlot = nextSlot;
  }
}

/** Blocks as they stand in the transient map of recordProfiles. */
export function profilesOf(blocks: readonly ProfileBlock[]): { readonly profiles: JsonObject } {
  return { profiles: { blocks: blocks.map((block) => packBlock(block)) } };
}

/** Records blocks by the community and answers what became of each. */
export async function record(
  ledger: MemoryLedger,
  label: string,
  blocks: readonly ProfileBlock[],
): Promise<readonly BlockResult[]> {
  const request = { commandId: command(`record ${label}`), count: blocks.length };
  const options = { transient: profilesOf(blocks) };
  const { response } = await ledger.submit(callers.community, 'metering:recordProfiles', request, options);
  return blockResults(blocks.length, profilesAnswerCodec.decode(response, ''));
}
