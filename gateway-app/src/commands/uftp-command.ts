import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  addSlots,
  canonicalJson,
  flexOfferIdCodec,
  flexOrderIdCodec,
  flexRequestIdCodec,
  localDaySlots,
  meterIdCodec,
  participantIdCodec,
  slot,
  timeZoneCodec,
  type JsonObject,
  type MeterId,
  type RequestAt,
  type Slot,
  type SubmitName,
} from '@flexledger/domain';
import { Argument, type Command } from 'commander';
import { z } from 'zod';
import { CliError } from '../cli-errors';
import { SigningKey } from '../client/keys';
import type { Ledger } from '../client/ledger';
import { findSpec } from '../client/ledger-types';
import { DEFAULT_DAY_FOLDER } from '../paths';
import { allPages } from '../roles/all-pages';
import { PreparedStore } from '../roles/prepared-store';
import type { StepValue } from '../roles/protocol';
import type { AskedTransaction } from '../uftp/incoming';
import { writeMessage } from '../uftp/messages';
import * as outgoing from '../uftp/outgoing';
import { receiveMessage, signedRequest } from '../uftp/receive';
import { UftpRefusal } from '../uftp/refusal';
import { flexSettlementMessage, settleOrder } from '../uftp/settlement';
import { readSettings, type UftpSettings } from '../uftp/settings';
import { periodSlotOf } from '../uftp/values';
import { addConnectionOptions, withRoleClient, type RoleConnection } from './role-connection';

interface UftpOptions extends RoleConnection {
  readonly settings: string;
  readonly key?: string;
  readonly data: string;
}

interface OutOptions extends UftpOptions {
  readonly to?: string;
  readonly from?: string;
  readonly point?: string;
  readonly date?: string;
  readonly allocated?: string;
}

const STANDARD_INPUT = '-';
const WHAT = ['request', 'offer', 'revocation', 'order', 'prognosis', 'reservation', 'settlement', 'metering'] as const;
type What = (typeof WHAT)[number];

/** Where the signed requests of messages are kept. */
const UFTP_FOLDER = path.join(DEFAULT_DAY_FOLDER, 'uftp');

/** Slots after the last one of the ledger clock for which a signed command is good. */
const SIGNED_SLOTS = 8;

/** `flexledger uftp in|out`: messages of the flex trading protocol into the ledger and out of it (docs/demand-response.md). */
export function addUftpCommand(program: Command, print: (line: string) => void): void {
  const uftp = program.command('uftp').description('exchange messages of the flex trading protocol UFTP as XML');
  addConnectionOptions(uftp.command('in'))
    .description('carry out a message and print the response to it')
    .argument('<file>', `the message as XML; ${STANDARD_INPUT} reads standard input`)
    .requiredOption('--settings <file>', 'domains, congestion points and currency of the market as JSON')
    .option('--key <file>', "the aggregator's private key as PEM, for messages that it signs")
    .option(
      '--data <folder>',
      'keeps what was signed, so that a message that comes twice is sent as it was',
      UFTP_FOLDER,
    )
    .action(async (file: string, options: UftpOptions) => print(await receive(file, options)));
  addConnectionOptions(uftp.command('out'))
    .description('write what stands on the ledger as a message')
    .addArgument(new Argument('<what>', 'which message').choices(WHAT))
    .argument('<id>', 'of the request, offer or order; of a prognosis the aggregator, of a reservation the contract')
    .requiredOption('--settings <file>', 'domains, congestion points and currency of the market as JSON')
    .option('--to <domain>', 'who gets a request or readings')
    .option('--from <domain>', 'who sends readings')
    .option('--point <grid/point>', 'congestion point of a prognosis or reservation')
    .option('--date <date>', 'local day of a prognosis, a reservation or readings')
    .option('--allocated <file>', 'for a settlement: JSON of slot and allocated watts, below zero for export')
    .action(async (what: What, id: string, options: OutOptions) => print(await render(what, id, options)));
}

async function receive(file: string, options: UftpOptions): Promise<string> {
  const settings = readSettings(readFileSync(options.settings, 'utf8'));
  const xml = readFileSync(file === STANDARD_INPUT ? 0 : file, 'utf8');
  const key = options.key === undefined ? undefined : SigningKey.fromPem(readFileSync(options.key, 'utf8'));
  return withRoleClient(options, async ({ ledger }, channel) =>
    receiveMessage(xml, {
      settings,
      timeStamp: now(),
      submit: (asked) => submit(ledger, asked, key, { channel, folder: path.resolve(options.data) }),
      metered: (meterId, periodSlot) => readMetered(ledger, meterId, periodSlot, settings),
      ordersOf: (place) => allPages((page) => ledger.evaluate('flexibility', 'listFlexOrders', { ...place, ...page })),
    }),
  );
}

interface Signing {
  readonly channel: string;
  /** Where signed requests are kept: a signature made again would be another one, and the command another content. */
  readonly folder: string;
}

async function submit(
  ledger: Ledger,
  asked: AskedTransaction,
  key: SigningKey | undefined,
  { channel, folder }: Signing,
): Promise<unknown> {
  const spec = findSpec(asked.contract, asked.transaction);
  let request: JsonObject = asked.request;
  if (asked.signer !== undefined) {
    if (key?.address !== asked.signer) {
      throw new CliError('CLI_USAGE', 'this message is signed by its aggregator: name its key with --key');
    }
    const { clock } = await ledger.evaluate('registry', 'getClock', {});
    const expirySlot = (clock?.lastSlot ?? 0) + SIGNED_SLOTS;
    const signing = { participantId: asked.signer, channel, expirySlot, sign: (bytes: Uint8Array) => key.sign(bytes) };
    request = keptRequest(folder, asked, () => signedRequest(asked, signing));
  }
  const decoded = spec.request.decode(request, '') as RequestAt<'flexibility', SubmitName<'flexibility'>>;
  return ledger.submit('flexibility', asked.transaction as SubmitName<'flexibility'>, decoded);
}

/** The request as it was signed first. @throws UftpRefusal where a message of the same id said something else */
function keptRequest(folder: string, { request }: AskedTransaction, sign: () => JsonObject): JsonObject {
  const kept = new PreparedStore(folder).getOrPrepare(request.commandId, () => sign() as StepValue);
  const { expirySlot: _expiry, participantId: _signer, signature: _signature, ...content } = kept as JsonObject;
  if (canonicalJson(content) !== canonicalJson(request)) {
    throw new UftpRefusal('Duplicate Identifier', 'another message has this id');
  }
  return kept as JsonObject;
}

async function render(what: What, id: string, options: OutOptions): Promise<string> {
  const settings = readSettings(readFileSync(options.settings, 'utf8'));
  const about = { settings, timeStamp: now() };
  return withRoleClient(options, async ({ ledger }) => {
    switch (what) {
      case 'request': {
        const { request } = await ledger.evaluate('flexibility', 'getFlexRequest', {
          requestId: idOf(flexRequestIdCodec, id),
        });
        return writeMessage('FlexRequest', outgoing.flexRequestMessage(known(request), needed(options, 'to'), about));
      }
      case 'offer':
      case 'revocation': {
        const { offer } = await ledger.evaluate('flexibility', 'getFlexOffer', { offerId: idOf(flexOfferIdCodec, id) });
        return what === 'offer'
          ? writeMessage('FlexOffer', outgoing.flexOfferMessage(known(offer), about))
          : writeMessage('FlexOfferRevocation', outgoing.flexOfferRevocationMessage(revoked(known(offer)), about));
      }
      case 'order': {
        const { order } = await ledger.evaluate('flexibility', 'getFlexOrder', { orderId: idOf(flexOrderIdCodec, id) });
        return writeMessage('FlexOrder', outgoing.flexOrderMessage(known(order), about));
      }
      case 'prognosis': {
        const asked = { ...placeOf(options, settings), aggregatorId: idOf(participantIdCodec, id) };
        const { prognosis } = await ledger.evaluate('flexibility', 'getDPrognosis', asked);
        return writeMessage('D-Prognosis', outgoing.dPrognosisMessage(known(prognosis), about));
      }
      case 'reservation': {
        const asked = { ...placeOf(options, settings), contractId: id };
        const { reservation } = await ledger.evaluate('flexibility', 'getReservation', asked);
        return writeMessage('FlexReservationUpdate', outgoing.reservationMessage(known(reservation), about));
      }
      case 'settlement':
        return settlement(ledger, id, options, about);
      case 'metering':
        return readings(ledger, id, options, about);
    }
  });
}

/** The settlement of an order against the D-prognosis that is its baseline, and what the operator allocated to the aggregator. */
async function settlement(ledger: Ledger, id: string, options: OutOptions, about: outgoing.Outgoing): Promise<string> {
  const { order: row } = await ledger.evaluate('flexibility', 'getFlexOrder', { orderId: idOf(flexOrderIdCodec, id) });
  const order = known(row);
  const { aggregatorId, congestionPointId, gridId, periodSlot, prognosisRevision } = order;
  if (prognosisRevision === undefined) throw new CliError('CLI_USAGE', 'the order has no D-prognosis as its baseline');
  const asked = { gridId, congestionPointId, periodSlot, aggregatorId, revision: prognosisRevision };
  const { prognosis } = await ledger.evaluate('flexibility', 'getDPrognosis', asked);
  const allocated = allocationOf(readFileSync(needed(options, 'allocated'), 'utf8'));
  const settled = settleOrder(order, known(prognosis), allocated);
  return writeMessage('FlexSettlement', flexSettlementMessage([settled], aggregatorId, about));
}

const allocationSchema = z.record(z.string().regex(/^\d{1,8}$/), z.union([z.string().regex(/^-?\d{1,18}$/), z.int()]));

function allocationOf(text: string): ReadonlyMap<Slot, bigint> {
  const parsed = allocationSchema.parse(JSON.parse(text));
  return new Map(Object.entries(parsed).map(([at, watts]) => [slot(Number(at)), BigInt(watts)]));
}

async function readings(ledger: Ledger, ean: string, options: OutOptions, about: outgoing.Outgoing): Promise<string> {
  const { settings } = about;
  const meterId = settings.meters.find((meter) => meter.ean === ean)?.meterId;
  if (meterId === undefined) throw new CliError('CLI_USAGE', `the settings name no meter with the EAN ${ean}`);
  const periodSlot = periodSlotOf(needed(options, 'date'), settings.timeZone);
  const metered = await readMetered(ledger, idOf(meterIdCodec, meterId), periodSlot, settings);
  if (metered.length === 0) throw new CliError('CLI_USAGE', 'the ledger has no readings of this meter and day');
  const day = { periodSlot, ean, from: needed(options, 'from'), to: needed(options, 'to'), revision: 1 };
  return writeMessage('Metering', outgoing.meteringMessage(metered, day, about));
}

/** Quarter hours that one query answers; the longest local day has four more. */
const QUERY_SLOTS = 96;

async function readMetered(
  ledger: Ledger,
  meterId: MeterId,
  periodSlot: Slot,
  settings: UftpSettings,
): Promise<readonly outgoing.MeteredSlot[]> {
  const slots = localDaySlots(timeZoneCodec.decode(settings.timeZone, '/timeZone'), periodSlot) ?? QUERY_SLOTS;
  const parts = [0, QUERY_SLOTS].filter((from) => from < slots);
  const answers = await Promise.all(
    parts.map((from) =>
      ledger.evaluate('metering', 'getIntervalTotals', {
        meterIds: [meterId],
        fromSlot: addSlots(periodSlot, from),
        toSlot: slot(periodSlot + Math.min(slots, from + QUERY_SLOTS) - 1),
      }),
    ),
  );
  const totals = answers.flatMap(({ meters }) => meters.flatMap((meter) => meter.totals));
  return totals.filter(({ quality }) => quality !== 'MISSING');
}

function placeOf(options: OutOptions, settings: UftpSettings) {
  const [gridId = '', congestionPointId = ''] = needed(options, 'point').split('/');
  return { gridId, congestionPointId, periodSlot: periodSlotOf(needed(options, 'date'), settings.timeZone) };
}

function needed(options: OutOptions, name: 'to' | 'from' | 'point' | 'date' | 'allocated'): string {
  const value = options[name];
  if (value === undefined) throw new CliError('CLI_USAGE', `this message needs --${name}`);
  return value;
}

function idOf<T>(codec: { decode(value: string, path: string): T }, id: string): T {
  return codec.decode(id, '/id');
}

function known<T>(row: T | null): T {
  if (row === null) throw new CliError('CLI_USAGE', 'the ledger has nothing of this id');
  return row;
}

function revoked<T extends { readonly state: string }>(offer: T): T {
  if (offer.state !== 'REVOKED') throw new CliError('CLI_USAGE', 'the offer is not revoked');
  return offer;
}

function now(): string {
  return new Date().toISOString().replace(/\.\d{3}Z$/, 'Z');
}
