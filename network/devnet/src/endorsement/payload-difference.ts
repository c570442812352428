import { differenceOfReadWriteSets } from '@flexledger/fabric-model';
import { peer } from '@hyperledger/fabric-protos';

function actionOf(payload: Uint8Array): peer.ChaincodeAction {
  const response = peer.ProposalResponsePayload.deserializeBinary(payload);
  return peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8());
}

function describeResponse(response: peer.Response | undefined): string {
  const payload = Buffer.from(response?.getPayload_asU8() ?? []).toString('utf8');
  return `status ${String(response?.getStatus() ?? 0)}, message ${response?.getMessage() ?? ''}, payload ${payload}`;
}

function describeEvent(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'none';
  const event = peer.ChaincodeEvent.deserializeBinary(bytes);
  return `${event.getEventName()} ${Buffer.from(event.getPayload_asU8()).toString('utf8')}`;
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** What two endorsers' results differ in, one line each: keys read and written, event, response. */
export function payloadDifferences(expected: Uint8Array, actual: Uint8Array): readonly string[] {
  const left = actionOf(expected);
  const right = actionOf(actual);
  const lines = [...differenceOfReadWriteSets(left.getResults_asU8(), right.getResults_asU8())];
  if (!isEqual(left.getEvents_asU8(), right.getEvents_asU8())) {
    lines.push(`event: ${describeEvent(left.getEvents_asU8())} | ${describeEvent(right.getEvents_asU8())}`);
  }
  const leftResponse = describeResponse(left.getResponse());
  const rightResponse = describeResponse(right.getResponse());
  if (leftResponse !== rightResponse) lines.push(`response: ${leftResponse} | ${rightResponse}`);
  return lines;
}
