import { parseEnvelopeHeader, type EnvelopeHeader } from '@flexledger/fabric-model';
import { common, orderer } from '@hyperledger/fabric-protos';
import { channelReaders, checkChannelPolicy } from '../endorsement/access';
import { timeWindowMs } from '../endorsement/check-proposal';
import { BlockCursor } from '../ledger/block-cursor';
import type { ChannelLedger } from '../ledger/channel-ledger';

const { Status } = common;
type StatusNumber = common.StatusMap[keyof common.StatusMap];

/** What a deliver stream works with. */
export interface DeliverContext {
  readonly ledgers: ReadonlyMap<string, ChannelLedger>;
  readonly nowMs: () => number;
  readonly dropStream: () => boolean;
}

/** One seek, checked. */
interface Seek {
  readonly ledger: ChannelLedger;
  readonly info: orderer.SeekInfo;
  readonly isAllowed: () => boolean;
}

/** A stream that a fault has cut. */
export class StreamDropped extends Error {
  override readonly name = 'StreamDropped';
}

function positionOf(position: orderer.SeekPosition, ledger: ChannelLedger): number {
  const { TypeCase } = orderer.SeekPosition;
  switch (position.getTypeCase()) {
    case TypeCase.OLDEST:
      return 0;
    case TypeCase.NEWEST:
      return ledger.height - 1;
    case TypeCase.SPECIFIED:
      return position.getSpecified()?.getNumber() ?? 0;
    default:
      return ledger.height;
  }
}

/** The last block to send, or a refusal. */
function stopOf(info: orderer.SeekInfo, start: number, ledger: ChannelLedger): number | undefined {
  const stop = info.getStop();
  if (stop === undefined) return undefined;
  if (stop.hasOldest()) return start;
  if (stop.hasNewest()) return info.getStart()?.hasNewest() === true ? start : ledger.height - 1;
  const number = stop.getSpecified()?.getNumber() ?? 0;
  return number < start ? undefined : number;
}

function hasFreshTimestamp({ timestamp }: EnvelopeHeader, nowMs: number): boolean {
  const sentMs = timestamp.seconds * 1000 + timestamp.nanos / 1_000_000;
  return Math.abs(nowMs - sentMs) <= timeWindowMs;
}

function readSeek(context: DeliverContext, envelope: common.Envelope): Seek | StatusNumber {
  let header: EnvelopeHeader;
  let info: orderer.SeekInfo;
  try {
    header = parseEnvelopeHeader(envelope.serializeBinary());
    info = orderer.SeekInfo.deserializeBinary(header.dataBytes);
  } catch {
    return Status.BAD_REQUEST;
  }
  if (!hasFreshTimestamp(header, context.nowMs())) return Status.BAD_REQUEST;
  const ledger = context.ledgers.get(header.channelId);
  if (ledger === undefined) return Status.NOT_FOUND;
  const signed = { message: header.payloadBytes, identity: header.creator, signature: header.signature };
  const isAllowed = (): boolean => {
    try {
      checkChannelPolicy(ledger, channelReaders, signed);
      return ledger.config.msps.deserialize(header.creator).notAfterSeconds * 1000 >= context.nowMs();
    } catch {
      return false;
    }
  };
  if (!isAllowed()) return Status.FORBIDDEN;
  if (info.getStart() === undefined || info.getStop() === undefined) return Status.BAD_REQUEST;
  return { ledger, info, isAllowed };
}

/**
 * Serves one seek of a deliver stream: sends the blocks one by one and returns the closing status; undefined when the
 * client has gone.
 */
export async function deliverBlocks(
  context: DeliverContext,
  envelope: common.Envelope,
  aborted: AbortSignal,
  send: (block: common.Block) => Promise<void>,
): Promise<StatusNumber | undefined> {
  const seek = readSeek(context, envelope);
  return typeof seek === 'number' ? seek : sendBlocks(context, seek, aborted, send);
}

async function sendBlocks(
  context: DeliverContext,
  { ledger, info, isAllowed }: Seek,
  aborted: AbortSignal,
  send: (block: common.Block) => Promise<void>,
): Promise<StatusNumber | undefined> {
  const start = positionOf(info.getStart() ?? new orderer.SeekPosition(), ledger);
  const stop = stopOf(info, start, ledger);
  if (stop === undefined) return Status.BAD_REQUEST;
  const cursor = new BlockCursor(ledger, start, aborted);
  const failsIfNotReady = info.getBehavior() === orderer.SeekInfo.SeekBehavior.FAIL_IF_NOT_READY;
  for (;;) {
    if (failsIfNotReady && cursor.position > ledger.height - 1) return Status.NOT_FOUND;
    const number = cursor.position;
    const block = await cursor.next();
    if (block === undefined) return undefined;
    if (!isAllowed()) return Status.FORBIDDEN;
    await send(block);
    if (context.dropStream()) throw new StreamDropped('the stream was dropped by a fault');
    if (number === stop) return Status.SUCCESS;
  }
}
