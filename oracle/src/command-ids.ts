import {
  commandIdCodec,
  crockford26,
  sha256,
  type AssetId,
  type CoalitionPlanId,
  type CommandId,
  type FlexOrderId,
  type RequestId,
  type SessionId,
} from '@flexledger/domain';

/**
 * The command id of one thing that one organisation's oracle does about a request. It follows from the request, so that
 * a process that starts again sends the same command and never a second one.
 */
export function oracleCommandId(
  mspId: string,
  requestId: RequestId | SessionId | FlexOrderId | AssetId | CoalitionPlanId,
  what: string,
): CommandId {
  const text = `flexledger/oracle/${mspId}/${requestId}/${what}`;
  return commandIdCodec.decode(crockford26(sha256(Buffer.from(text, 'utf8'))), '');
}
