import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  manifest,
  specByFunctionName,
  type ContractName,
  type JsonObject,
  type JsonValue,
  type ResponseAt,
  type SubmitName,
} from '@flexledger/domain';
import {
  connectGateway,
  consortiumOf,
  FailoverPort,
  Ledger,
  LevelOutbox,
  type GatewayPort,
  type LedgerError,
  type Outbox,
  type RetryPolicy,
  type Submitted,
} from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { findOrganization } from '@flexledger/topology';

/** What may be hooked into a party's connections: told after an orderer has taken a transaction, before its status is asked for. */
export interface PartyHooks {
  afterSubmit?: ((peerIndex: number) => Promise<void>) | undefined;
}

/** An organisation's client: the real ledger client with its outbox on the disk, over all of the organisation's peers. */
export interface Party {
  readonly organization: string;
  readonly ledger: Ledger;
  readonly port: FailoverPort;
  readonly outbox: Outbox;
  readonly hooks: PartyHooks;
  /** Why commands had to be endorsed again: error code -> how often. */
  readonly retries: Map<string, number>;
  close(): Promise<void>;
}

/** A name of the organisation and of one of its identities. */
export interface PartyName {
  readonly organization: string;
  readonly identity: string;
}

/** Commands wait as long as it takes: a fault lasts longer than a client that gives up. */
const PATIENT: Partial<RetryPolicy> = { unavailableMs: 900_000, uncertainMs: 900_000, capMs: 1_000 };

/** Opens a client of an organisation; `folder` holds its outbox. */
export async function openParty(
  handle: NetworkHandle,
  { organization, identity }: PartyName,
  folder: string,
  policy: Partial<RetryPolicy> = PATIENT,
): Promise<Party> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const hooks: PartyHooks = {};
  const retries = new Map<string, number>();
  const own = findOrganization(handle.topology, organization).peers;
  const port = new FailoverPort(
    own.map((_, index) => hooked(openPort(handle, { organization, identity }, organization, index), index, hooks)),
  );
  const authority = findOrganization(handle.topology, organization === 'Tso' ? 'Dso' : 'Tso').name;
  const observer = own.length > 1 ? undefined : openPort(handle, { organization, identity }, authority, 0);
  const outbox = await LevelOutbox.open(join(folder, 'outbox'));
  const ledger = new Ledger({
    port,
    secondary: observer ?? port.other,
    outbox,
    consortium: consortiumOf(handle),
    policy,
    onRetry: ({ code }: LedgerError) => retries.set(code, (retries.get(code) ?? 0) + 1),
  });
  const close = async (): Promise<void> => {
    port.close();
    observer?.close();
    await outbox.close();
  };
  return { organization, ledger, port, outbox, hooks, retries, close };
}

/** A connection of one identity to any organisation's peer. */
export function openPort(handle: NetworkHandle, who: PartyName, organization: string, peerIndex: number): GatewayPort {
  return connectGateway({
    endpoint: handle.peerEndpoint(organization, peerIndex),
    identity: handle.identity(who.organization, who.identity),
    channel: handle.channelName,
    chaincode: handle.chaincodeName,
  });
}

/** Submits a request in its JSON form. */
export async function submitPlain<C extends ContractName, N extends SubmitName<C>>(
  { ledger }: Pick<Party, 'ledger'>,
  contract: C,
  transaction: N,
  request: JsonObject,
  more: { readonly confidential?: JsonValue; readonly endorsingOrganizations?: readonly string[] } = {},
): Promise<Submitted<ResponseAt<C, N>>> {
  const spec = specByFunctionName(manifest, `${contract}:${transaction}`);
  const decoded: unknown = spec.request.decode(request, '');
  const transient = more.confidential === undefined ? undefined : spec.transient?.codec.decode(more.confidential, '');
  const options = {
    ...(transient === undefined ? {} : { transient }),
    ...(more.endorsingOrganizations === undefined ? {} : { endorsingOrganizations: more.endorsingOrganizations }),
  };
  // The manifest's codecs have just checked what the types of the generic call cannot express here.
  const submit = ledger.submit.bind(ledger) as unknown as (
    ...values: readonly unknown[]
  ) => Promise<Submitted<ResponseAt<C, N>>>;
  return submit(contract, transaction, decoded, options);
}

function hooked(port: GatewayPort, index: number, hooks: PartyHooks): GatewayPort {
  return {
    mspId: port.mspId,
    channel: port.channel,
    chaincode: port.chaincode,
    evaluate: (call) => port.evaluate(call),
    endorse: (call, endorsers) => port.endorse(call, endorsers),
    submit: async (bytes) => {
      await port.submit(bytes);
      await hooks.afterSubmit?.(index);
    },
    commitStatus: (transactionId, deadlineMs) => port.commitStatus(transactionId, deadlineMs),
    contractEvents: (startBlock) => port.contractEvents(startBlock),
    blocks: (startBlock) => port.blocks(startBlock),
    close: () => port.close(),
  };
}
